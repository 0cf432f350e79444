"""Generic parser: fields that no source declares, and implausible values."""

from __future__ import annotations

import json
import random
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from newsetl import sources
from newsetl.model import Article, Reject
from newsetl.normalise import article_json
from newsetl.parse.generic.date import find_url_date
from newsetl.parse.generic.names import clean_stated_names, extract_names
from newsetl.pipeline import parse_page
from newsetl.reasons import Reason
from newsetl.sources import config
from newsetl.sources.generic import build_generic_source
from newsetl.text.dates import parse_date
from newsetl.text.language import detect_language
from tests.support.commands import newsetl
from tests.support.page_factory import STDAILY, build_capture, parse_response

URL = "https://news.example/harbour/2026/ferry-timetable"
HEAD = "Ferry Timetable Grows by a Night Boat"
TEXT = (
    "The harbour office added a night boat to the winter timetable after islanders asked for one.",
    "It leaves the north pier at eleven and carries two dozen bicycles, which go aboard first.",
    "The captain said that the crossing takes forty minutes in calm water and an hour in a swell.",
)
PROSE = "".join(f"<p>{part}</p>" for part in TEXT)


def build_scripts(*documents: Any) -> str:
    return "".join(
        f'<script type="application/ld+json">{json.dumps(document)}</script>' for document in documents
    )


def build_news(**values: Any) -> dict[str, Any]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": HEAD, "url": URL} | values


def build_page(head: str = "", line: str = "", *, h1: str = HEAD, text: str = PROSE, lang: str = "en") -> str:
    return (
        f'<html lang="{lang}"><head><title>{HEAD} - The Quay</title>{head}</head><body>'
        f'<nav><a href="/">Home</a></nav><main><article><h1>{h1}</h1>{line}{text}</article></main>'
        "<footer>The Quay</footer></body></html>"
    )


def parse_to_json(html: str, url: str = URL) -> dict[str, Any]:
    """Return the article as `newsetl parse --json` prints it."""
    source = build_generic_source(url)
    return article_json.build_article_json(
        parse_page.parse_page(build_capture(html, url), source), source, "page.html"
    )


def test_page_with_complete_jsonld() -> None:
    head = '<link rel="canonical" href="https://news.example/canonical">' + build_scripts(
        build_news(
            author=[{"@type": "Person", "name": "Ilse Marten"}, {"@type": "Person", "name": "Dr. Bo Okafor"}],
            editor={"@type": "Person", "name": "Rhea Quill"},
            publisher={"@type": "Organization", "name": "The Quay"},
            datePublished="2026-03-04T23:30:00-05:00",
            dateModified="2026-03-06T10:00:00Z",
            articleSection=["Harbour", "Boats"],
            image={
                "@type": "ImageObject",
                "url": "https://news.example/boat.jpg",
                "caption": "The night boat.",
            },
        )
    )
    assert parse_to_json(build_page(head)) == {
        "path": "page.html",
        "url": URL,
        "title": HEAD,
        "section": "Harbour",
        "agency": None,
        "published_at": "2026-03-04T23:30:00-05:00",
        "authors": ["Ilse Marten", "Bo Okafor"],
        "editors": ["Rhea Quill"],
        "text": "\n\n".join(TEXT),
        "images": [{"url": "https://news.example/boat.jpg", "caption": "The night boat.", "credit": None}],
        "teasers": [],
        "language": "en",
        "found": {
            "authors": "json-ld",
            "editors": "json-ld",
            "images": "json-ld",
            "published_at": "json-ld datePublished",
            "section": "json-ld",
            "text": "trafilatura",
            "title": "h1",
            "url": "address",
        },
    }


GRAPH = {
    "@graph": [
        {"@type": "WebPage", "@id": f"{URL}#page", "url": URL, "datePublished": "2026-03-04"},
        {
            "@type": "Article",
            "isPartOf": {"@id": f"{URL}#page"},
            "author": {"@id": "#ilse"},
            "headline": HEAD,
        },
        {"@type": ["Person"], "@id": "#ilse", "name": "Ilse Marten"},
    ]
}
OTHER_ARTICLE = build_news(
    headline="Lock Gates to Close for a Week",
    url="https://news.example/locks",
    author={"name": "Wen Abara"},
    datePublished="2025-01-01",
)
THIS_ARTICLE = build_news(author={"name": "Ilse Marten"}, datePublished="2026-03-04")


