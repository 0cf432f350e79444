"""README and docs: length, links, opening sentences and names of today. tests/system runs their commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from newsetl.runtime import old_names
from tests.support import ROOT

README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGES = [README, ROOT / "CONTRIBUTING.md", *DOCS]
LINK = re.compile(r"\]\((?!https?:)([^)#]+)[^)]*\)")


def test_the_readme_is_short_and_links_every_page() -> None:
    text = README.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 200
    assert {f"docs/{page.name}" for page in DOCS} <= set(LINK.findall(text))


@pytest.mark.parametrize("page", DOCS, ids=lambda page: page.stem)
def test_a_page_begins_with_what_its_reader_can_do(page: Path) -> None:
    assert re.match(r"# .+\n\nAfter this page you can ", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_to_files(page: Path) -> None:
    missing = [
        link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()
    ]
    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_old_names_do_not_appear(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    commands = [f"newsetl {' '.join(words)}" for words in old_names.COMMANDS]
    names = [*old_names.OPTIONS, *old_names.VARIABLES, *commands]
    assert not [name for name in names if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)]
