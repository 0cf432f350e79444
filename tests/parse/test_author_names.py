"""Authors of any page: names as printed, and which of several authors the page's own ones are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from newsetl.model import Article
from newsetl.normalise.bylines import split_names
from newsetl.parse.generic.names import clean_stated_names, extract_names
from newsetl.pipeline import parse_page
from newsetl.sources.generic import build_generic_source
from tests.support.page_factory import STDAILY, build_capture

URL = "https://news.example/harbour/lantern-walk"
HEAD = "Lantern Walk Returns to the Old Quay"
PROSE = "".join(
    f"<p>{part}</p>"
    for part in (
        "The lantern walk returns to the old quay in May, after two years in which the sea wall was mended.",
        "Forty families will carry paper lanterns from the fish market to the tower and back along the mole.",
        "The mayor asked everybody to leave cars at the station and to walk the last mile on foot.",
    )
)


def build_page(line: str = "", author: Any = None, *, after: str = "", lang: str = "en") -> str:
    record = {"@type": "NewsArticle", "headline": HEAD, "author": author}
    script = f'<script type="application/ld+json">{json.dumps(record)}</script>' if author else ""
    return (
        f'<html lang="{lang}"><head><title>{HEAD} | Quay Gazette</title>'
        f'<meta property="og:site_name" content="Quay Gazette">{script}</head>'
        f'<body><nav><a href="/world">World Affairs</a></nav><main><article><h1>{HEAD}</h1>{line}{PROSE}'
        f"</article>{after}</main></body></html>"
    )


def parse_authors(html: str) -> list[str]:
    article = parse_page.parse_page(build_capture(html, URL), build_generic_source(URL))
    assert isinstance(article, Article)
    return list(article.authors)


BYLINES = [
    # Names that hold an ordinary word, and the names after them.
    ("By Will Ostrander", ["Will Ostrander"]),
    ("By Will Page", ["Will Page"]),
    ("By Greta Last and Hugo Day", ["Greta Last", "Hugo Day"]),
    ("By Sunday Adeyo, Ines Read & Karl Guide", ["Sunday Adeyo", "Ines Read", "Karl Guide"]),
    ("By Rosa Friday | 3 May 2026", ["Rosa Friday"]),
    ("By Mary Ann Best", ["Mary Ann Best"]),
    ("By You Lanxin", ["You Lanxin"]),
    ("By Our Correspondent and Ines Moller", ["Ines Moller"]),
    # The line ends where the names end.
    ("By Ines Moller Last updated 4 March 2026", ["Ines Moller"]),
    ("By Ines Moller on March 4, 2026", ["Ines Moller"]),
    ("By Ines Moller Wednesday, 4 March 2026", ["Ines Moller"]),
    ("By Ines Moller ines@quay.example", ["Ines Moller"]),
    ("By Ines Moller and photos by Karl Brandt", ["Ines Moller"]),
    ("By Ines Moller, who walks there with Anna Bell", ["Ines Moller"]),
    # Capitals.
    ("BY INES MOLLER AND TILDA KRANZLER", ["INES MOLLER", "TILDA KRANZLER"]),
    ("By LI XU, WANG WEI and HE YAN", ["LI XU", "WANG WEI", "HE YAN"]),
    ("By INES MOLLER, MD", ["INES MOLLER"]),
    ("By INES MOLLER Staff Writer", ["INES MOLLER"]),
    # Places, agencies, roles.
    ("By Ines Moller in Oslo", ["Ines Moller"]),
    ("By Ines Moller in Oslo, Norway", ["Ines Moller"]),
    ("By Ines Moller in New York and Karl Brandt in Washington, D.C.", ["Ines Moller", "Karl Brandt"]),
    ("By Ines Moller and AFP", ["Ines Moller", "AFP"]),
    ("By Ines Moller, AP", ["Ines Moller", "AP"]),
    ("By Ines Moller, Senior Editor, and Karl Brandt, Reporter", ["Ines Moller", "Karl Brandt"]),
    ("By Ines Moller, Co-Founder & COO", ["Ines Moller"]),
    # Suffixes, nicknames, small prefixes.
    ("By Karl Brandt, Jr. and Ines Moller", ["Karl Brandt Jr.", "Ines Moller"]),
    ("By Karl Brandt III", ["Karl Brandt III"]),
    ("By Ines (Inka) Moller", ["Ines (Inka) Moller"]),
    ("By Maeve O’Shea and Luc d’Aubry", ["Maeve O’Shea", "Luc d’Aubry"]),
    # No names.
    ("By Our Correspondent", []),
    ("Read more", []),
    ("Follow Ines", []),
]


@pytest.mark.parametrize(("line", "names"), BYLINES, ids=[line for line, _ in BYLINES])
def test_names_of_a_byline(line: str, names: list[str]) -> None:
    assert extract_names(line, is_labelled=True) == names


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("Greta Last", ["Greta Last"]),
        ("Friday Adeyo", ["Friday Adeyo"]),
        ("Karl Click", ["Karl Click"]),
        ("Ines Minute and Hugo Follow", ["Ines Minute", "Hugo Follow"]),
        ("INES MOLLER, TILDA KRANZLER", ["INES MOLLER", "TILDA KRANZLER"]),
        ("Ines Moller Follow", ["Ines Moller"]),
        ("View all posts by Ines", []),
        ("Maeve O&#39;Shea", ["Maeve O'Shea"]),
        ("5 minutes", []),
        ("Email Ines", []),
    ],
)
def test_names_of_an_author_field(value: str, names: list[str]) -> None:
    assert clean_stated_names((value,)) == names


def test_names_in_lower_case_need_markup() -> None:
    assert parse_authors(build_page('<p class="byline">by ines moller and karl brandt</p>')) == [
        "ines moller",
        "karl brandt",
    ]
    assert extract_names("by ines moller") == []
    assert extract_names("by using our site", is_marked=True) == []


def test_labels_in_other_languages() -> None:
    for line, authors in (
        ("Von Ines Moller und Karl Brandt", ["Ines Moller", "Karl Brandt"]),
        ("Par Maeve Aubry", ["Maeve Aubry"]),
        ("Por Juana Ruiz y Luis Paz", ["Juana Ruiz", "Luis Paz"]),
    ):
        assert parse_authors(build_page(f'<p class="byline">{line}</p>')) == authors
    # A surname that begins with such a word.
    assert extract_names("Von Miller", is_labelled=True, is_marked=True) == ["Von Miller"]


def test_place_after_the_name_in_a_declared_source() -> None:
    printed = "LI Ming in Beijing and TAO Jin in New York, Institute of Optics in China"
    assert [name for name, _ in split_names(printed, STDAILY)][:2] == ["LI Ming", "TAO Jin"]
    assert split_names("Made in China", STDAILY)[0][0] == "Made in China"


CARD = (
    '<span class="writer"><a href="/staff/{0}">{1}</a></span><div class="pop"><button>close</button>'
    '<span class="writer">{1}</span><span>Harbour reporter</span><a href="mailto:{0}@quay.example">Email</a>'
    '<a href="/staff/{0}">Bio</a><button>Follow</button></div>'
)


def test_cards_within_the_byline() -> None:
    cards = ", ".join(CARD.format(*author) for author in (("ines", "Ines Moller"), ("karl", "Karl Brandt")))
    assert parse_authors(build_page(f'<div class="writers">By {cards}</div>')) == [
        "Ines Moller",
        "Karl Brandt",
    ]
    reviewed = (
        'By <a href="/staff/ines">Ines Moller</a> <i>Reviewed by</i> <a href="/staff/karl">Karl Brandt</a>'
    )
    assert parse_authors(build_page(f'<div class="byline">{reviewed}</div>')) == ["Ines Moller"]


OTHER = '<{0}>Storm Takes the Pier at Westerly Point</{0}><p class="byline">By Piet Vance</p>' + PROSE


@pytest.mark.parametrize(
    "box",
    ["<article>{}</article>", '<div class="piece">{}</div>', '<section class="next-story">{}</section>'],
)
@pytest.mark.parametrize("heading", ["h1", "h2"])
@pytest.mark.parametrize("line", ["", '<p class="byline">By Ines Moller</p>'])
def test_next_article_on_the_page_keeps_its_author(box: str, heading: str, line: str) -> None:
    html = build_page(line, after=box.format(OTHER.format(heading)))
    assert parse_authors(html) == (["Ines Moller"] if line else [])


@pytest.mark.parametrize(
    "author",
    [
        [[{"@type": "Person", "name": "Ines Moller"}]],
        {"@type": "Person", "name": {"@type": "Person", "name": "Ines Moller"}},
        {"@type": "Person", "author": {"@type": "Person", "name": "Ines Moller"}},
        {"@type": "ItemList", "itemListElement": [{"@type": "Person", "name": "Ines Moller"}]},
    ],
)
def test_author_nested_twice(author: Any) -> None:
    assert parse_authors(build_page(author=author)) == ["Ines Moller"]


@pytest.mark.parametrize(
    "stated", ["Quay Gazette", "Quay Gazette Staff", "imoller", "Joan Webb", "Ines Moller and Quay Gazette"]
)
def test_shown_author_replaces_the_house_and_the_login(stated: str) -> None:
    line = '<p class="byline">By <a rel="author" href="/author/ines">Ines Moller</a></p>'
    authors = parse_authors(build_page(line, {"@type": "Person", "name": stated}))
    assert authors[0] == "Ines Moller"
    assert "Joan Webb" not in authors


def test_stated_author_remains_without_a_certain_byline() -> None:
    below = '<div class="author-box">Ines Moller</div>'
    assert parse_authors(build_page(after=below, author="Karl Brandt")) == ["Karl Brandt"]


BARE = [
    ("<div><p>Ines Moller</p><p>5 March 2026</p></div>", ["Ines Moller"]),
    ("<p>Ines Moller | Harbour desk | 5 March 2026</p>", ["Ines Moller"]),
    ("<div><span>5 March 2026</span> <span>Ines Moller</span></div>", ["Ines Moller"]),
    ("<div>Ines Moller<br>5 March 2026</div>", ["Ines Moller"]),
    ("<div><b>Ines Moller and Karl Brandt</b> <i>5 March 2026</i></div>", ["Ines Moller", "Karl Brandt"]),
    # Sections, places, the house and links are no authors.
    ("<div><span>World Affairs</span> <span>5 March 2026</span></div>", []),
    ("<div><span>Real Estate</span> <span>5 March 2026</span></div>", []),
    ("<div><span>New Haven</span> <span>5 March 2026</span></div>", []),
    ("<div><span>Quay Gazette</span> <span>5 March 2026</span></div>", []),
    ('<div><a href="/topic/ines-moller">Ines Moller</a> <span>5 March 2026</span></div>', []),
]


@pytest.mark.parametrize(("line", "authors"), BARE)
def test_bare_name_beside_the_date(line: str, authors: list[str]) -> None:
    assert parse_authors(build_page(line)) == authors
    assert parse_authors(build_page(line, {"@type": "Organization", "name": "Quay Gazette"})) == (
        authors or ["Quay Gazette"]
    )