@pytest.mark.parametrize(
    "head",
    [
        build_scripts(GRAPH),
        build_scripts([OTHER_ARTICLE, THIS_ARTICLE]),
        build_scripts(THIS_ARTICLE, OTHER_ARTICLE),
        build_scripts(OTHER_ARTICLE, THIS_ARTICLE | {"url": None}),
        build_scripts(OTHER_ARTICLE | {"url": None}, THIS_ARTICLE | {"url": None}),
        build_scripts({"@type": "ItemList", "itemListElement": [{"item": OTHER_ARTICLE}]}, THIS_ARTICLE),
        build_scripts({"a": {"b": [[{"c": THIS_ARTICLE}]]}}),
        f'<script type="application/ld+json">//<![CDATA[\n{json.dumps(THIS_ARTICLE)}\n//]]></script>',
        f'<script type="application/ld+json">{json.dumps(OTHER_ARTICLE)}{json.dumps(THIS_ARTICLE)}</script>',
        f'<script type="application/ld+json">{json.dumps(THIS_ARTICLE)[:-1]},}}</script>',
        f'<script type="application/ld+json">{json.dumps(THIS_ARTICLE)[:-1]}, "articleBody": "cut o</script>',
        f'<script type="application/ld+json">{json.dumps(THIS_ARTICLE).replace(chr(34), "&quot;")}</script>',
        '<script type="application/ld+json">' + "[" * 50_000 + "</script>" + build_scripts(THIS_ARTICLE),
    ],
)
def test_jsonld_variants_give_the_same_article(head: str) -> None:
    parsed = parse_to_json(build_page(head))
    assert (parsed["authors"], parsed["published_at"]) == (["Ilse Marten"], "2026-03-04")
    assert parsed["found"]["published_at"] == "json-ld datePublished"


def test_jsonld_of_other_pages_is_ignored() -> None:
    teasers = [
        OTHER_ARTICLE,
        OTHER_ARTICLE | {"headline": "Chandler Sells Up", "url": "https://news.example/chandler"},
    ]
    parsed = parse_to_json(build_page(build_scripts(*teasers)))
    assert (parsed["title"], parsed["authors"], parsed["published_at"]) == (HEAD, [], None)


@pytest.mark.parametrize(
    "author",
    ["https://news.example/people/7", "Staff Writer", "5 minutes ago", "Email the author", "admin", "jmarten",
     "Community Editor", "", None, 7, [[]], {"@type": "Person"}, {"@id": "#nobody"}, {"name": {"name": []}}],
)  # fmt: skip
def test_byline_replaces_invalid_authors(author: Any) -> None:
    head = build_scripts(build_news(author=author, datePublished="2026-03-04"))
    assert parse_to_json(build_page(head))["authors"] == []
    parsed = parse_to_json(
        build_page(head, '<p class="byline">By <a href="/people/7">Ilse Marten</a> and Bo Okafor</p>')
    )
    assert (parsed["authors"], parsed["found"]["authors"]) == (["Ilse Marten", "Bo Okafor"], "byline")


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("<div>By Ilse Marten | Harbour Desk | Updated: 2026-03-04 09:42</div>", ["Ilse Marten"]),
        ('<a rel="author" href="/author/ilse">Ilse Marten</a>', ["Ilse Marten"]),
        ('<b itemprop="author" itemscope><i itemprop="name">Ilse Marten</i></b>', ["Ilse Marten"]),
        ('<span>By</span> <a href="/author/ilse">Ilse Marten</a>, <a href="/author/bo">Bo Okafor</a>',
         ["Ilse Marten", "Bo Okafor"]),
        ('<p><a class="author-name">Ilse Marten</a></p><p><a class="author-name">Bo Okafor</a></p>',
         ["Ilse Marten", "Bo Okafor"]),
        ('<div class="author">Share this story</div><p>By Ilse Marten, Senior Editor</p>', ["Ilse Marten"]),
        ('<aside class="sidebar"><p>By Wen Abara</p></aside>', []),
        ('<section class="comments"><span class="author">Wen Abara</span></section>', []),
        ("<p>By the time it sailed, the crew had gone.</p>", []),
        ("<p>By 2030 the pier will be longer.</p>", []),
    ],
)  # fmt: skip
def test_bylines(line: str, authors: list[str]) -> None:
    assert parse_to_json(build_page("", line))["authors"] == authors


