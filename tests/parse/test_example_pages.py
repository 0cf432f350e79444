"""Parsing of test fixtures: pages with right values, in one directory per source apart from stdaily."""

import json
from pathlib import Path

import pytest

from newsetl import sources
from newsetl.normalise import article_json
from newsetl.sources import urls
from tests.support.page_factory import parse_response

FIXTURES = Path(__file__).parents[1] / "stories"
PAGES = sorted(path for path in FIXTURES.rglob("*") if path.suffix in (".html", ".txt"))


def _get_slug(page: Path) -> str:
    return "stdaily" if page.parent == FIXTURES else page.parent.name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{_get_slug(page)}-{page.name}")
def test_fixture(page: Path) -> None:
    expected = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    url, source = expected.pop("asked_url") or "", sources.load(_get_slug(page))
    assert (
        article_json.build_article_json(parse_response(page.read_bytes(), url, source), source, page.name)
        == expected
    )


def test_the_url_of_every_fixture_has_a_form_and_the_right_day() -> None:
    for page in PAGES:
        source = sources.load(_get_slug(page))
        expected = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
        if page.parent == FIXTURES or not expected["asked_url"]:
            continue
        assert urls.is_article(source, expected["asked_url"]), page
        if days := urls.get_days(source, expected["asked_url"]):
            assert str(days[0]) <= expected["published_at"][:10] <= str(days[1]), page


# Fields that no stored copy of a page of the source has.
UNKNOWN = {
    "cgtn": {"author", "editor"},
    "chinadaily": {"editor"},
    "globaltimes": {"editor"},
    "gmw": {"date", "author"},
    "scio": {"author", "editor"},
    "xinhua": {"author"},
}


def test_source_files_declare_the_fields_of_their_fixtures() -> None:
    """Check the declared fields: generic extraction would hide a label or selector that fails."""
    core = {"title", "date", "author", "editor", "paragraphs"}
    for slug in sources.list_all():
        assert core - sources.load(slug).parse.declared_fields == UNKNOWN.get(slug, set()), slug


def test_every_source_has_two_fixtures_or_more() -> None:
    slugs = [_get_slug(page) for page in PAGES]
    assert {slug: slugs.count(slug) for slug in sources.list_all() if slugs.count(slug) < 2} == {}
