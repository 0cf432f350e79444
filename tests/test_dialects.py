"""The replica's stories in three dialects: as served, in boxes without meaning, and as saved text."""

from datetime import date

import httpx
import pytest

from newsetl.model import Reject
from newsetl.normalise import article_json
from newsetl.replica import MockArticle, MockServer, MockSite
from tests.support.page_factory import STDAILY, as_text, in_boxes, read

FIELDS = ("title", "section", "agency", "published_at", "authors", "editors", "text", "language")


@pytest.fixture(scope="module")
def served():
    """Every story of five years with the page of each of its addresses."""
    channel = MockSite(articles=160, since=date(2021, 12, 1), until=date(2026, 10, 31), seed=3)
    with MockServer(channel) as replica, httpx.Client() as client:
        pages = [
            (story, path, client.get(replica.base_url + path).text)
            for story in channel.listed_articles
            for path in story.paths
        ]
        yield replica.base_url, pages


def values(story: MockArticle, path: str, page: str, base: str) -> tuple[dict, dict]:
    outcome = read(page, base + path, STDAILY.with_base_url(base))
    assert not isinstance(outcome, Reject), (path, outcome)
    return article_json.build_article_json(outcome, STDAILY, path), story.build_expected(base)


@pytest.mark.parametrize("dialect", [str, in_boxes, as_text], ids=["as served", "in boxes", "as text"])
def test_every_story(served, dialect) -> None:
    base, pages = served
    for story, path, page in pages:
        if story.rejected:
            outcome = read(
                dialect(page) if dialect is str else page, base + path, STDAILY.with_base_url(base)
            )
            assert isinstance(outcome, Reject)
            assert outcome.reason == story.rejected
            continue
        got, want = values(story, path, dialect(page), base)
        assert {field: got[field] for field in FIELDS} == {field: want[field] for field in FIELDS}, path
        if dialect is not as_text:
            assert got["images"] == want["images"], path
        else:
            # A caption in an attribute is lost with the markup.
            known = [(image["caption"], image["credit"]) for image in want["images"]]
            assert all((image["caption"], image["credit"]) in known for image in got["images"]), path


def test_top_news_are_teasers_and_never_text(served) -> None:
    base, pages = served
    with_news = [(story, path, page) for story, path, page in pages if "Top News" in page]
    assert len(with_news) > 20
    for story, path, page in with_news[:40]:
        got, _ = values(story, path, page, base)
        assert got["teasers"], path
        for teaser in got["teasers"]:
            assert teaser["summary"] is None or teaser["summary"] not in got["text"]
            assert teaser["title"] is None or teaser["title"] not in got["text"].split("\n\n")