def test_meta_tag_with_the_whole_staff_is_ignored() -> None:
    staff = ", ".join(
        f"{first} {last}" for first in ("Ilse", "Bo", "Wen") for last in ("Marten", "Abara", "Quill")
    )
    head = f'<meta name="author" content="{staff}">'
    assert parse_to_json(build_page(head))["authors"] == []
    assert parse_to_json(build_page(head, "<p>By Bo Quill</p>"))["authors"] == ["Bo Quill"]


def test_organisation_is_no_person() -> None:
    head = build_scripts(
        build_news(author={"@type": "Organization", "name": "Tidewater Survey"}, datePublished="2026-03-04")
    )
    outcome = parse_page.parse_page(build_capture(build_page(head), URL), build_generic_source(URL))
    assert isinstance(outcome, Article)
    assert [(credit.name, credit.kind) for credit in outcome.credits] == [
        ("Tidewater Survey", "organisation")
    ]
    assert parse_to_json(build_page(head, "<p>By Ilse Marten</p>"))["authors"] == ["Ilse Marten"]
    outcome = parse_page.parse_page(
        build_capture(build_page("", "<p>By Harbour Editorial Team</p>"), URL), build_generic_source(URL)
    )
    assert isinstance(outcome, Article)
    assert [(credit.name, credit.kind) for credit in outcome.credits] == [
        ("Harbour Editorial Team", "organisation")
    ]


def test_editors_and_agency_credits() -> None:
    parsed = parse_to_json(
        build_page("", "<p>By Ilse Marten</p>", text=f"{PROSE}<p>(Web editor: Rhea Quill, Bo Okafor)</p>")
    )
    assert (parsed["authors"], parsed["editors"]) == (["Ilse Marten"], ["Rhea Quill", "Bo Okafor"])
    closing = "<p>(Reporting by Ilse Marten in Oslo and Bo Okafor; Editing by Rhea Quill)</p>"
    parsed = parse_to_json(build_page(text=PROSE + closing))
    assert (parsed["authors"], parsed["editors"]) == (["Ilse Marten", "Bo Okafor"], ["Rhea Quill"])
    assert parsed["found"]["authors"] == parsed["found"]["editors"] == "last line"


META = '<meta property="article:published_time" content="{}">'
OLD = build_scripts(build_news(datePublished="2025-01-04"))


