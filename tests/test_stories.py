"""Page in, article out: each story was read once by a person."""

import json
from pathlib import Path

import pytest
from pages import STDAILY, read

from newsetl import show

STORIES = Path(__file__).parent / "stories"
PAGES = sorted(path for path in STORIES.iterdir() if path.suffix in (".html", ".txt"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_story(page: Path) -> None:
    want = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    url = want.pop("asked_url") or ""
    assert show.record(read(page.read_bytes(), url), STDAILY, page.name) == want
