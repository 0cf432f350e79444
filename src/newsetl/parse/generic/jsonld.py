"""JSON-LD → what it says of this page's article: the one about this page's address or headline."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from newsetl.wording import letters, single_blanks

# A page with more is a data store; no article's own record was found that far in.
_LONGEST, _MOST_NODES, _DEEPEST = 2_000_000, 20_000, 60
_ARTICLE = re.compile(r"(?:article|posting|report|review)$", re.IGNORECASE)
_OF_ARTICLES = frozenset({"newsarticle", "article", "blogposting", "reportagenewsarticle"})
_PAGE = frozenset({"webpage", "itempage", "aboutpage", "medicalwebpage", "creativework", "recipe", "howto"})
# What stands below these is another page's.
_OTHERS = frozenset(
    {
        "itemlistelement", "haspart", "relatedlink", "mentions", "citation", "comment", "review", "blogpost",
        "liveblogupdate", "isbasedon", "subjectof", "video", "ispartof", "significantlink",
    }
)  # fmt: skip
_WANTED = ("headline", "name", "datePublished", "dateModified", "dateCreated", "articleSection", "articleBody")


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the page's JSON-LD: its types in small letters, and whether it is part of a list of others."""

    values: dict[str, Any]
    types: tuple[str, ...]
    is_others: bool


@dataclass(frozen=True, slots=True)
class Record:
    """The strings of the article's record as they stand; `organisations` are authors that are said to be one."""

    headline: str = ""
    published: tuple[str, ...] = ()
    modified: str = ""
    authors: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    section: str = ""
    body: str = ""
    images: tuple[tuple[str, str], ...] = ()
    publisher: str = ""
    breadcrumb: tuple[str, ...] = ()
    is_broken: bool = False


@dataclass(slots=True)
class _Page:
    nodes: list[Node] = field(default_factory=list)
    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)


def read_jsonld(scripts: list[str], urls: tuple[str, ...], headlines: tuple[str, ...]) -> Record:
    """What the page's scripts say of the article at one of `urls` or with one of `headlines`.

    A script that is no JSON even when mended is searched for the fields by their names.
    """
    page, broken = _Page(), []
    for script in scripts:
        documents = _documents(script[:_LONGEST])
        for document in documents:
            _collect(document, page)
        if not documents:
            broken.append(script[:_LONGEST])
    crumbs = next((_crumbs(node.values) for node in page.nodes if "breadcrumblist" in node.types), ())
    best = _choose(page.nodes, {_place(url) for url in urls if url}, [letters(text) for text in headlines])
    if best is None:
        found = _searched(broken)
        return Record(**found, breadcrumb=crumbs, is_broken=True) if found else Record(breadcrumb=crumbs)
    return _record(best, page, crumbs)


def _documents(script: str) -> list[Any]:
    """The JSON documents in a script, one behind the other; mended where they are nearly JSON."""
    text = script.strip()
    text = re.sub(r"^(?:\s*(?:<!--|/[/*]\s*<!\[CDATA\[(?:\s*\*/)?|<!\[CDATA\[))+|(?:(?:-->|(?://|/\*)?\s*\]\]>(?:\s*\*/)?)\s*)+;?$", "", text)
    found = _decoded(text)
    if not found and text:
        mended = html.unescape(text) if "&quot;" in text or "&#34;" in text else text
        mended = re.sub(r",\s*(?=[\]}])", "", mended)
        mended = re.sub(r"([\]}\"])\s*\n\s*(?=\"[\w@]+\"\s*:)", r"\1,", mended)
        found = _decoded(mended)
    return found


def _decoded(text: str) -> list[Any]:
    decoder, found, at = json.JSONDecoder(strict=False), [], 0
    while at < len(text) and len(found) < 100:
        start = re.compile(r"[\[{]").search(text, at)
        if not start or (not found and text[:start.start()].strip(" ;\n\t\r")):
            break
        try:
            document, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            break
        found.append(document)
    return found


