"""The article's pictures with their captions: its <figure>s, else what JSON-LD or og:image names."""

from __future__ import annotations

import re
from typing import Any

from newsetl.model import Image
from newsetl.parse.generic.candidates import PageCandidates, get_attributes
from newsetl.parse.generic.jsonld import JsonLdArticle
from newsetl.parse.generic.meta_tags import MetaTags
from newsetl.parse.html_lines import join_url
from newsetl.text.whitespace import collapse_whitespace

_MOST, _LONGEST_CAPTION = 50, 600
_SOURCES = ("data-src", "data-original", "data-lazy-src", "src")
_CREDIT = re.compile(r"credit|copyright|photographer", re.IGNORECASE)


def find_images(
    root: Any, candidates: PageCandidates, meta: MetaTags, record: JsonLdArticle, base: str | None
) -> tuple[tuple[Image, ...], str]:
    """The pictures, each address once, and where they were found."""
    images: dict[str, Image] = {}
    for figure in root.iter("figure"):
        picture = next(figure.iter("img"), None)
        url = _get_image_url(picture, base) if picture is not None else ""
        if url and not candidates.is_outside_article(figure):
            caption, credit = _get_caption(figure)
            images.setdefault(url, Image(url, caption, credit))
        if len(images) >= _MOST:
            break
    if images:
        return tuple(images.values()), "figure"
    for url, caption in record.images[:_MOST]:
        if whole := join_url(base or "", url):
            images.setdefault(whole, Image(whole, caption or None))
    if images:
        return tuple(images.values()), "json-ld"
    url, name = meta.first("og:image", "og:image:url", "twitter:image")
    whole = join_url(base or "", url) if url else ""
    return ((Image(whole, meta.first("og:image:alt")[0] or None),), f"meta {name}") if whole else ((), "")


def _get_image_url(picture: Any, base: str | None) -> str:
    values = (picture.get(name) for name in _SOURCES)
    url = next((value for value in values if value and not value.startswith("data:")), "")
    return (join_url(base or "", url) or "") if url else ""


def _get_caption(figure: Any) -> tuple[str | None, str | None]:
    box = next(figure.iter("figcaption"), None)
    if box is None:
        return None, None
    part = next(
        (node for node in box.iter() if node is not box and _CREDIT.search(get_attributes(node))), None
    )
    whole = collapse_whitespace(" ".join(box.itertext()))
    credit = collapse_whitespace(" ".join(part.itertext())) if part is not None else ""
    if credit and credit != whole:
        whole = collapse_whitespace(whole.replace(credit, " "))
    credit = re.sub(
        r"^(?:photo(?:graph)?|image|picture|credit|copyright|©)s?(?:\s+(?:credit|by))?\s*[:：]?\s*",
        "",
        credit,
        flags=re.I,
    )
    return whole[:_LONGEST_CAPTION] or None, credit[:120] or None
