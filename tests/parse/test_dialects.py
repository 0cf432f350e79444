"""Mock articles in three dialects: as served, in plain boxes, and as plain text."""

from datetime import date

import httpx
import pytest

from newsetl.model import Reject
from newsetl.normalise import article_json
from newsetl.replica import MockArticle, MockServer, MockSite
from tests.support.page_factory import STDAILY, parse_response, render_text, strip_markup

FIELDS = ("title", "section", "agency", "published_at", "authors", "editors", "text", "language")


@pytest.fixture(scope="module")
def served_pages():
    """Yield the base URL and (article, path, page) for every URL of five years of mock articles."""
    site = MockSite(articles=160, since=date(2021, 12, 1), until=date(2026, 10, 31), seed=3)
    with MockServer(site) as server, httpx.Client() as client:
        pages = [
            (mock_article, path, client.get(server.base_url + path).text)
            for mock_article in site.listed_articles
            for path in mock_article.paths
        ]
        yield server.base_url, pages


def build_values(mock_article: MockArticle, path: str, page: str, base_url: str) -> tuple[dict, dict]:
    outcome = parse_response(page, base_url + path, STDAILY.with_base_url(base_url))
    assert not isinstance(outcome, Reject), (path, outcome)
    return article_json.build_article_json(outcome, STDAILY, path), mock_article.build_expected(base_url)


@pytest.mark.parametrize(
    "dialect", [str, strip_markup, render_text], ids=["as served", "in boxes", "as text"]
)
def test_every_mock_article(served_pages, dialect) -> None:
    base_url, pages = served_pages
    for mock_article, path, page in pages:
        if mock_article.reject_reason:
            outcome = parse_response(
                dialect(page) if dialect is str else page, base_url + path, STDAILY.with_base_url(base_url)
            )
            assert isinstance(outcome, Reject)
            assert outcome.reason == mock_article.reject_reason
            continue
        parsed, expected = build_values(mock_article, path, dialect(page), base_url)
        assert {field: parsed[field] for field in FIELDS} == {field: expected[field] for field in FIELDS}, (
            path
        )
        if dialect is not render_text:
            assert parsed["images"] == expected["images"], path
        else:
            # A caption in an attribute is lost with the markup.
            known = [(image["caption"], image["credit"]) for image in expected["images"]]
            assert all((image["caption"], image["credit"]) in known for image in parsed["images"]), path


def test_top_news_are_teasers_and_not_text(served_pages) -> None:
    base_url, pages = served_pages
    with_news = [(mock_article, path, page) for mock_article, path, page in pages if "Top News" in page]
    assert len(with_news) > 20
    for mock_article, path, page in with_news[:40]:
        parsed, _ = build_values(mock_article, path, page, base_url)
        assert parsed["teasers"], path
        for teaser in parsed["teasers"]:
            assert teaser["summary"] is None or teaser["summary"] not in parsed["text"]
            assert teaser["title"] is None or teaser["title"] not in parsed["text"].split("\n\n")