def _collect(document: Any, page: _Page) -> None:
    """Every object in `document`, in the order of the page, without recursion."""
    waiting: list[tuple[Any, bool, int]] = [(document, False, 0)]
    while waiting and len(page.nodes) < _MOST_NODES:
        value, is_others, depth = waiting.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(value, list):
            waiting += [(item, is_others, depth + 1) for item in reversed(value) if isinstance(item, dict | list)]
        elif isinstance(value, dict):
            types = tuple(
                re.split(r"[/#:]", name)[-1].casefold() for name in _texts(value.get("@type") or value.get("type"))
            )
            page.nodes.append(Node(value, types, is_others))
            identity = value.get("@id")
            if isinstance(identity, str) and len(value) > 1:
                page.by_id.setdefault(identity, value)
            for key, item in reversed(value.items()):
                if isinstance(item, dict | list):
                    waiting.append((item, is_others or key.casefold() in _OTHERS, depth + 1))


def _choose(nodes: list[Node], places: set[str], headlines: list[str]) -> Node | None:
    """The article's node: about this page if one says so, else the only one, or the first, of its kind."""
    ranked = []
    for index, node in enumerate(nodes):
        is_article = any(_ARTICLE.search(name) for name in node.types)
        if not is_article and not _PAGE.intersection(node.types):
            continue
        values = node.values
        named = {_place(url) for key in ("url", "@id", "mainEntityOfPage") for url in _addresses(values.get(key))}
        headline = letters(_text(values.get("headline")) or _text(values.get("name")))
        is_named = bool(headline) and any(
            headline == other or (len(headline) > 12 and (headline in other or other in headline))
            for other in headlines
            if other
        )
        is_placed = bool(places & named)
        is_elsewhere = bool(named) and not is_placed and not is_named and bool(places)
        says = sum(key in values for key in ("author", "datePublished", "headline"))
        rank = (
            is_placed or is_named,
            is_article,
            not node.is_others,
            bool(_OF_ARTICLES.intersection(node.types)),
            not is_elsewhere,
            says,
            -index,
        )
        ranked.append((rank, node))
    if not ranked:
        return None
    rank, node = max(ranked, key=lambda entry: entry[0])
    # Of several articles none is this page's: a list of teasers.
    others = [each for each, _ in ranked if each[1]]
    if not rank[0] and (node.is_others or (rank[1] and len(others) > 1 and not rank[4])):
        return None
    return node


def _record(node: Node, page: _Page, crumbs: tuple[str, ...]) -> Record:
    values = node.values
    authors, organisations = _people(values, ("author", "creator"), page)
    editors, _ = _people(values, ("editor",), page)
    published = [text for key in ("datePublished", "dateCreated", "uploadDate") for text in _texts(values.get(key))]
    kind = [name for name in node.types if _ARTICLE.search(name)]
    if not (authors and published) and kind and (whole := _page_of(values, page)) is not None:
        # Some say author or date of the page, not of the article on it.
        more, most = _people(whole, ("author", "creator"), page)
        authors, organisations = (authors, organisations) if authors else (more, most)
        published = published or list(_texts(whole.get("datePublished")))
    publisher = values.get("publisher") or values.get("sourceOrganization")
    return Record(
        headline=_text(values.get("headline")) or ("" if not kind else _text(values.get("name"))),
        published=tuple(published),
        modified=_text(values.get("dateModified")),
        authors=tuple(authors),
        organisations=tuple(organisations),
        editors=tuple(editors),
        section=_text(values.get("articleSection")),
        body=_text(values.get("articleBody"), is_single=False),
        images=tuple(_images(values.get("image"), page)),
        publisher=next((name for name, _ in _named(publisher, page)), ""),
        breadcrumb=crumbs,
    )


def _page_of(values: dict[str, Any], page: _Page) -> dict[str, Any] | None:
    for key in ("mainEntityOfPage", "isPartOf"):
        for part in _listed(values.get(key)):
            whole = page.by_id.get(part.get("@id", ""), part) if isinstance(part, dict) else page.by_id.get(str(part))
            if isinstance(whole, dict):
                return whole
    return None


def _people(values: dict[str, Any], keys: tuple[str, ...], page: _Page) -> tuple[list[str], list[str]]:
    """The names under the first of `keys` that has some, and those of them that are organisations."""
    for key in keys:
        if named := list(_named(values.get(key), page)):
            names = list(dict.fromkeys(name for name, _ in named))
            return names, [name for name, is_organisation in named if is_organisation]
    return [], []


