"""JSON-LD → what it says of this page's article: the one about this page's address or headline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from newsetl.parse.generic.jsonld_scripts import (
    Graph,
    Node,
    as_list,
    get_text,
    get_texts,
    parse_scripts,
    search_broken_scripts,
)
from newsetl.parse.generic.vocabulary import build_word_set
from newsetl.text.whitespace import normalise_letters

_ARTICLE = re.compile(r"(?:article|posting|report|review)$")
_OF_NEWS = frozenset({"newsarticle", "article", "blogposting", "reportagenewsarticle"})
_PAGE = build_word_set("webpage itempage aboutpage medicalwebpage creativework recipe howto")
# A shorter headline may be part of another one by chance.
_SHORTEST = 12
_MOST, _DEEPEST = 50, 4


@dataclass(frozen=True, slots=True)
class JsonLdArticle:
    """The strings of the article's record as they stand, "" and () for what it lacks.

    `organisations` are the authors that are said to be one, `images` addresses with their captions.
    """

    headline: str = ""
    published: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    section: str = ""
    body: str = ""
    images: tuple[tuple[str, str], ...] = ()
    publisher: str = ""


def parse_jsonld(scripts: list[str], urls: tuple[str, ...], headlines: tuple[str, ...]) -> JsonLdArticle:
    """What the page's scripts say of the article at one of `urls` or with one of `headlines`.

    A script that is no JSON even when mended is searched for the fields by their names.
    """
    graph = parse_scripts(scripts)
    places = {_url_key(url) for url in urls if url} - {""}
    best = _choose_node(graph.nodes, places, [key for text in headlines if (key := normalise_letters(text))])
    if best is not None:
        return _build_article(best, graph)
    found = search_broken_scripts(graph.broken)
    return JsonLdArticle(
        headline=found.get("headline", ""),
        published=tuple(filter(None, (found.get("datePublished"),))),
        authors=tuple(filter(None, (found.get("author"),))),
        section=found.get("articleSection", ""),
    )


def _choose_node(nodes: list[Node], places: set[str], headlines: list[str]) -> Node | None:
    """The node about this page if one says so, else the only one, or the first, of its kind."""
    ranked: list[tuple[tuple[bool | int, ...], Node]] = []
    articles = 0
    for index, node in enumerate(nodes):
        is_article = any(map(_ARTICLE.search, node.types))
        if not is_article and not _PAGE.intersection(node.types):
            continue
        articles += is_article
        values = node.values
        addresses = (values.get(key) for key in ("url", "@id", "mainEntityOfPage"))
        named = {_url_key(url) for value in addresses for url in _get_urls(value)}
        headline = normalise_letters(get_text(values.get("headline")) or get_text(values.get("name")))
        is_here = bool(places & named) or any(_is_same_headline(headline, other) for other in headlines)
        is_elsewhere = bool(named and places) and not is_here
        says = sum(key in values for key in ("author", "datePublished", "headline"))
        is_news = bool(_OF_NEWS.intersection(node.types))
        rank = (is_here, is_article, not node.is_others, is_news, not is_elsewhere, says, -index)
        ranked.append((rank, node))
    if not ranked:
        return None
    best, node = max(ranked, key=lambda entry: entry[0])
    # Of several articles elsewhere none is this page's: they are teasers.
    is_teaser = bool(best[1]) and articles > 1 and not best[4]
    return None if not best[0] and (node.is_others or is_teaser) else node


def _is_same_headline(headline: str, other: str) -> bool:
    short, long = sorted((headline, other), key=len)
    return bool(short) and (short == long or (len(short) > _SHORTEST and short in long))


def _build_article(node: Node, graph: Graph) -> JsonLdArticle:
    values = node.values
    authors, organisations = _get_people(values, ("author", "creator"), graph)
    dates = (values.get(key) for key in ("datePublished", "dateCreated", "uploadDate"))
    published = [text for value in dates for text in get_texts(value)]
    is_article = any(map(_ARTICLE.search, node.types))
    if is_article and not (authors and published) and (whole := _get_page(values, graph)) is not None:
        # Some say author or date of the page, not of the article on it.
        if not authors:
            authors, organisations = _get_people(whole, ("author", "creator"), graph)
        published = published or get_texts(whole.get("datePublished"))
    publisher = values.get("publisher") or values.get("sourceOrganization")
    return JsonLdArticle(
        headline=get_text(values.get("headline")) or (get_text(values.get("name")) if is_article else ""),
        published=tuple(filter(None, published)),
        authors=tuple(authors),
        organisations=tuple(organisations),
        editors=tuple(_get_people(values, ("editor",), graph)[0]),
        section=get_text(values.get("articleSection")),
        body=get_text(values.get("articleBody"), has_lines=True),
        images=tuple(_get_images(values.get("image"), graph)),
        publisher=next((name for name, _ in _get_names(publisher, graph)), ""),
    )


def _get_page(values: dict[str, Any], graph: Graph) -> dict[str, Any] | None:
    for key in ("mainEntityOfPage", "isPartOf"):
        for part in as_list(values.get(key)):
            identity = part.get("@id") if isinstance(part, dict) else part
            whole = graph.by_id.get(identity) if isinstance(identity, str) else None
            if whole is not None or isinstance(part, dict):
                return whole if whole is not None else part
    return None


def _get_people(values: dict[str, Any], keys: tuple[str, ...], graph: Graph) -> tuple[list[str], list[str]]:
    """The names under the first of `keys` that has some, and those of them that are organisations."""
    for key in keys:
        if named := list(_get_names(values.get(key), graph)):
            names = list(dict.fromkeys(name for name, _ in named))
            return names, [name for name, is_organisation in named if is_organisation]
    return [], []


def _get_names(value: Any, graph: Graph, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """The names of people or organisations, each with whether it is one; a reference is followed."""
    for item in as_list(value)[:_MOST] if depth < _DEEPEST else ():
        if isinstance(item, str):
            if item in graph.by_id:
                yield from _get_names(graph.by_id[item], graph, depth + 1)
            elif name := get_text(item):
                yield name, False
        elif isinstance(item, dict):
            person = item if "name" in item else graph.by_id.get(str(item.get("@id")), item)
            kinds = " ".join(get_texts(person.get("@type"))).casefold()
            parts = (get_text(person.get(key)) for key in ("givenName", "familyName"))
            names = person.get("name") or " ".join(filter(None, parts))
            for name in filter(None, get_texts(names)):
                yield name, "organization" in kinds or "corporation" in kinds
            if not names and "@list" in person:
                yield from _get_names(person["@list"], graph, depth + 1)


def _get_images(value: Any, graph: Graph) -> Iterator[tuple[str, str]]:
    for item in as_list(value)[:_MOST]:
        if isinstance(item, str):
            yield item, ""
        elif isinstance(item, dict):
            whole = item if "url" in item else graph.by_id.get(get_text(item.get("@id")), item)
            if url := get_text(whole.get("url")) or get_text(whole.get("contentUrl")):
                yield url, get_text(whole.get("caption"))


def _get_urls(value: Any) -> Iterator[str]:
    for item in as_list(value)[:20]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from (text for key in ("@id", "url") if isinstance(text := item.get(key), str))


def _url_key(url: str) -> str:
    """What two forms of one address have in common: no scheme, www, query, fragment or last slash."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return (parts.netloc.removeprefix("www.") + parts.path.rstrip("/")).casefold()
