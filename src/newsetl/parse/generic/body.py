"""Body of an article, extracted with trafilatura, or from the blocks around most prose."""

from __future__ import annotations

import logging
import re
from typing import Any

from newsetl.parse.generic.article_tree import LIST_MARK
from newsetl.parse.generic.candidates import PageCandidates, get_attributes
from newsetl.parse.generic.visible_text import get_visible_text
from newsetl.text.whitespace import collapse_whitespace, normalise_letters

# Share of the page's prose in the body, below which trafilatura's other mode runs too.
_MIN_SHARE = 0.5
_MIN_PROSE_CHARS = 80
_MIN_PROSE_BLOCKS, _MOST, _MAX_LINK_SHARE = 3, 0.8, 0.6
# With so many characters from trafilatura, more prose on the page is that of other articles.
_WHOLE_ARTICLE_CHARS = 8_000
_BLOCK_TAGS = ("p", "h2", "h3", "h4", "li", "blockquote", "pre")
_COMMENT_CLASS = re.compile(r"comments?(?!ary)|discuss|disqus|replies", re.IGNORECASE)
# trafilatura writes a dash before each item of a list.
_NUMBERED = re.compile(rf"^-\s*(?={LIST_MARK})")


def extract_body(
    root: Any, candidates: PageCandidates, headline: str, jsonld_body: str, url: str | None
) -> tuple[tuple[str, ...], str]:
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
    if _count_chars(best) < min(_MIN_SHARE * prose_chars, _WHOLE_ARTICLE_CHARS):
        # The text is spread over several boxes, of which trafilatura takes one.
        blocks = _collect_blocks(root, candidates)
        if _count_chars(best) < _MIN_SHARE * _count_chars(blocks):
            best, found = blocks, "blocks with prose"
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


def _collect_blocks(root: Any, candidates: PageCandidates) -> tuple[str, ...]:
    """Return the texts of the blocks in the smallest box with most prose, without other articles' boxes."""
    prose = [
        node
        for node in root.iter("p")
        if len(node.text_content().strip()) >= _MIN_PROSE_CHARS and not candidates.is_outside_article(node)
    ]
    box = candidates.prose_box
    if len(prose) < _MIN_PROSE_BLOCKS or box is None:
        return ()
    sizes = {node: len(node.text_content()) for node in prose}
    total = sum(sizes.values())
    for parent in (box, *box.iterancestors()):
        box = parent
        if sum(sizes.get(node, 0) for node in box.iter("p")) >= _MOST * total:
            break
    # A page of several articles has several headlines; comments are longer than many an article.
    around = [candidates.prose_box, *candidates.prose_box.iterancestors()]
    if len({get_visible_text(node) for node in box.iter("h1")}) > 1 or any(
        _COMMENT_CLASS.search(get_attributes(node)) for node in around
    ):
        return ()
    texts = []
    for node in box.iter(*_BLOCK_TAGS):
        if candidates.is_outside_article(node) or next(node.iterdescendants(*_BLOCK_TAGS), None) is not None:
            continue
        text = get_visible_text(node)
        links = sum(len(link.text_content()) for link in node.iter("a"))
        if text and links <= _MAX_LINK_SHARE * len(text):
            texts.append(text)
    return _split_paragraphs("\n".join(texts))


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
    lines = (
        _NUMBERED.sub("", collapse_whitespace(line)).replace(LIST_MARK, "") for line in text.splitlines()
    )
    return tuple(filter(None, lines))


def _count_chars(paragraphs: tuple[str, ...]) -> int:
    return sum(map(len, paragraphs))


def _count_prose(root: Any) -> int:
    """Count the characters of every <p> with at least 80."""
    sizes = (len(node.text_content().strip()) for node in root.iter("p"))
    return sum(size for size in sizes if size >= _MIN_PROSE_CHARS)
