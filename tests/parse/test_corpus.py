"""Real pages, where the corpus is at hand; they are others' articles and stay out of here."""

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from newsetl import sources
from newsetl.normalise import article_json
from tests.support import ROOT
from tests.support.page_factory import STDAILY, parse_article, parse_response

CORPUS = Path(os.environ.get("NEWSETL_CORPUS", ROOT / "shared" / "corpus"))
FOUNDER = CORPUS / "founder"

pytestmark = pytest.mark.skipif(
    not FOUNDER.is_dir(), reason=f"no corpus at {CORPUS}; NEWSETL_CORPUS names its folder"
)

# What a person reads on them: the day, the agency, the editors, words of the title, paragraphs at least.
PAGES = {
    "dahe_feature": ("2022-02-12", None, [], "指挥棒", 30),
    "guangming_explorer": ("2017-03-10T09:58:03+08:00", "网易科学人", ["肖春芳"], "宇航员", 25),
    "taiyuan_evening_news": ("2021-11-25T16:26:07+08:00", "太原晚报", [], "安宁疗护有温度", 12),
    "tibet_daily_epaper": ("2022-02-13", None, [], "改善农牧区人居环境", 4),
}


@pytest.mark.parametrize("name", PAGES)
def test_founder_page(name: str) -> None:
    page = FOUNDER / f"{name}.html"
    got = article_json.build_article_json(parse_response(page.read_bytes()), STDAILY, page.name)
    published_at, agency, editors, words, paragraphs = PAGES[name]
    assert (got["published_at"], got["agency"], got["editors"]) == (published_at, agency, editors)
    assert words in got["title"]
    assert len(got["text"].split("\n\n")) >= paragraphs
    assert got["language"] == "zh"


# The outlets of bylines.json that have a file, by the host in the address.
OUTLETS = {
    "stdaily.com": "stdaily",
    "chinadaily.com.cn": "chinadaily",
    "en.people.cn": "peoplesdaily",
    "en.gmw.cn": "gmw",
    "globaltimes.cn": "globaltimes",
}
PROSE = "<p>A sentence of ours stands here, and it is long enough to be a paragraph of an article.</p>" * 2


@pytest.mark.skipif(not (CORPUS / "bylines.json").exists(), reason=f"no bylines.json in {CORPUS}")
def test_every_byline_of_an_outlet_that_has_a_file_is_read() -> None:
    tried = 0
    for case in json.loads((CORPUS / "bylines.json").read_text(encoding="utf-8"))["cases"]:
        url = case["url"].partition(" ")[0]
        url = f"https://www.chinadaily.com.cn{url}" if url.startswith("/china/") else url
        slug = next((slug for host, slug in OUTLETS.items() if host in url), None)
        if slug is None or "subsites" in url or "list page" in case["outlet"]:
            continue
        tried += 1
        lines = [case.get("breadcrumb", ""), "<h1>A Headline of Ours</h1>", *case["text"].split("\n")]
        tail = case.get("tail", "").split("\n")[0]
        blocks = "".join(f"<div>{line}</div>" for line in lines if line)
        page = f"<html><title>A Headline of Ours</title><body>{blocks}{PROSE}<div>{tail}</div></body></html>"
        if slug == "gmw":
            page = page.replace(PROSE, f'<div id="ArticleContent">{PROSE}</div>')
        source, want = sources.load(slug), case["want"]
        got = article_json.build_article_json(parse_article(page, url, source), source, url)
        stamp = datetime.fromisoformat(want["published"])
        assert datetime.fromisoformat(got["published_at"]) == stamp, case
        assert [name.casefold() for name in got["authors"]] == [
            name.casefold() for name in want.get("authors", got["authors"])
        ], case
        assert "; ".join(got["editors"]) == want.get("editor", ""), case
        assert got["agency"] == want.get("source", got["agency"]), case
    assert tried == 10
