"""The forms that docs/add-a-source.md shows are read as it says."""

import re

from newsetl import sources
from newsetl.normalise import article_json
from tests.support import ROOT
from tests.support.page_factory import parse_article

PAGE = ROOT / "docs" / "add-a-source.md"


def test_the_forms_that_the_page_shows_are_read() -> None:
    text, gmw = PAGE.read_text(encoding="utf-8"), sources.load("gmw")
    forms = "\n".join(re.findall(r"`((?:metadata|date)_patterns = \[.*\])`", text))
    declaration = re.sub(r"\[parse\]\n.*", lambda _: f"[read]\n{forms}\n", gmw.declaration, flags=re.DOTALL)
    source = sources.parse_toml(declaration, file="docs/add-a-source.md")
    assert len(source.parse.metadata_patterns) == len(source.parse.date_patterns) == 1
    # Months by name are a default, which the date of its own takes the place of.
    line = "By Li Na | The Paper | Updated: 25.9.2026, 23:28"
    page = f"<html><body><h1>A Title</h1><p>{line}</p><p>{'A sentence of ours. ' * 5}</p></body></html>"
    url = "https://en.gmw.cn/2026-09/25/content_1.htm"
    got = article_json.build_article_json(parse_article(page, url, source), source, url)
    assert (got["published_at"], got["authors"], got["agency"]) == (
        "2026-09-25T23:28:00+08:00",
        ["Li Na"],
        "The Paper",
    )
