"""Body of an article, extracted with trafilatura."""

from __future__ import annotations

import logging
from typing import Any

from newsetl.text.whitespace import collapse_whitespace, normalise_letters

# Share of the page's prose in the body, below which trafilatura's other mode runs too.
_MIN_SHARE = 0.5
_MIN_PROSE_CHARS = 80


def extract_body(root: Any, headline: str, jsonld_body: str, url: str | None) -> tuple[tuple[str, ...], str]:
    """Return the paragraphs and their provenance.

    `jsonld_body` is the articleBody in JSON-LD. `root` must have no comments and is not changed. If the first
    paragraph repeats `headline`, it is dropped.
    """
    prose_chars = _count_prose(root)
    best = _run_trafilatura(root, url, favours_recall=True)
    if _count_chars(best) < _MIN_SHARE * max(prose_chars, len(jsonld_body)):
        other = _run_trafilatura(root, url, favours_recall=False)
        best = max(best, other, key=_count_chars)
    found = "trafilatura"
    if jsonld_body and (
        _count_chars(best) < _MIN_SHARE * len(jsonld_body)
        or normalise_letters("".join(best)) == normalise_letters(jsonld_body)
    ):
        best, found = _split_paragraphs(jsonld_body), "json-ld articleBody"
    if not best:
        best, found = (
            tuple(text for node in root.iter("p") if (text := collapse_whitespace(node.text_content()))),
            "p",
        )
    if best and normalise_letters(best[0]) == normalise_letters(headline):
        best = best[1:]
    return best, found


def _run_trafilatura(root: Any, url: str | None, *, favours_recall: bool) -> tuple[str, ...]:
    # Imported late: the import takes a quarter of a second.
    from trafilatura import bare_extraction  # noqa: PLC0415

    # trafilatura logs errors that are reported as rejects.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        document = bare_extraction(root, url=url, include_comments=False, favor_recall=favours_recall)
    except Exception:  # any failure in it leaves the other sources of a body
        return ()
    return _split_paragraphs(getattr(document, "text", None) or "")


def _split_paragraphs(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(collapse_whitespace, text.splitlines())))


def _count_chars(paragraphs: tuple[str, ...]) -> int:
    return sum(map(len, paragraphs))


def _count_prose(root: Any) -> int:
    """Count the characters of every <p> with at least 80."""
    sizes = (len(node.text_content().strip()) for node in root.iter("p"))
    return sum(size for size in sizes if size >= _MIN_PROSE_CHARS)
