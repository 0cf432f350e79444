"""The headline: the <h1> that is nearest to <title>, joined with og:title less the site's name."""

from __future__ import annotations

import re
from typing import Any

from newsetl.parse.generic.jsonld import JsonLdArticle
from newsetl.parse.generic.meta_tags import MetaTags
from newsetl.text.whitespace import collapse_whitespace, normalise_letters

_LONGEST = 400
# Words in common: from here on two strings are forms of one headline.
_MIN_SIMILARITY = 0.5
# A single <h1> of so many words is the headline already when it shares this much.
_SENTENCE, _MIN_SIMILARITY_OF_ONLY = 4, 0.2
_SEPARATOR = re.compile(r"\s+[|·•»«:–—-]+\s+|\s*[|»]\s*|\s+::\s+")


def find_headline(root: Any, meta: MetaTags, record: JsonLdArticle, site: str) -> tuple[str, str]:
    """The headline and where it was found; ("", "") if the page has none.

    `site` is the host of the page's address.
    """
    names = collect_site_names(meta, record, site)
    og, og_name = meta.first(
        "og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "title"
    )
    stated = [
        (collapse_whitespace(text), where)
        for text, where in ((og, f"meta {og_name}"), (record.headline, "json-ld"))
        if text
    ]
    stated = [(strip_site_name(text, names), where) for text, where in stated]
    title = strip_site_name(meta.title, names)
    heads = [text for node in root.iter("h1") if (text := _get_text(node)) and len(text) <= _LONGEST]
    wanted = [text for text in (meta.title, *(text for text, _ in stated)) if text]
    best = max(heads, key=lambda text: _get_similarity(text, wanted), default="")
    if (
        best
        and normalise_letters(best) not in names
        and _is_headline(best, wanted, stated, is_only=len(heads) == 1)
    ):
        return best, "h1"
    for text, where in (*stated, (title, "title tag")):
        if text and normalise_letters(text) not in names:
            return text, where
    if best:
        return best, "h1"
    return (title or meta.title, "title tag") if meta.title else ("", "")


def _get_similarity(text: str, others: list[str]) -> float:
    return max((compute_word_overlap(text, other) for other in others), default=1.0)


def _is_headline(text: str, wanted: list[str], stated: list[tuple[str, str]], *, is_only: bool) -> bool:
    """True if the page's own title says the same as the <h1>, or the <h1> is too long for a site's name."""
    if len(text.split()) < _SENTENCE:
        return _get_similarity(text, [stated[0][0]] if stated else wanted) >= _MIN_SIMILARITY
    return _get_similarity(text, wanted) >= (_MIN_SIMILARITY_OF_ONLY if is_only else _MIN_SIMILARITY)


def compute_word_overlap(one: str, other: str) -> float:
    """The words that two strings have in common, as a share of both; 1 if they differ in none."""
    first, second = (set(re.findall(r"\w+", text.casefold())) for text in (one, other))
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def strip_site_name(title: str, names: frozenset[str]) -> str:
    """`title` less the parts at its end, or the one at its beginning, that are the site's name."""
    title = collapse_whitespace(title)
    while True:
        ends = list(_SEPARATOR.finditer(title))
        if not ends:
            return title
        last = title[ends[-1].end() :]
        rest = title[: ends[-1].start()]
        is_bar = "|" in ends[-1].group() or "»" in ends[-1].group() or "·" in ends[-1].group()
        if rest and (
            _is_site_name(last, names) or (is_bar and len(rest.split()) >= 3 and len(last.split()) <= 6)
        ):
            title = rest.strip()
            continue
        first = title[: ends[0].start()]
        if first and _is_site_name(first, names):
            return title[ends[0].end() :].strip()
        return title


def collect_site_names(meta: MetaTags, record: JsonLdArticle, site: str) -> frozenset[str]:
    named = [*meta.values.get("og:site_name", ()), *meta.values.get("application-name", ()), record.publisher]
    label = max(site.removeprefix("www.").split(".")[:-1] or [site], key=len)
    return frozenset(filter(None, map(normalise_letters, (*named, site.removeprefix("www."), label))))


def _is_site_name(part: str, names: frozenset[str]) -> bool:
    key = normalise_letters(part)
    return bool(key) and any(
        key == name
        or (
            len(key) > 3 and (key in name or (len(name) > 3 and name in key and len(key) < 2 * len(name) + 6))
        )
        for name in names
    )


def _get_text(node: Any) -> str:
    return (
        collapse_whitespace(" ".join(piece for piece in node.itertext()) if len(node) else node.text or "")
        .replace(" ,", ",")
        .replace(" :", ":")
    )