@pytest.mark.parametrize(
    ("head", "line", "published_at", "found"),
    [
        (META.format("2026-03-04T08:15:00+01:00"), "", "2026-03-04T08:15:00+01:00",
         "meta article:published_time"),
        (META.format("2026-03-04 08:15"), "", "2026-03-04T08:15:00", "meta article:published_time"),
        (META.format("2026-03-04"), '<time datetime="2026-03-04T08:15:00Z">today</time>',
         "2026-03-04T08:15:00+00:00", "time"),
        ("", '<span itemprop="datePublished" content="2026-03-04">x</span>', "2026-03-04", "microdata"),
        ("", "<div>Published: Mar 4, 2026 8:15 PM ET</div>", "2026-03-04T20:15:00-05:00", "date line"),
        ("", "<div>20:15, March 04, 2026</div>", "2026-03-04T20:15:00", "date line"),
        ("", "<div>Updated 6 March 2026; published 4 March 2026</div>", "2026-03-04", "date line"),
        ("", "<div>Last updated: 6 March 2026</div>", "2026-03-06", "date line of a change"),
        ("", '<div class="date">4 March</div>', None, None),
        ("", '<div class="comment"><time>2025-01-01</time><time>2025-02-01</time></div>', None, None),
        (META.format("2027-03-04"), "<div>4 March 2026</div>", "2026-03-04", "date line"),
        (META.format("2027-03-04"), "", None, None),
        (META.format("yesterday"), "", None, None),
        (META.format("2026-02-31"), "", None, None),
        ('<meta name="date" content="03/04/2026">', "", "2026-03-04", "meta date"),
        (build_scripts(build_news(datePublished="2026-03-20T08:00:00Z")), "<div>4 March 2026</div>",
         "2026-03-04", "date line"),
        (build_scripts(build_news(dateModified="2026-03-20")), "", None, None),
        (OLD, "<div>Updated March 20, 2026</div>", "2026-03-20",
         "date line of a change (json-ld: 2025-01-04)"),
        (OLD, "<div>March 20, 2026</div>", "2026-03-20", "date line (json-ld: 2025-01-04)"),
        (OLD, "<div>First published 4 January 2025</div><div>Updated 20 March 2026</div>", "2025-01-04",
         "json-ld datePublished"),
        (OLD + META.format("2025-01-04"), "<div>Updated 20 March 2026</div>", "2025-01-04",
         "json-ld datePublished"),
        (build_scripts(build_news(datePublished="2026-03-04")), "<div>Updated 20 March 2026</div>",
         "2026-03-04", "json-ld datePublished"),
        (OLD, "<div>x</div>" * 60 + "<div>March 20, 2026</div>", "2025-01-04", "json-ld datePublished"),
        (META.format("2026-03-05T02:11:03Z"), '<time datetime="2026-03-04T21:11:03-05:00">4 March</time>',
         "2026-03-04T21:11:03-05:00", "time"),
        (META.format("2026-03-05T02:11:03Z"), '<time datetime="2026-03-04T22:40:00-05:00">4 March</time>',
         "2026-03-05T02:11:03+00:00", "meta article:published_time"),
        ("", "<div>November 2003</div>", "2003-11", "date line"),
        ("", "<div>Issued in November 2003 by us</div>", None, None),
        ("", "<div>x</div>" * 60 + "<div>November 2003</div>", None, None),
    ],
)  # fmt: skip
def test_dates(head: str, line: str, published_at: str | None, found: str | None) -> None:
    parsed = parse_to_json(build_page(head, line))
    assert (parsed["published_at"], parsed["found"].get("published_at")) == (published_at, found)


@pytest.mark.parametrize(
    ("url", "date"),
    [
        ("https://a.example/2015/01/08/boats", "2015-01-08"),
        ("https://a.example/n3/2021/1001/c90000-1.html", "2021-10-01"),
        ("https://a.example/a/202505/29/WS68.html", "2025-05-29"),
        ("https://a.example/2021/may/3/boats", "2021-05-03"),
        ("https://a.example/page/202103/1219898.shtml", "2021-03"),
        ("https://a.example/best-boats-2025", ""),
        ("https://a.example/90883/8414221.html", ""),
        ("https://a.example/boats?day=2021/05/03", ""),
    ],
)
def test_date_in_the_url_is_the_last_choice(url: str, date: str) -> None:
    assert find_url_date(url) == date
    assert parse_to_json(build_page(), url)["published_at"] == (date or None)
    assert parse_to_json(build_page(META.format("2026-03-04")), url)["published_at"] == "2026-03-04"


@pytest.mark.parametrize(
    ("raw", "iso", "precision"),
    [
        ("Tue, 05 Nov 2019 10:00:00 GMT", "2019-11-05T10:00:00+00:00", "second"),
        ("2024.08.26 12:56 GMT+8", "2024-08-26T04:56:00+00:00", "minute"),
        ("16:14, May 27, 2024", "2024-05-27T08:14:00+00:00", "minute"),
        ("Mar 31, 2021 12:50 AM", "2021-03-30T16:50:00+00:00", "minute"),
        ("Nov. 5, 2024 3:04 p.m. EST", "2024-11-05T20:04:00+00:00", "minute"),
        ("3rd of March 2021", "2021-03-02T16:00:00+00:00", "day"),
        ("20210503T101010Z", "2021-05-03T10:10:10+00:00", "second"),
        ("1614849600000", "2021-03-04T09:20:00+00:00", "second"),
        ("2021-03", "2021-02-28T16:00:00+00:00", "month"),
        ("2021-11-25T16:26:07.123-0400", "2021-11-25T20:26:07+00:00", "second"),
    ],
)
def test_printed_dates(raw: str, iso: str, precision: str) -> None:
    stamp = parse_date(raw, STDAILY.timezone)
    assert (stamp.at.isoformat(), stamp.precision) == (iso, precision)


