"""The body: trafilatura's reading of the tree, paragraph by paragraph; a short one is asked for twice."""

from __future__ import annotations

import logging
from typing import Any

from newsetl.text.whitespace import collapse_whitespace, normalise_letters

# What is left of a page's prose, below which the other of trafilatura's two modes is asked as well.
_SHARE = 0.5
_SHORTEST_PROSE = 80


def extract_body(root: Any, headline: str, stated: str, url: str | None) -> tuple[tuple[str, ...], str]:
    """Paragraphs and where they were found; `stated` is the text that JSON-LD gives.

    `root` must be without comments and is left as it is.
    """
    whole = _count_prose(root)
    best = _run_trafilatura(root, url, is_generous=True)
    if _size(best) < _SHARE * max(whole, len(stated)):
        other = _run_trafilatura(root, url, is_generous=False)
        best = max(best, other, key=_size)
    found = "trafilatura"
    if stated and (
        _size(best) < _SHARE * len(stated) or normalise_letters("".join(best)) == normalise_letters(stated)
    ):
        best, found = _paragraphs(stated), "json-ld articleBody"
    if not best:
        best, found = (
            tuple(text for node in root.iter("p") if (text := collapse_whitespace(node.text_content()))),
            "p",
        )
    if best and normalise_letters(best[0]) == normalise_letters(headline):
        best = best[1:]
    return best, found


def _run_trafilatura(root: Any, url: str | None, *, is_generous: bool) -> tuple[str, ...]:
    # A quarter of a second to import, for who reads no such page nothing.
    from trafilatura import bare_extraction  # noqa: PLC0415

    # It tells of pages that it cannot read; that is ours to say.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    try:
        document = bare_extraction(root, url=url, include_comments=False, favor_recall=is_generous)
    except Exception:  # whatever it stumbles over, the page has been read otherwise
        return ()
    return _paragraphs(getattr(document, "text", None) or "")


def _paragraphs(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(collapse_whitespace, text.splitlines())))


def _size(paragraphs: tuple[str, ...]) -> int:
    return sum(map(len, paragraphs))


def _count_prose(root: Any) -> int:
    """The characters of the page's longer <p>."""
    sizes = (len(node.text_content().strip()) for node in root.iter("p"))
    return sum(size for size in sizes if size >= _SHORTEST_PROSE)
