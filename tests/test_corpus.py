"""Real pages of the same CMS, where the corpus is at hand; they are others' articles and stay out of here."""

import os
from pathlib import Path

import pytest
from pages import STDAILY, read

from newsetl import show

CORPUS = Path(os.environ.get("NEWSETL_CORPUS", Path(__file__).parents[2] / "shared" / "corpus"))
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
    got = show.record(read(page.read_bytes()), STDAILY, page.name)
    published_at, agency, editors, words, paragraphs = PAGES[name]
    assert (got["published_at"], got["agency"], got["editors"]) == (published_at, agency, editors)
    assert words in got["title"]
    assert len(got["text"].split("\n\n")) >= paragraphs
    assert got["language"] == "zh"