@pytest.mark.parametrize(
    ("title", "og", "h1", "expected"),
    [
        (f"{HEAD} | The Quay", "", ["The Quay", HEAD, "More boats"], HEAD),
        (f"{HEAD} | The Quay", HEAD, ["Our Blog"], HEAD),
        (f"{HEAD} - The Quay", f"{HEAD} - The Quay", [], HEAD),
        ("The Quay: " + HEAD, HEAD, ["The Quay"], HEAD),
        ("Night boat - what to know", "", [HEAD], HEAD),
        ("Boats - A Short History", "", ["Boats - A Short History"], "Boats - A Short History"),
    ],
)
def test_headlines(title: str, og: str, h1: list[str], expected: str) -> None:
    headings = "".join(f"<h1>{text}</h1>" for text in h1)
    site = '<meta property="og:site_name" content="The Quay">'
    html = (
        f'<html><head><title>{title}</title>{site}<meta property="og:title" content="{og}"></head>'
        f"<body>{headings}{PROSE}</body></html>"
    )
    assert parse_to_json(html)["title"] == expected


def test_names() -> None:
    assert clean_stated_names(["By Ilse Marten, MD, Senior Editor and Bo Okafor | The Quay"]) == [
        "Ilse Marten",
        "Bo Okafor",
    ]
    assert clean_stated_names(["www.news.example/ilse", "ilse@news.example", "Unknown"]) == []
    assert extract_names("Words by: Ludwig van der Meer, Ana de Sá and J. R. Abara") == [
        "Ludwig van der Meer",
        "Ana de Sá",
        "J. R. Abara",
    ]
    assert extract_names("Read more stories") == extract_names("Marten") == extract_names("12 min read") == []


def test_javascript_shell_is_rejected_unless_jsonld_has_the_text() -> None:
    shell = "<html><head><title>The Quay</title></head><body><div></div><script>1</script></body></html>"
    outcome = parse_page.parse_page(build_capture(shell, URL), build_generic_source(URL))
    assert isinstance(outcome, Reject)
    assert outcome.reason is Reason.NO_TEXT
    assert "JavaScript" in outcome.message
    script = build_scripts(build_news(articleBody="\n".join(TEXT), datePublished="2026-03-04"))
    assert parse_to_json(shell.replace("</head>", f"{script}</head>"))["text"] == "\n\n".join(TEXT)


def test_language_of_the_text() -> None:
    german = (
        "<p>Das Hafenamt hat nach den Wünschen der Inselbewohner ein Nachtboot in den Fahrplan aufgenommen,"
        " das um elf Uhr von der nördlichen Mole ablegt und auch zwei Dutzend Fahrräder mit sich nimmt.</p>"
    )
    parsed = parse_to_json(build_page(text=german))
    assert (parsed["language"], parsed["found"]["language"]) == ("de", "words of the text")
    assert (
        parse_to_json(
            build_page(
                text="<p>Boats, piers, crews, bicycles, winter, timetables and again.</p>", lang="fr-FR"
            )
        )["language"]
        == "fr"
    )
    declared = parse_response(
        f"<html><body><h1>{HEAD}</h1><div>Source: Xinhua | 2026-03-04 08:00:00 | Author: Li Na</div>{german}"
        "<div>Editor: Li Na</div></body></html>"
    )
    assert isinstance(declared, Article)
    assert declared.language == "de"


def test_order_of_words_does_not_change_the_language() -> None:
    """Detect Polish in any order of words; twelve in a hundred are Polish, which is just enough."""
    words = ["i", "i", "od", "po", "na", "z", "do", "z", "się", "to", "z", "w"] + ["xx"] * 88
    rng = random.Random(4)
    assert {detect_language(" ".join(rng.sample(words, len(words)))) for _ in range(50)} == {"pl"}


def test_plain_text() -> None:
    parsed = parse_to_json("\n\n".join([HEAD, "By Ilse Marten", "4 March 2026", *TEXT]), "")
    assert (parsed["title"], parsed["authors"], parsed["published_at"]) == (
        HEAD,
        ["Ilse Marten"],
        "2026-03-04",
    )
    assert parsed["text"].endswith("\n\n".join(TEXT))


