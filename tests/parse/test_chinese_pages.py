"""Chinese pages of the CMS: the end of the metadata line, names in traditional characters, and words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsetl.model import MatchReason
from newsetl.normalise.bylines import build_credits, resolve_agency
from newsetl.normalise.people import match_people
from newsetl.text.whitespace import count_words
from tests.support.page_factory import STDAILY, parse_article

FIRST = "渡口的灯昨夜亮到天明。"
SECOND = "船工们说，新船省油一半，来年春天还要再添两条，票价不变。"
META = "<div class='time1'>2026-03-04 08:00:00 <span>来源: 科技日报</span> {}</div>"


def build_page(label: str, *, marker: str = "enpcontent", first: str = FIRST) -> str:
    opening, closing = (f"<!--{marker}-->", f"<!--/{marker}-->") if marker else ("", "")
    return (
        "<html><head><title>渡口添了夜船</title></head><body>"
        "<p>所在位置：<a href='/'>首页</a> &gt; 滚动 &gt; 正文</p><h1>渡口添了夜船</h1>"
        f"{META.format(label)}<div class='content'>{opening}<p>{first}</p><p>{SECOND}</p>{closing}"
        "</div><div>责任编辑：林安</div></body></html>"
    )


@pytest.mark.parametrize("marker", ["enpcontent", ""])
@pytest.mark.parametrize(
    "label",
    [
        "点击数：<span class='clickCount'></span>",
        "点击：",
        "阅读量: ",
        "Views:",
        "评论：<i></i>",
        "作者：",
        "点击数：<span>318</span>",
        "",
    ],
)
def test_label_without_a_value_ends_the_metadata_line(label: str, marker: str) -> None:
    article = parse_article(build_page(label, marker=marker))
    assert (article.text, article.editors, article.authors) == (f"{FIRST}\n\n{SECOND}", ("林安",), ())


def test_value_in_the_marked_text_is_none() -> None:
    """A short first paragraph without a full stop is no author either, where a marker begins the text."""
    article = parse_article(build_page("作者：", first="亮到天明的灯"))
    assert (article.text, article.authors) == (f"亮到天明的灯\n\n{SECOND}", ())


def test_metadata_pattern_ends_where_the_content_begins() -> None:
    parse = replace(STDAILY.parse, metadata_patterns=STDAILY.parse.metadata_patterns)
    article = parse_article(build_page("作者：李禾"), source=replace(STDAILY, parse=parse))
    assert (article.text, article.authors) == (f"{FIRST}\n\n{SECOND}", ("李禾",))


def test_value_on_a_line_of_its_own() -> None:
    meta = "<p>来源：</p><p>科技日报</p><p>2026-03-04 08:00:00</p><p>作者：</p><p>李禾</p>"
    article = parse_article(build_page("").replace(META.format(""), meta))
    assert (article.agency, article.authors) == ("Science and Technology Daily", ("李禾",))


def test_traditional_and_simplified_are_one_agency() -> None:
    assert (
        resolve_agency("科技日報", STDAILY)
        == resolve_agency("科技日报", STDAILY)
        == "Science and Technology Daily"
    )
    assert resolve_agency("新華社", STDAILY) == "新华社"
    assert resolve_agency("Ta Kung Pao 大公報", STDAILY) == "Ta Kung Pao 大公報"
    assert resolve_agency("Xinhua", STDAILY) == "Xinhua"
    article = parse_article(build_page("").replace("科技日报", "科技日報"))
    assert article.agency == "Science and Technology Daily"


def test_traditional_and_simplified_are_one_organisation() -> None:
    (credit,) = build_credits("author", ("科技日報",), STDAILY)
    assert (credit.name, credit.kind) == ("Science and Technology Daily", "organisation")
    source = replace(STDAILY, agencies={}, publication_names=("新华社",))
    credits = build_credits("author", ("新華社、新华社",), source)
    assert [(credit.name, credit.kind) for credit in credits] == [
        ("新華社", "organisation"),
        ("新华社", "organisation"),
    ]
    matched = match_people([(credit.name, credit.kind) for credit in credits], source)
    assert [person.name for person in matched.people] == ["新华社"]
    reasons = {match.name: match.reason for match in matched.matches}
    assert reasons == {"新華社": MatchReason.TRADITIONAL, "新华社": MatchReason.SPELLING}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two words — here", 4),
        ("渡口添了夜船。", 6),
        ("渡口 添了\n\n夜船", 6),
        ("CO2 排放减少5%", 6),
        ("港の船", 3),
        ("", 0),
        ("LI He (李禾) said so", 6),
        ("항구의 배", 2),
    ],
)
def test_chinese_characters_are_words(text: str, words: int) -> None:
    assert count_words(text) == words
