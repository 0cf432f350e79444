"""The headline: the <h1> that is nearest to <title>, joined with og:title less the site's name."""

from __future__ import annotations

import re
from typing import Any

from newsetl.parse.generic.jsonld import Record
from newsetl.parse.generic.meta_tags import Head
from newsetl.text.whitespace import letters, single_blanks

_LONGEST = 400
# Words in common: from here on two strings are forms of one headline.
_ALIKE = 0.5
# A single <h1> of so many words is the headline already when it shares this much.
_SENTENCE, _KIN = 4, 0.2
_SEPARATOR = re.compile(r"\s+[|·•»«:–—-]+\s+|\s*[|»]\s*|\s+::\s+")


def find_headline(root: Any, head: Head, record: Record, site: str) -> tuple[str, str]:
    """The headline and where it was found; ("", "") if the page has none.

    `site` is the host of the page's address.
    """
    names = site_names(head, record, site)
    og, og_name = head.first(
        "og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "title"
    )
    stated = [
        (single_blanks(text), where)
        for text, where in ((og, f"meta {og_name}"), (record.headline, "json-ld"))
        if text
    ]
    stated = [(without_site(text, names), where) for text, where in stated]
    title = without_site(head.title, names)
    heads = [text for node in root.iter("h1") if (text := _text(node)) and len(text) <= _LONGEST]
    wanted = [text for text in (head.title, *(text for text, _ in stated)) if text]
    best = max(heads, key=lambda text: _nearness(text, wanted), default="")
    if best and letters(best) not in names and _is_headline(best, wanted, stated, is_only=len(heads) == 1):
        return best, "h1"
    for text, where in (*stated, (title, "title tag")):
        if text and letters(text) not in names:
            return text, where
    if best:
        return best, "h1"
    return (title or head.title, "title tag") if head.title else ("", "")


def _nearness(text: str, others: list[str]) -> float:
    return max((alike(text, other) for other in others), default=1.0)


def _is_headline(text: str, wanted: list[str], stated: list[tuple[str, str]], *, is_only: bool) -> bool:
    """True if the page's own title says the same as the <h1>, or the <h1> is too long for a site's name."""
    if len(text.split()) < _SENTENCE:
        return _nearness(text, [stated[0][0]] if stated else wanted) >= _ALIKE
    return _nearness(text, wanted) >= (_KIN if is_only else _ALIKE)


def alike(one: str, other: str) -> float:
    """The words that two strings have in common, as a share of both; 1 if they differ in none."""
    first, second = (set(re.findall(r"\w+", text.casefold())) for text in (one, other))
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def without_site(title: str, names: frozenset[str]) -> str:
    """`title` less the parts at its end, or the one at its beginning, that are the site's name."""
    title = single_blanks(title)
    while True:
        ends = list(_SEPARATOR.finditer(title))
        if not ends:
            return title
        last = title[ends[-1].end() :]
        rest = title[: ends[-1].start()]
        is_bar = "|" in ends[-1].group() or "»" in ends[-1].group() or "·" in ends[-1].group()
        if rest and (_is_site(last, names) or (is_bar and len(rest.split()) >= 3 and len(last.split()) <= 6)):
            title = rest.strip()
            continue
        first = title[: ends[0].start()]
        if first and _is_site(first, names):
            return title[ends[0].end() :].strip()
        return title


def site_names(head: Head, record: Record, site: str) -> frozenset[str]:
    named = [*head.metas.get("og:site_name", ()), *head.metas.get("application-name", ()), record.publisher]
    label = max(site.removeprefix("www.").split(".")[:-1] or [site], key=len)
    return frozenset(filter(None, map(letters, (*named, site.removeprefix("www."), label))))


def _is_site(part: str, names: frozenset[str]) -> bool:
    key = letters(part)
    return bool(key) and any(
        key == name
        or (
            len(key) > 3 and (key in name or (len(name) > 3 and name in key and len(key) < 2 * len(name) + 6))
        )
        for name in names
    )


def _text(node: Any) -> str:
    return (
        single_blanks(" ".join(piece for piece in node.itertext()) if len(node) else node.text or "")
        .replace(" ,", ",")
        .replace(" :", ":")
    )