def _named(value: Any, page: _Page, depth: int = 0) -> Iterator[tuple[str, bool]]:
    if depth > 4:
        return
    for item in _listed(value)[:50]:
        if isinstance(item, str):
            linked = page.by_id.get(item)
            if linked is not None:
                yield from _named(linked, page, depth + 1)
            elif name := _text(item):
                yield name, False
        elif isinstance(item, dict):
            if "name" not in item and isinstance(item.get("@id"), str):
                item = page.by_id.get(item["@id"], item)
            kinds = " ".join(_texts(item.get("@type"))).casefold()
            names = item.get("name") or " ".join(filter(None, map(_text, (item.get("givenName"), item.get("familyName")))))
            for name in _texts(names):
                if name:
                    yield name, "organization" in kinds or "corporation" in kinds
            if not names and "@list" in item:
                yield from _named(item["@list"], page, depth + 1)


def _images(value: Any, page: _Page) -> Iterator[tuple[str, str]]:
    for item in _listed(value)[:50]:
        if isinstance(item, str):
            yield item, ""
        elif isinstance(item, dict):
            whole = page.by_id.get(_text(item.get("@id")), item) if "url" not in item else item
            url = _text(whole.get("url")) or _text(whole.get("contentUrl"))
            if url:
                yield url, _text(whole.get("caption"))


def _crumbs(values: dict[str, Any]) -> tuple[str, ...]:
    parts = []
    for item in _listed(values.get("itemListElement"))[:12]:
        if isinstance(item, dict):
            inner = item.get("item")
            parts.append(_text(item.get("name")) or (_text(inner.get("name")) if isinstance(inner, dict) else ""))
    return tuple(filter(None, parts))


def _searched(scripts: list[str]) -> dict[str, Any]:
    """The fields of a broken script by their names, where each has one value only."""
    found: dict[str, list[str]] = {}
    for script in scripts:
        if not re.search(r'"@type"\s*:\s*\[?\s*"\w*(?:Article|Posting)"', script):
            continue
        for key in _WANTED:
            for value in re.findall(rf'"{key}"\s*:\s*"((?:[^"\\]|\\.){{1,20000}})"', script):
                found.setdefault(key, []).append(_text(html.unescape(_unescaped(value))))
        for value in re.findall(r'"author"\s*:\s*[\[{\s]*(?:"@type"\s*:\s*"Person"\s*,\s*)?(?:"name"\s*:\s*)?"((?:[^"\\]|\\.){1,120})"', script):
            if value not in ("@type", "name"):
                found.setdefault("author", []).append(_text(_unescaped(value)))
    single = {key: values[0] for key, values in found.items() if len(set(values)) == 1}
    record: dict[str, Any] = {
        "headline": single.get("headline", ""),
        "published": tuple(filter(None, (single.get("datePublished"),))),
        "modified": single.get("dateModified", ""),
        "authors": tuple(filter(None, (single.get("author"),))),
        "section": single.get("articleSection", ""),
    }
    return record if any(record.values()) else {}


def _unescaped(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _texts(value: Any) -> list[str]:
    return [_text(item) for item in _listed(value)[:50]]


def _text(value: Any, *, is_single: bool = True) -> str:
    """A value's text, without markup: a string, a number, or the first of a list."""
    if isinstance(value, list):
        value = next((item for item in value if item), "")
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or ""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    text = html.unescape(str(value))
    if is_single:
        text = re.sub(r"</?[a-zA-Z][^<>]{0,200}>", " ", text)
        return single_blanks(text)
    return text


def _addresses(value: Any) -> Iterator[str]:
    for item in _listed(value)[:20]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            yield from (text for key in ("@id", "url") if isinstance(text := item.get(key), str))


def _place(url: str) -> str:
    """What two forms of one address have in common: no scheme, www, query, fragment or last slash."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    if not parts.netloc and not parts.path.strip("/"):
        return ""
    return (parts.netloc.removeprefix("www.") + parts.path.rstrip("/")).casefold()
