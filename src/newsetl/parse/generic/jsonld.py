"""Article in a page's JSON-LD, chosen by the page's URL or headline."""

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

_ARTICLE_TYPE = re.compile(r"(?:article|posting|report|review)$")
_NEWS_TYPES = frozenset({"newsarticle", "article", "blogposting", "reportagenewsarticle"})
_PAGE_TYPES = build_word_set("webpage itempage aboutpage medicalwebpage creativework recipe howto")
# Shorter headlines are compared as a whole only.
_MIN_HEADLINE_CHARS = 12
_MAX_ITEMS, _MAX_DEPTH = 50, 4


@dataclass(frozen=True, slots=True)
class JsonLdArticle:
    """Strings of the article's JSON-LD as stated; "" and () for missing ones.

    `organisations` are those of `authors` whose type is an organisation. `images` are (URL, caption) pairs.
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
    """Parse the article at one of `urls` or with one of `headlines` from the page's scripts.

    Scripts that cannot be repaired to valid JSON are searched for field names.
    """
    graph = parse_scripts(scripts)
    page_urls = {_get_url_key(url) for url in urls if url} - {""}
    node = _choose_node(
        graph.nodes, page_urls, [key for text in headlines if (key := normalise_letters(text))]
    )
    if node is not None:
        return _build_article(node, graph)
    fields = search_broken_scripts(graph.broken)
    return JsonLdArticle(
        headline=fields.get("headline", ""),
        published=tuple(filter(None, (fields.get("datePublished"),))),
        authors=tuple(filter(None, (fields.get("author"),))),
        section=fields.get("articleSection", ""),
    )


def _choose_node(nodes: list[Node], page_urls: set[str], headlines: list[str]) -> Node | None:
    """Return the node about this page, else the only article, else the first page node, or None."""
    ranked: list[tuple[tuple[bool | int, ...], Node]] = []
    articles = 0
    for index, node in enumerate(nodes):
        is_article = any(map(_ARTICLE_TYPE.search, node.types))
        if not is_article and not _PAGE_TYPES.intersection(node.types):
            continue
        articles += is_article
        values = node.values
        urls = (values.get(key) for key in ("url", "@id", "mainEntityOfPage"))
        node_urls = {_get_url_key(url) for value in urls for url in _get_urls(value)}
        headline = normalise_letters(get_text(values.get("headline")) or get_text(values.get("name")))
        is_this_page = bool(page_urls & node_urls) or any(
            _is_same_headline(headline, other) for other in headlines
        )
        is_other_page = bool(node_urls and page_urls) and not is_this_page
        field_count = sum(key in values for key in ("author", "datePublished", "headline"))
        is_news = bool(_NEWS_TYPES.intersection(node.types))
        rank = (
            is_this_page,
            is_article,
            not node.is_related,
            is_news,
            not is_other_page,
            field_count,
            -index,
        )
        ranked.append((rank, node))
    if not ranked:
        return None
    best, node = max(ranked, key=lambda entry: entry[0])
    # Several articles with other URLs are teasers.
    is_teaser = bool(best[1]) and articles > 1 and not best[4]
    return None if not best[0] and (node.is_related or is_teaser) else node


def _is_same_headline(headline: str, other: str) -> bool:
    short, long = sorted((headline, other), key=len)
    return bool(short) and (short == long or (len(short) > _MIN_HEADLINE_CHARS and short in long))


def _build_article(node: Node, graph: Graph) -> JsonLdArticle:
    values = node.values
    authors, organisations = _get_people(values, ("author", "creator"), graph)
    dates = (values.get(key) for key in ("datePublished", "dateCreated", "uploadDate"))
    published = [text for value in dates for text in get_texts(value)]
    is_article = any(map(_ARTICLE_TYPE.search, node.types))
    if is_article and not (authors and published) and (page := _get_page(values, graph)) is not None:
        # Some sites state author and date on the WebPage, not on the article.
        if not authors:
            authors, organisations = _get_people(page, ("author", "creator"), graph)
        published = published or get_texts(page.get("datePublished"))
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
        for reference in as_list(values.get(key)):
            node_id = reference.get("@id") if isinstance(reference, dict) else reference
            page = graph.by_id.get(node_id) if isinstance(node_id, str) else None
            if page is not None or isinstance(reference, dict):
                return page if page is not None else reference
    return None


def _get_people(values: dict[str, Any], keys: tuple[str, ...], graph: Graph) -> tuple[list[str], list[str]]:
    """Return the names under the first non-empty key, and those that are organisations."""
    for key in keys:
        if named := list(_get_names(values.get(key), graph)):
            names = list(dict.fromkeys(name for name, _ in named))
            return names, [name for name, is_organisation in named if is_organisation]
    return [], []


def _get_names(value: Any, graph: Graph, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """Yield (name, is_organisation) pairs; follow references by @id."""
    for item in as_list(value)[:_MAX_ITEMS] if depth < _MAX_DEPTH else ():
        if isinstance(item, list):
            yield from _get_names(item, graph, depth + 1)
        elif isinstance(item, str):
            if item in graph.by_id:
                yield from _get_names(graph.by_id[item], graph, depth + 1)
            elif name := get_text(item):
                yield name, False
        elif isinstance(item, dict):
            person = item if "name" in item else graph.by_id.get(str(item.get("@id")), item)
            types = " ".join(get_texts(person.get("@type"))).casefold()
            parts = (get_text(person.get(key)) for key in ("givenName", "familyName"))
            names = person.get("name") or " ".join(filter(None, parts))
            for name in filter(None, get_texts(names)):
                yield name, "organization" in types or "corporation" in types
            # Some sites nest the person once more.
            for key in ("@list", "@set", "itemListElement", "item", "author", "person") if not names else ():
                yield from _get_names(person.get(key), graph, depth + 1)


def _get_images(value: Any, graph: Graph) -> Iterator[tuple[str, str]]:
    for item in as_list(value)[:_MAX_ITEMS]:
        if isinstance(item, str):
            yield item, ""
        elif isinstance(item, dict):
            image = item if "url" in item else graph.by_id.get(get_text(item.get("@id")), item)
            if url := get_text(image.get("url")) or get_text(image.get("contentUrl")):
                yield url, get_text(image.get("caption"))


def _get_urls(value: Any) -> Iterator[str]:
    for item in as_list(value)[:20]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from (text for key in ("@id", "url") if isinstance(text := item.get(key), str))


def _get_url_key(url: str) -> str:
    """Return host and path of a URL without www and last slash, casefolded, or "" if it is invalid."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    return (parts.netloc.removeprefix("www.") + parts.path.rstrip("/")).casefold()