def build_source(read_table: str) -> config.Source:
    """Return the source stdaily with another [parse] table."""
    text = (resources.files("newsetl.sources") / "stdaily.toml").read_text(encoding="utf-8")
    return sources.parse_toml(text[: text.index("[parse]")] + read_table, file="test.toml")


STATED_ARTICLE = build_scripts(
    build_news(
        author={"name": "Wen Abara"}, editor={"name": "Rhea Quill"}, datePublished="2026-03-01T08:00:00Z"
    )
)


def test_declared_field_has_no_fallback() -> None:
    body = f"<div>Source: Xinhua | 2026-03-04 08:00:00 | Author:</div>{PROSE}"
    outcome = parse_response(build_page(STATED_ARTICLE, body, text=""))
    assert isinstance(outcome, Article)
    assert (outcome.authors, outcome.editors) == ((), ())
    assert outcome.published_at is not None
    assert outcome.published_at.isoformat() == "2026-03-04T00:00:00+00:00"
    # There is no fallback either if other fields are generic.
    source = build_source('[parse]\nsource_labels = ["Source"]\nauthor_labels = ["Author"]\n')
    partial = parse_response(build_page(STATED_ARTICLE, body, text=""), source=source)
    assert isinstance(partial, Article)
    assert (partial.authors, partial.editors) == ((), ("Rhea Quill",))
    # The page's JSON-LD does not hide a label that is missing.
    rejected = parse_response(build_page(STATED_ARTICLE, PROSE, text=""))
    assert isinstance(rejected, Reject)
    assert rejected.reason is Reason.UNKNOWN_LAYOUT


def test_source_that_declares_no_fields_or_some() -> None:
    html = build_page(STATED_ARTICLE, f"{PROSE}<div>Desk: Bo Okafor</div>", text="")
    generic = parse_response(html, source=build_source(""))
    assert isinstance(generic, Article)
    assert (generic.authors, generic.editors) == (("Wen Abara",), ("Rhea Quill",))
    assert generic.found["text"] == "trafilatura"
    partial = parse_response(html, source=build_source('[parse]\neditor_labels = ["Desk"]\n'))
    assert isinstance(partial, Article)
    assert (partial.authors, partial.editors) == (("Wen Abara",), ("Bo Okafor",))
    assert (partial.found["authors"], partial.found["editors"]) == ("json-ld", "editor line")
    # A date without a zone is in the source's time zone.
    local = parse_response(
        build_page(META.format("2026-03-04 08:00"), PROSE, text=""), source=build_source("")
    )
    assert isinstance(local, Article)
    assert local.published_at is not None
    assert local.published_at.isoformat() == "2026-03-04T00:00:00+00:00"
    undated = parse_response(build_page("", PROSE, text=""), source=build_source(""))
    assert isinstance(undated, Reject)
    assert undated.reason is Reason.NO_DATE


def test_parse_command_needs_no_source(tmp_path: Path) -> None:
    (tmp_path / "any.html").write_text(build_page(build_scripts(THIS_ARTICLE)), encoding="utf-8")
    body = f"<div>Source: Xinhua | 2026-03-04 08:00:00 | Author: LI Na</div>{PROSE}"
    (tmp_path / "known.html").write_text(
        build_page(build_scripts(THIS_ARTICLE), body, text=""), encoding="utf-8"
    )
    url = "https://www.stdaily.com/web/English/2026-03/04/content_1.html"
    (tmp_path / "urls.tsv").write_text(f"any.html\thard::copy.html\nknown.html\t{url}\n", encoding="utf-8")
    completed = newsetl("parse", "any.html", "known.html", "--json", "--urls", "urls.tsv", cwd=tmp_path)
    assert completed.returncode == 0, completed.stderr
    assert (
        "line 1: 'hard::copy.html' is not an http or https URL; the page is parsed without a URL"
        in completed.stderr
    )
    any_page, declared = map(json.loads, completed.stdout.splitlines())
    assert (any_page["authors"], any_page["published_at"]) == (["Ilse Marten"], "2026-03-04")
    assert (declared["authors"], declared["published_at"]) == (["LI Na"], "2026-03-04T08:00:00+08:00")
