"""The page's JSON-LD scripts → objects, however they are wrapped, nested or broken."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any

from newsetl.parse.generic.vocabulary import build_word_set
from newsetl.text.whitespace import collapse_whitespace

# A page with more is a data store; no article's own record was found that far in.
_LONGEST, _MOST_NODES, _DEEPEST, _MOST_DOCUMENTS = 2_000_000, 20_000, 60, 100
# What stands below these is another page's.
_OF_OTHERS = build_word_set(
    "itemlistelement haspart relatedlink mentions citation comment review blogpost liveblogupdate isbasedon"
    " subjectof video ispartof significantlink"
)
_WRAPPING = re.compile(
    r"^(?:\s*(?:<!--|/[/*]\s*<!\[CDATA\[(?:\s*\*/)?|<!\[CDATA\[))+"
    r"|(?:(?:-->|(?://|/\*)?\s*\]\]>(?:\s*\*/)?)\s*)+;?$"
)
_STRING = r'"((?:[^"\\]|\\.){1,20000})"'
_AUTHOR = re.compile(
    r'"author"\s*:\s*[\[{\s]*(?:"@type"\s*:\s*"Person"\s*,\s*)?(?:"name"\s*:\s*)?"((?:[^"\\]|\\.){1,120})"'
)


@dataclass(frozen=True, slots=True)
class Node:
    """An object with its types in small letters, and whether it is part of a list of others."""

    values: dict[str, Any]
    types: tuple[str, ...]
    is_others: bool


@dataclass(slots=True)
class Graph:
    """Every object of the page in its order, those with an @id by it, and the scripts that are no JSON."""

    nodes: list[Node] = field(default_factory=list)
    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


def parse_scripts(scripts: list[str]) -> Graph:
    graph = Graph()
    for script in scripts:
        documents = _parse_documents(script[:_LONGEST])
        for document in documents:
            _collect(document, graph)
        if not documents:
            graph.broken.append(script[:_LONGEST])
    return graph


def _parse_documents(script: str) -> list[Any]:
    """The JSON documents in a script, one behind the other; mended where they are nearly JSON."""
    text = _WRAPPING.sub("", script.strip()).strip()
    found = _decode_documents(text)
    if not found and text:
        mended = html.unescape(text) if "&quot;" in text or "&#34;" in text else text
        mended = re.sub(r",\s*(?=[\]}])", "", mended)
        # A comma lost at the end of a line.
        mended = re.sub(r'([\]}"])\s*\n\s*(?="[\w@]+"\s*:)', r"\1,", mended)
        found = _decode_documents(mended)
    return found


def _decode_documents(text: str) -> list[Any]:
    found: list[Any] = []
    decoder, at = json.JSONDecoder(strict=False), 0
    while len(found) < _MOST_DOCUMENTS and (start := re.compile(r"[\[{]").search(text, at)):
        if not found and text[: start.start()].strip(" ;\n\t\r"):
            break
        try:
            document, at = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            break
        found.append(document)
    return found


def _collect(document: Any, graph: Graph) -> None:
    waiting: list[tuple[Any, bool, int]] = [(document, False, 0)]
    while waiting and len(graph.nodes) < _MOST_NODES:
        value, is_others, depth = waiting.pop()
        if depth > _DEEPEST:
            continue
        if isinstance(value, list):
            parts = [item for item in value if isinstance(item, dict | list)]
            waiting += [(item, is_others, depth + 1) for item in reversed(parts)]
        elif isinstance(value, dict):
            types = get_texts(value.get("@type") or value.get("type"))
            short = tuple(re.split(r"[/#:]", name)[-1].casefold() for name in types)
            graph.nodes.append(Node(value, short, is_others))
            identity = value.get("@id")
            if isinstance(identity, str) and len(value) > 1:
                graph.by_id.setdefault(identity, value)
            for key, item in reversed(value.items()):
                if isinstance(item, dict | list):
                    waiting.append((item, is_others or key.casefold() in _OF_OTHERS, depth + 1))


def search_broken_scripts(scripts: list[str]) -> dict[str, str]:
    """Fields of an article's broken scripts by their names, where each has one value only."""
    found: dict[str, set[str]] = {}
    for script in scripts:
        if not re.search(r'"@type"\s*:\s*\[?\s*"\w*(?:Article|Posting)"', script):
            continue
        for key in ("headline", "datePublished", "articleSection"):
            values = re.findall(rf'"{key}"\s*:\s*{_STRING}', script)
            found.setdefault(key, set()).update(get_text(_unescape(value)) for value in values)
        names = (value for value in _AUTHOR.findall(script) if value not in ("@type", "name"))
        found.setdefault("author", set()).update(get_text(_unescape(value)) for value in names)
    return {key: values.pop() for key, values in found.items() if len(values) == 1}


def _unescape(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


def as_list(value: Any) -> list[Any]:
    """A value that may stand alone as a list; nothing as an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def get_texts(value: Any) -> list[str]:
    """The texts of a value that may be a list."""
    return [get_text(item) for item in as_list(value)[:50]]


def get_text(value: Any, *, has_lines: bool = False) -> str:
    """A value's text: a string, a number, or the first of a list; without markup, unless it `has_lines`."""
    if isinstance(value, list):
        value = next((item for item in value if item), "")
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or ""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    try:
        text = html.unescape(str(value))
    except ValueError:  # a number of thousands of digits
        return ""
    return text if has_lines else collapse_whitespace(re.sub(r"</?[a-zA-Z][^<>]{0,200}>", " ", text))
