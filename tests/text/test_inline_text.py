"""Titles and captions over inline tags, and texts that the site escaped twice."""

from __future__ import annotations

import json

import lxml.html
import pytest

from newsetl.model import Article
from newsetl.parse.generic.visible_text import get_visible_text, strip_tags
from newsetl.sources.generic import build_generic_source
from newsetl.text.whitespace import unescape_entities
from tests.support.page_factory import HEAD, META, TEXT, parse_article

STATED = "Millers open the weir at night"
URL = "https://www.mill-lane.example/news/weir"
BODY = (
    "<p>The millers of the lower valley have agreed to open the weir for salmon on six nights in October.</p>"
    "<p>Each mill loses about an hour of work a night, and the county pays for it from the licences.</p>"
)


def parse(h1: str = "", *, title: str = "", head: str = "", body: str = BODY) -> Article:
    heading = f"<h1>{h1}</h1>" if h1 else ""
    return parse_article(
        f"<!doctype html><html lang='en'><head><title>{title or 'Mill Lane News'}</title>{head}</head>"
        f"<body><article>{heading}{body}</article></body></html>",
        URL,
        build_generic_source(URL),
    )


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Who owns <em>The Weir</em>?", "Who owns The Weir?"),
        ("“<i>Weir</i>”, a play, opens", "“Weir”, a play, opens"),
        ("The <b>re</b>opened mill (<em>old</em>)", "The reopened mill (old)"),
        ("Un<wbr>mis<wbr>takable salmon", "Unmistakable salmon"),
        ("Salmon count in the CO<sub>2</sub>-poor weir", "Salmon count in the CO2-poor weir"),
        ("Mill&shy;ers open the weir", "Millers open the weir"),
        ('<span class="drop">T</span>he weir is open', "The weir is open"),
        ("Millers open<br>the weir", "Millers open the weir"),
        ("Millers<br/>open <span>the weir</span>", "Millers open the weir"),
        ("<div>Millers open</div><div>the weir</div>", "Millers open the weir"),
        ("<span>Opinion</span><span>The weir must open</span>", "Opinion The weir must open"),
        (
            'Millers open<script>x()</script> the <span style="display:none">old</span>weir',
            "Millers open the weir",
        ),
        ("Millers<!-- x --> open<svg><title>icon</title></svg> the weir", "Millers open the weir"),
    ],
)
def test_no_blank_at_inline_tags(markup: str, text: str) -> None:
    assert get_visible_text(lxml.html.fragment_fromstring(f"<h1>{markup}</h1>")) == text
    if "Opinion" not in text:
        assert parse(markup, title=f"{text} | Mill Lane News").title == text
    if "<div>" not in markup:
        figure = f'<figure><img src="/w.jpg"><figcaption>{markup}</figcaption></figure>'
        assert parse("The weir", body=figure + BODY).images[0].caption == text


def test_no_blank_at_inline_tags_in_a_declared_source() -> None:
    page = f"<html><body>{HEAD}{META}{TEXT}</body></html>"
    article = parse_article(page.replace("Ice on the Wires", "Ice on <em>the</em> Wi<wbr>res&shy;?"))
    assert article.title == "Ice on the Wires?"


@pytest.mark.parametrize(
    "escaped", ["The millers&amp;#8217; weir", "The millers&amp;rsquo; weir", "The millers&#8217; weir"]
)
def test_a_title_escaped_twice(escaped: str) -> None:
    right = "The millers’ weir"
    assert parse(head=f'<meta property="og:title" content="{escaped}">').title == right
    assert parse(title=escaped).title == right
    record = {
        "@type": "NewsArticle",
        "headline": escaped,
        "author": {"@type": "Person", "name": "Nell O&amp;#039;Shea"},
    }
    script = f'<script type="application/ld+json">{json.dumps(record)}</script>'
    article = parse(head=script)
    assert (article.title, article.authors) == (right, ("Nell O'Shea",))


def test_tags_in_a_stated_title() -> None:
    assert (
        parse(head='<meta property="og:title" content="&lt;em&gt;Weir&lt;/em&gt;s are open">').title
        == "Weirs are open"
    )
    assert strip_tags("3 < 4 and <b>un</b>bold<br/>text<P>more") == "3 < 4 and unbold text more"


def test_text_that_only_looks_escaped_stays() -> None:
    for text in ("AT&T; and Co", "Q&A;", "a & b", "R&D", "&#x110000000;"):
        assert "&" in unescape_entities(text)


@pytest.mark.parametrize(
    ("h1", "stated", "is_stated_better"),
    [
        # The section or a counter within the <h1> is no part of the headline.
        (f"Politics | {STATED}", STATED, True),
        (f"{STATED} (millpost) 87", STATED, True),
        # The <h1> is a summary.
        (" ".join(["The millers have agreed to open the weir on six nights"] * 4), STATED, True),
        # The stated titles are shortened or longer forms.
        (f"{STATED} for salmon", STATED, False),
        (STATED, f"{STATED} – A Trade Paper", False),
        # The words of the <h1> are others, and it is the only one.
        ("Why six nights without flour are worth it", "Millers open the weir", False),
    ],
)
def test_h1_against_the_stated_title(h1: str, stated: str, *, is_stated_better: bool) -> None:
    head = f'<meta property="og:title" content="{stated}">'
    assert parse(h1, title=stated, head=head).title == (stated if is_stated_better else h1)


def test_h1_within_the_text_is_no_headline() -> None:
    article = parse(
        "The weir and the millers",
        title="The weir and the millers of the valley | Mill Lane News",
        body=BODY * 3 + "<h1>The weir and the millers of the valley</h1>" + BODY,
    )
    assert article.title == "The weir and the millers"
