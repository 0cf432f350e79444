"""Fixtures: a saved page with its expected article, checked by hand. Other sources have subdirectories."""

import json
from pathlib import Path

import pytest

from newsetl import sources
from newsetl.normalise import article_json
from newsetl.sources import urls
from tests.support.page_factory import parse_response

FIXTURES = Path(__file__).parent / "stories"
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


def test_url_of_every_fixture_matches_a_url_form_and_its_date() -> None:
    for page in PAGES:
        source, expected = (
            sources.load(_get_slug(page)),
            json.loads(page.with_suffix(".json").read_text(encoding="utf-8")),
        )
        if page.parent == FIXTURES or not expected["asked_url"]:
            continue
        assert urls.is_article(source, expected["asked_url"]), page
        if days := urls.get_days(source, expected["asked_url"]):
            assert str(days[0]) <= expected["published_at"][:10] <= str(days[1]), page


# Fields that no saved page of the source has.
UNDECLARED = {
    "cgtn": {"author", "editor"},
    "chinadaily": {"editor"},
    "globaltimes": {"editor"},
    "gmw": {"date", "author"},
    "scio": {"author", "editor"},
    "xinhua": {"author"},
}


def test_core_fields_are_declared() -> None:
    """Check that all fields in the fixtures are declared, so that no fallback hides a dead selector."""
    core = {"title", "date", "author", "editor", "paragraphs"}
    for slug in sources.list_all():
        assert core - sources.load(slug).parse.declared_fields == UNDECLARED.get(slug, set()), slug


def test_every_source_has_at_least_two_fixtures() -> None:
    slugs = [_get_slug(page) for page in PAGES]
    assert {slug: slugs.count(slug) for slug in sources.list_all() if slugs.count(slug) < 2} == {}
