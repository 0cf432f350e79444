"""Objects in a page's JSON-LD scripts, even if these are wrapped or broken."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from typing import Any

from newsetl.parse.generic.visible_text import strip_tags
from newsetl.parse.generic.vocabulary import build_word_set
from newsetl.text.whitespace import unescape_entities

# Limits for pages that store other data as JSON-LD.
_MAX_SCRIPT_CHARS, _MAX_NODES, _MAX_DEPTH, _MAX_DOCUMENTS = 2_000_000, 20_000, 60, 100
# Objects below these keys describe other pages.
_RELATED_KEYS = build_word_set(
    "itemlistelement haspart relatedlink mentions citation comment review blogpost liveblogupdate isbasedon"
    " subjectof video ispartof significantlink"
)
_WRAPPING = re.compile(
    r"^(?:\s*(?:<!--|/[/*]\s*<!\[CDATA\[(?:\s*\*/)?|<!\[CDATA\[))+"
    r"|(?:(?:-->|(?://|/\*)?\s*\]\]>(?:\s*\*/)?)\s*)+;?$"
)
_STRING_PATTERN = r'"((?:[^"\\]|\\.){1,20000})"'
_AUTHOR_PATTERN = re.compile(
    r'"author"\s*:\s*[\[{\s]*(?:"@type"\s*:\s*"Person"\s*,\s*)?(?:"name"\s*:\s*)?"((?:[^"\\]|\\.){1,120})"'
)


@dataclass(frozen=True, slots=True)
class Node:
    """JSON-LD object with its casefolded types. `is_related`: it is below a key for other pages."""

    values: dict[str, Any]
    types: tuple[str, ...]
    is_related: bool


@dataclass(slots=True)
class Graph:
    """Every object of the page in page order, an index by @id, and the scripts that are no JSON."""

    nodes: list[Node] = field(default_factory=list)
    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


def parse_scripts(scripts: list[str]) -> Graph:
    """Parse JSON-LD scripts to one graph of at most 20,000 objects."""
    graph = Graph()
    for script in scripts:
        documents = _parse_documents(script[:_MAX_SCRIPT_CHARS])
        for document in documents:
            _collect(document, graph)
        if not documents:
            graph.broken.append(script[:_MAX_SCRIPT_CHARS])
    return graph


def _parse_documents(script: str) -> list[Any]:
    """Return the JSON documents in a script, after repairs if it is almost JSON."""
    text = _WRAPPING.sub("", script.strip()).strip()
    documents = _decode_documents(text)
    if not documents and text:
        repaired = html.unescape(text) if "&quot;" in text or "&#34;" in text else text
        repaired = re.sub(r",\s*(?=[\]}])", "", repaired)
        # Add a comma missing at the end of a line.
        repaired = re.sub(r'([\]}"])\s*\n\s*(?="[\w@]+"\s*:)', r"\1,", repaired)
        documents = _decode_documents(repaired)
    return documents


def _decode_documents(text: str) -> list[Any]:
    documents: list[Any] = []
    decoder, position = json.JSONDecoder(strict=False), 0
    while len(documents) < _MAX_DOCUMENTS and (start := re.compile(r"[\[{]").search(text, position)):
        if not documents and text[: start.start()].strip(" ;\n\t\r"):
            break
        try:
            document, position = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            break
        documents.append(document)
    return documents


def _collect(document: Any, graph: Graph) -> None:
    stack: list[tuple[Any, bool, int]] = [(document, False, 0)]
    while stack and len(graph.nodes) < _MAX_NODES:
        value, is_related, depth = stack.pop()
        if depth > _MAX_DEPTH:
            continue
        if isinstance(value, list):
            parts = [item for item in value if isinstance(item, dict | list)]
            stack += [(item, is_related, depth + 1) for item in reversed(parts)]
        elif isinstance(value, dict):
            types = get_texts(value.get("@type") or value.get("type"))
            short_types = tuple(re.split(r"[/#:]", name)[-1].casefold() for name in types)
            graph.nodes.append(Node(value, short_types, is_related))
            node_id = value.get("@id")
            if isinstance(node_id, str) and len(value) > 1:
                graph.by_id.setdefault(node_id, value)
            for key, item in reversed(value.items()):
                if isinstance(item, dict | list):
                    stack.append((item, is_related or key.casefold() in _RELATED_KEYS, depth + 1))


def search_broken_scripts(scripts: list[str]) -> dict[str, str]:
    """Return the fields with exactly one value in the article scripts that are no JSON."""
    values_by_key: dict[str, set[str]] = {}
    for script in scripts:
        if not re.search(r'"@type"\s*:\s*\[?\s*"\w*(?:Article|Posting)"', script):
            continue
        for key in ("headline", "datePublished", "articleSection"):
            values = re.findall(rf'"{key}"\s*:\s*{_STRING_PATTERN}', script)
            values_by_key.setdefault(key, set()).update(get_text(_unescape(value)) for value in values)
        names = (value for value in _AUTHOR_PATTERN.findall(script) if value not in ("@type", "name"))
        values_by_key.setdefault("author", set()).update(get_text(_unescape(value)) for value in names)
    return {key: values.pop() for key, values in values_by_key.items() if len(values) == 1}


def _unescape(value: str) -> str:
    try:
        return str(json.loads(f'"{value}"', strict=False))
    except ValueError:
        return value


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, None as an empty list, and another value as a list of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def get_texts(value: Any) -> list[str]:
    """Return the texts of a value or of the first 50 items of a list."""
    return [get_text(item) for item in as_list(value)[:50]]


def get_text(value: Any, *, has_lines: bool = False) -> str:
    """Return the text of a string, a number, an object's name or a list's first item, else "".

    Markup is removed and whitespace collapsed, unless `has_lines`.
    """
    if isinstance(value, list):
        value = next((item for item in value if item), "")
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name") or ""
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return ""
    try:
        text = unescape_entities(html.unescape(str(value)))
    except ValueError:  # a number of thousands of digits
        return ""
    return text if has_lines else strip_tags(text)
