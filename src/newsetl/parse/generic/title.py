"""Headline of a page: the <h1> most similar to its stated titles, else a stated title.

A stated title also wins over an <h1> that has the section or a counter within it. If og:title and <title> are
equal, they win over an <h1> that differs by a few words.
"""

from __future__ import annotations

import re
from typing import Any

from newsetl.parse.generic.jsonld import JsonLdArticle
from newsetl.parse.generic.meta_tags import MetaTags
from newsetl.parse.generic.visible_text import get_visible_text, strip_tags
from newsetl.text.whitespace import collapse_whitespace, normalise_letters

_MAX_HEADLINE_CHARS = 400
# A longer <h1> is a summary if the page states a shorter title.
_MAX_HEADLINE_WORDS = 30
# Words of a section or a counter inside an <h1>, beside the headline.
_MAX_LABEL_WORDS = 3
# Word overlap from which a title that is stated twice replaces the <h1>.
_MIN_SIMILARITY_OF_STATED = 0.8
# Word overlap from which two texts are forms of one headline.
_MIN_SIMILARITY = 0.5
# A single <h1> with this many words is the headline from this overlap on, and a longer one in any case.
_MIN_SENTENCE_WORDS, _MIN_SIMILARITY_OF_ONLY, _SURE_SENTENCE_WORDS = 4, 0.2, 6
_ADDED_PART = re.compile(r"\s*[-–—|:(·»]")
# An <h1> below so many paragraphs of this many characters is a heading within the text.
_MAX_PROSE_ABOVE, _MIN_PROSE_CHARS = 3, 80
_SEPARATOR = re.compile(r"\s+[|·•»«:–—-]+\s+|\s*[|»]\s*|\s+::\s+")


def find_headline(root: Any, meta: MetaTags, record: JsonLdArticle, site: str) -> tuple[str, str]:
    """Return the headline without the site's name, and its provenance, or ("", "").

    `site` is the host of the page's URL.
    """
    names = collect_site_names(meta, record, site)
    og, og_name = meta.find_first(
        "og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "title"
    )
    candidates = [
        (strip_tags(text), found)
        for text, found in ((og, f"meta {og_name}"), (record.headline, "json-ld"))
        if text
    ]
    candidates = [(strip_site_name(text, names), found) for text, found in candidates]
    title = strip_site_name(meta.title, names)
    h1_texts = _get_h1_texts(root)
    references = [text for text in (meta.title, *(text for text, _ in candidates)) if text]
    best_h1 = max(h1_texts, key=lambda text: _get_similarity(text, references), default="")
    if (
        best_h1
        and normalise_letters(best_h1) not in names
        and _is_headline(best_h1, references, candidates, is_only=len(set(h1_texts)) == 1)
    ):
        stated, found = candidates[0] if candidates else (title, "title tag")
        is_agreed = og != "" and normalise_letters(stated) == normalise_letters(title)
        is_agreed = is_agreed and normalise_letters(best_h1) != normalise_letters(record.headline)
        return (stated, found) if _is_better(stated, best_h1, is_agreed=is_agreed) else (best_h1, "h1")
    for text, found in (*candidates, (title, "title tag")):
        if text and normalise_letters(text) not in names:
            return text, found
    if best_h1:
        return best_h1, "h1"
    return (title or meta.title, "title tag") if meta.title else ("", "")


def _get_h1_texts(root: Any) -> list[str]:
    """Return the texts of the <h1>s above the article's text, or of all if none is above it."""
    texts: list[str] = []
    prose_above = 0
    for node in root.iter("h1", "p"):
        if node.tag == "p":
            prose_above += len(node.text or "") >= _MIN_PROSE_CHARS
        elif (text := get_visible_text(node)) and len(text) <= _MAX_HEADLINE_CHARS:
            if prose_above > _MAX_PROSE_ABOVE and texts:
                break
            texts.append(text)
    return texts


def _get_similarity(text: str, others: list[str]) -> float:
    return max((compute_word_overlap(text, other) for other in others), default=1.0)


def _is_headline(
    text: str, references: list[str], candidates: list[tuple[str, str]], *, is_only: bool
) -> bool:
    """Return True if the <h1> is similar enough to the stated titles."""
    if len(text.split()) < _MIN_SENTENCE_WORDS:
        return _get_similarity(text, [candidates[0][0]] if candidates else references) >= _MIN_SIMILARITY
    if is_only and len(text.split()) >= _SURE_SENTENCE_WORDS:
        return True
    return _get_similarity(text, references) >= (_MIN_SIMILARITY_OF_ONLY if is_only else _MIN_SIMILARITY)


def _is_better(stated: str, h1: str, *, is_agreed: bool) -> bool:
    """Return True if the stated title is better than the <h1>. `is_agreed`: <title> and og:title agree."""
    stated_words, h1_words = stated.casefold().split(), h1.casefold().split()
    if len(stated_words) < _MIN_SENTENCE_WORDS or normalise_letters(stated) == normalise_letters(h1):
        return False
    surplus = len(h1_words) - len(stated_words)
    if 0 < surplus <= _MAX_LABEL_WORDS and h1_words[surplus:] == stated_words:
        return True
    if len(h1_words) > _MAX_HEADLINE_WORDS > len(stated_words):
        return True
    # A stated title that adds a part is the <h1> with the site's name; one that lacks a part is shortened.
    has_suffix = stated.casefold().startswith(h1.casefold()) and _ADDED_PART.match(stated, len(h1))
    is_shortened = surplus > 0 and h1_words[:-surplus] == stated_words and h1_words[-surplus][0].isalnum()
    return (
        is_agreed
        and not (has_suffix or is_shortened)
        and compute_word_overlap(stated, h1) >= _MIN_SIMILARITY_OF_STATED
    )


def compute_word_overlap(one: str, other: str) -> float:
    """Return the share of common words in two texts, from 0 to 1 (Dice coefficient)."""
    first, second = (set(re.findall(r"\w+", text.casefold())) for text in (one, other))
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def strip_site_name(title: str, names: frozenset[str]) -> str:
    """Remove the site's name from the end or the beginning of `title`."""
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
    """Return the site's names and its host, as normalised letters."""
    stated = [
        *meta.values.get("og:site_name", ()),
        *meta.values.get("application-name", ()),
        record.publisher,
    ]
    domain = max(site.removeprefix("www.").split(".")[:-1] or [site], key=len)
    return frozenset(filter(None, map(normalise_letters, (*stated, site.removeprefix("www."), domain))))


def _is_site_name(part: str, names: frozenset[str]) -> bool:
    key = normalise_letters(part)
    return bool(key) and any(
        key == name
        or (
            len(key) > 3 and (key in name or (len(name) > 3 and name in key and len(key) < 2 * len(name) + 6))
        )
        for name in names
    )
