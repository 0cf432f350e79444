"""Page in, article out: each story was read once by a person. Another source's stories are in its folder."""

import json
from pathlib import Path

import pytest

from newsetl import sources
from newsetl.normalise import article_json
from newsetl.sources import urls
from tests.support.page_factory import read

STORIES = Path(__file__).parent / "stories"
PAGES = sorted(path for path in STORIES.rglob("*") if path.suffix in (".html", ".txt"))


def _slug(page: Path) -> str:
    return "stdaily" if page.parent == STORIES else page.parent.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{_slug(page)}-{page.name}")
def test_story(page: Path) -> None:
    want = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    url, source = want.pop("asked_url") or "", sources.load(_slug(page))
    assert article_json.build_article_json(read(page.read_bytes(), url, source), source, page.name) == want


def test_every_storys_address_fits_a_form_and_has_its_day() -> None:
    for page in PAGES:
        source, told = (
            sources.load(_slug(page)),
            json.loads(page.with_suffix(".json").read_text(encoding="utf-8")),
        )
        if page.parent == STORIES or not told["asked_url"]:
            continue
        assert urls.is_article(source, told["asked_url"]), page
        if days := urls.get_days(source, told["asked_url"]):
            assert str(days[0]) <= told["published_at"][:10] <= str(days[1]), page


# What no stored copy of the channel shows, in whatever form.
UNKNOWN = {
    "cgtn": {"author", "editor"},
    "chinadaily": {"editor"},
    "globaltimes": {"editor"},
    "gmw": {"date", "author"},
    "scio": {"author", "editor"},
    "xinhua": {"author"},
}


def test_no_other_reader_may_fill_what_a_file_declares() -> None:
    """So that a dead form or selector shows, all that the stories have is declared."""
    core = {"title", "date", "author", "editor", "paragraphs"}
    for slug in sources.list_all():
        assert core - sources.load(slug).read.declared_fields == UNKNOWN.get(slug, set()), slug


def test_every_source_has_two_stories_or_more() -> None:
    told = [_slug(page) for page in PAGES]
    assert {slug: told.count(slug) for slug in sources.list_all() if told.count(slug) < 2} == {}
