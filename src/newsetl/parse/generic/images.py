"""The article's pictures with their captions: its <figure>s, else what JSON-LD or og:image names."""

from __future__ import annotations

import re
from typing import Any

from newsetl.model import Image
from newsetl.parse.generic.candidates import Survey, marks_of
from newsetl.parse.generic.jsonld import Record
from newsetl.parse.generic.meta_tags import Head
from newsetl.parse.html_lines import joined
from newsetl.text.whitespace import single_blanks

_MOST, _LONGEST_CAPTION = 50, 600
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")
_CREDIT = re.compile(r"credit|copyright|photographer", re.IGNORECASE)


def find_pictures(
    root: Any, found: Survey, head: Head, record: Record, base: str | None
) -> tuple[tuple[Image, ...], str]:
    """The pictures, each address once, and where they were found."""
    images: dict[str, Image] = {}
    for figure in root.iter("figure"):
        picture = next(figure.iter("img"), None)
        url = _address(picture, base) if picture is not None else ""
        if url and not found.is_others(figure):
            caption, credit = _caption(figure)
            images.setdefault(url, Image(url, caption, credit))
        if len(images) >= _MOST:
            break
    if images:
        return tuple(images.values()), "figure"
    for url, caption in record.images[:_MOST]:
        if whole := joined(base or "", url):
            images.setdefault(whole, Image(whole, caption or None))
    if images:
        return tuple(images.values()), "json-ld"
    url, name = head.first("og:image", "og:image:url", "twitter:image")
    whole = joined(base or "", url) if url else ""
    return ((Image(whole, head.first("og:image:alt")[0] or None),), f"meta {name}") if whole else ((), "")


def _address(picture: Any, base: str | None) -> str:
    values = (picture.get(name) for name in _SOURCES)
    url = next((value for value in values if value and not value.startswith("data:")), "")
    return (joined(base or "", url) or "") if url else ""


def _caption(figure: Any) -> tuple[str | None, str | None]:
    box = next(figure.iter("figcaption"), None)
    if box is None:
        return None, None
    part = next((node for node in box.iter() if node is not box and _CREDIT.search(marks_of(node))), None)
    whole = single_blanks(" ".join(box.itertext()))
    credit = single_blanks(" ".join(part.itertext())) if part is not None else ""
    if credit and credit != whole:
        whole = single_blanks(whole.replace(credit, " "))
    credit = re.sub(
        r"^(?:photo(?:graph)?|image|picture|credit|copyright|©)s?(?:\s+(?:credit|by))?\s*[:：]?\s*",
        "",
        credit,
        flags=re.I,
    )
    return whole[:_LONGEST_CAPTION] or None, credit[:120] or None
