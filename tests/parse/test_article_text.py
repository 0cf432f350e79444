"""Text of an article without the lines around it: promotions, links, bylines and consent boxes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from newsetl.model import Article
from newsetl.sources.generic import build_generic_source
from tests.support.page_factory import STDAILY, parse_article

LOCK, FLOUR = "<a href='/a'>The old lock is sold</a>", "<a href='/b'>Flour is dearer</a>"
URL = "https://www.mill-lane.example/news/weir"
ONE = "The millers of the lower valley have agreed to open the weir for salmon on six nights in October."
TWO = "Each mill loses about an hour of work a night, and the county pays for it from the licences."
THREE = "The wardens will count the fish at the upper ladder, and print the figures in the spring."
FOUR = "A second ladder is to be built beside the old lock, for which the parish has saved for years."
TEXT = (ONE, TWO, THREE, FOUR)


def parse(*parts: str) -> Article:
    page = (
        '<!doctype html><html lang="en"><head><title>Millers open the weir | Mill Lane News</title>'
        '<meta name="author" content="Nell Hobday">'
        '<meta property="og:site_name" content="Mill Lane News"></head>'
        f"<body><main><article><h1>Millers open the weir</h1>{''.join(parts)}</article></main></body></html>"
    )
    return parse_article(page, URL, build_generic_source(URL))


def wrap(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def get_extra(article: Article) -> list[str]:
    """Return the paragraphs that are not of TEXT; all of TEXT must be there, in order."""
    paragraphs = article.text.split("\n\n")
    assert [text for text in paragraphs if text in TEXT] == list(TEXT)
    return [text for text in paragraphs if text not in TEXT]


PROMOTIONS = {
    "newsletter": "Sign up for our weekly newsletter and never miss a story from the mills.",
    "newsletter 2": "Subscribe to the Mill Lane briefing for more news from the valley.",
    "newsletter in German": "Jetzt den Newsletter abonnieren und nichts verpassen.",
    "member": "Become a member and support our reporting from the valley.",
    "follow": "Follow Mill Lane News on Google News and add us as a preferred source.",
    "follow us": "Follow us on Facebook, Instagram and YouTube.",
    "follow in Spanish": "Síguenos en nuestras redes sociales.",
    "app": "Download our free app to read the news offline.",
}


@pytest.mark.parametrize("name", PROMOTIONS)
@pytest.mark.parametrize("tag", ["em", "strong", "a href='/x'", "b"])
def test_promotions_between_paragraphs(name: str, tag: str) -> None:
    line = f"<p><{tag}>{PROMOTIONS[name]}</{tag.split(maxsplit=1)[0]}></p>"
    article = parse(wrap(ONE, TWO), line, wrap(THREE, FOUR))
    assert get_extra(article) == []
    assert article.found["removed"].endswith(" 1")


@pytest.mark.parametrize("name", PROMOTIONS)
def test_promotions_below_the_text_need_no_markup(name: str) -> None:
    assert get_extra(parse(wrap(*TEXT, PROMOTIONS[name]))) == []


@pytest.mark.parametrize(
    "line",
    [
        "<p>Sign up for our newsletter, a board at the weir asks in red paint.</p>",
        "<p><em>“Follow us on the ladder,” the warden said, and went up first.</em></p>",
        "<p>Subscribe to his view or not, the weir is open now and stays so.</p>",
        "<p>Save the weir, some boards along the lane demand in red paint.</p>",
        "<p>Related to the weir is the lock, which the parish owns as well.</p>",
        "<p><strong>What the parish pays</strong></p>",
        "<p><strong>Update:</strong> <a href='/x'>the parish has voted on it</a></p>",
        "<p>Millers earn more money in a dry year than in a wet one, by half.</p>",
        "<p>By then the second ladder may be ready.</p>",
    ],
)
def test_prose_between_paragraphs_stays(line: str) -> None:
    article = parse(wrap(ONE, TWO), line, wrap(THREE, FOUR))
    assert len(get_extra(article)) == 1
    assert "removed" not in article.found


@pytest.mark.parametrize(
    "line",
    [
        "Salmon first, flour second: the parish has voted.",
        "Millers earn more money in a dry year than in a wet one, and so the parish wonders.",
        "Save the weir, the boards along the lane demand.",
        "Contact with the wardens is all that they ask for in return, the millers said.",
    ],
)
def test_prose_at_both_ends_stays(line: str) -> None:
    assert get_extra(parse(wrap(line, *TEXT))) == [line]
    assert get_extra(parse(wrap(*TEXT, line))) == [line]


@pytest.mark.parametrize(
    "markup",
    [
        "<p><strong>READ MORE: </strong><a href='/a'>The old lock is sold</a></p>",
        "<p>Read also: <a href='/a'>The old lock is sold</a></p>",
        "<p>Related: <b><a href='/a'>The old lock is sold</a></b></p>",
        "<p>Lesen Sie auch: <a href='/a'>Die alte Schleuse ist verkauft</a></p>",
        "<p>À lire aussi : <a href='/a'>La vieille écluse est vendue</a></p>",
        "<p><a href='/a'>Lee también: la vieja esclusa</a></p>",
        f"<h3>You might also like</h3><ul><li>{LOCK}</li><li>{FLOUR}</li></ul>",
        f"<p><b>More from Mill Lane</b></p><p>{LOCK}</p><p>{FLOUR}</p>",
    ],
)
def test_links_to_other_articles(markup: str) -> None:
    for parts in ((wrap(ONE, TWO), markup, wrap(THREE, FOUR)), (wrap(*TEXT), markup)):
        assert get_extra(parse(*parts)) == []


def test_list_of_other_articles_with_summaries() -> None:
    rows = "".join(
        f"<h3><a href='/{n}'>The lock of mill {n} is sold</a></h3><p>The {n} millers were glad.</p>"
        for n in "abc"
    )
    assert get_extra(parse(wrap(*TEXT), "<h2>Related stories</h2>", rows)) == []


def test_sources_of_an_article_stay() -> None:
    markup = "<p>The figures are in <a href='/a'>the report of the wardens</a>, which is long.</p>"
    assert len(get_extra(parse(wrap(ONE, TWO), markup, wrap(THREE, FOUR)))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "By Nell Hobday – Updated March 6, 2026 at 4:28 PM | Fact-checked by Tom Reed",
        "By Nell Hobday",
        "Nell Hobday",
        "Written by Nell Hobday and Bo Quill",
        "6 min read",
        "5 minutes read",
        "Lesezeit: 4 Minuten",
        "March 6, 2026",
        "Last updated: 6 March 2026, 16:28 GMT",
        "Published 2026-03-06 · 3 min",
        "2 days ago",
        "Nell Hobday · 6 Mar 2026 · 12 comments",
        "Share this article",
        "Facebook Twitter WhatsApp",
        "Mill Lane News",
        "Millers open the weir",
    ],
)
def test_head_lines_are_no_lead(line: str) -> None:
    article = parse(wrap(line, *TEXT))
    assert get_extra(article) == []
    assert article.lead == ONE


@pytest.mark.parametrize(
    "line",
    [
        "We earn commissions from some links on this page. See our editorial policy.",
        "We may receive a commission if you buy through our links.",
        "This post contains affiliate links.",
        "As an Amazon Associate I earn from qualifying purchases, for which we may earn a commission.",
        "Disclosure: Mill Lane News may get compensation from partners for some links.",
        "When you buy through our links, we may earn a commission.",
    ],
)
def test_affiliate_disclosures(line: str) -> None:
    for parts in ((line, *TEXT), (*TEXT, line)):
        article = parse(wrap(*parts))
        assert (get_extra(article), article.found["removed"]) == ([], "disclosure 1")


@pytest.mark.parametrize(
    ("items", "numbers"),
    [
        ("<ol><li>Open it.</li><li>Close it.</li></ol>", ("1. ", "2. ")),
        ('<ol start="4"><li>Open it.</li><li>Close it.</li></ol>', ("4. ", "5. ")),
        ("<ol reversed><li>Open it.</li><li>Close it.</li></ol>", ("2. ", "1. ")),
        ('<ol type="a"><li>Open it.</li><li value="3">Close it.</li></ol>', ("a. ", "c. ")),
        ('<ol type="I"><li>Open it.</li><li>Close it.</li></ol>', ("I. ", "II. ")),
        ("<ol><li><p>Open it.</p></li><li><b>Close</b> it.</li></ol>", ("1. ", "2. ")),
        ("<ol><li>1. Open it.</li><li>2) Close it.</li></ol>", ("1. ", "2) ")),
        ('<ol style="list-style: none"><li>Open it.</li><li>Close it.</li></ol>', ("- ", "- ")),
        ("<ul><li>Open it.</li><li>Close it.</li></ul>", ("- ", "- ")),
    ],
)
def test_numbers_of_a_list(items: str, numbers: tuple[str, str]) -> None:
    article = parse(wrap(ONE, TWO), items, wrap(THREE, FOUR))
    expected = [number + text for number, text in zip(numbers, ("Open it.", "Close it."), strict=True)]
    assert [text.removeprefix("- ") for text in get_extra(article)] == [
        text.removeprefix("- ") for text in expected
    ]


COOKIES = (
    "<p>We use cookies and similar means to learn how you use our pages and to show you what fits."
    " By clicking Accept you agree to this and to our privacy policy.</p><p>Change your choice below.</p>"
)


def test_text_in_an_aside_beside_a_consent_box() -> None:
    page = (
        "<html lang='en'><head><title>The weir</title></head><body><h1>Millers open the weir</h1>"
        f"<aside class='col'>{wrap(*TEXT)}</aside><div class='cookie-banner'>{COOKIES * 3}</div></body>"
    )
    assert get_extra(parse_article(page, URL, build_generic_source(URL))) == []


def test_a_recipe_for_cookies_is_text() -> None:
    article = parse(f"<div class='cookie-box'>{wrap(*TEXT)}</div>")
    assert get_extra(article) == []


def test_layout_table() -> None:
    page = (
        "<html><head><title>Millers open the weir</title></head><body><table><tr>"
        "<td class='sidebar'><a href='/'>Home</a></td><td><h1>Millers open the weir</h1><p>By Nell Hobday</p>"
        f"<p>March 6, 2026</p>{wrap(*TEXT)}</td></tr></table></body></html>"
    )
    article = parse_article(page, URL, build_generic_source(URL))
    assert get_extra(article) == []
    table = "<table><tr><th>Mill</th><th>Nights</th></tr><tr><td>Upper</td><td>6</td></tr></table>"
    assert any("Upper | 6" in text for text in get_extra(parse(wrap(ONE, TWO), table, wrap(THREE, FOUR))))


def test_text_spread_over_several_boxes() -> None:
    boxes = "".join(
        f"<section class='block{n}'><div><h2>Mill number {n}</h2><p>{ONE.replace('six', str(n))}</p>"
        f"<p>{TWO.replace('an hour', f'{n} hours')}</p></div></section>"
        f"<div class='related'><p>{THREE.replace('upper', str(n))}</p></div>"
        for n in range(7, 15)
    )
    text = parse(boxes).text
    assert all(f"on {n} nights" in text and f"about {n} hours" in text for n in range(7, 15))
    assert "upper" not in text


def test_second_copy_of_the_text_is_removed_and_a_refrain_stays() -> None:
    refrain = "“No comment,” the miller said."
    article = parse(wrap(ONE, refrain, TWO, refrain, THREE, FOUR))
    assert get_extra(article) == [refrain, refrain]
    copy = f"<div class='print-version'>{wrap(*TEXT)}</div>"
    assert get_extra(parse(f"<div>{wrap(*TEXT)}</div>{copy}")) == []


def test_patterns_of_the_source_hold_for_a_text_found_by_the_generic_parser() -> None:
    source = replace(STDAILY, parse=replace(STDAILY.parse, keys=frozenset()))
    page = (
        "<html><head><title>Millers open the weir</title></head><body><h1>Millers open the weir</h1>"
        f"<time datetime='2026-03-04'>4 March 2026</time>{wrap(ONE, TWO, 'Views: 318', THREE, FOUR)}</body>"
    )
    article = parse_article(page, "https://www.stdaily.com/web/English/2026-03/04/content_1.html", source)
    assert get_extra(article) == []
    assert article.found["removed"] == "pattern 1"
