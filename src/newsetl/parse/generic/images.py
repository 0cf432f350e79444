"""Images of an article with captions: its <figure>s, else JSON-LD, else og:image."""

from __future__ import annotations

import re
from typing import Any

from newsetl.model import Image
from newsetl.parse.generic.candidates import PageCandidates, get_attributes
from newsetl.parse.generic.jsonld import JsonLdArticle
from newsetl.parse.generic.meta_tags import MetaTags
from newsetl.parse.html_lines import join_url
from newsetl.text.whitespace import collapse_whitespace

_MAX_IMAGES, _MAX_CAPTION_CHARS = 50, 600
_URL_ATTRIBUTES = ("data-src", "data-original", "data-lazy-src", "src")
_CREDIT_CLASS = re.compile(r"credit|copyright|photographer", re.IGNORECASE)


def find_images(
    root: Any, candidates: PageCandidates, meta: MetaTags, record: JsonLdArticle, base_url: str | None
) -> tuple[tuple[Image, ...], str]:
    """Return at most 50 images, each URL once, and their provenance."""
    images: dict[str, Image] = {}
    for figure in root.iter("figure"):
        picture = next(figure.iter("img"), None)
        url = _get_image_url(picture, base_url) if picture is not None else ""
        if url and not candidates.is_outside_article(figure):
            caption, credit = _get_caption(figure)
            images.setdefault(url, Image(url, caption, credit))
        if len(images) >= _MAX_IMAGES:
            break
    if images:
        return tuple(images.values()), "figure"
    for url, caption in record.images[:_MAX_IMAGES]:
        if absolute := join_url(base_url or "", url):
            images.setdefault(absolute, Image(absolute, caption or None))
    if images:
        return tuple(images.values()), "json-ld"
    url, name = meta.find_first("og:image", "og:image:url", "twitter:image")
    absolute = join_url(base_url or "", url) if url else ""
    return (
        ((Image(absolute, meta.find_first("og:image:alt")[0] or None),), f"meta {name}")
        if absolute
        else ((), "")
    )


def _get_image_url(picture: Any, base_url: str | None) -> str:
    values = (picture.get(name) for name in _URL_ATTRIBUTES)
    url = next((value for value in values if value and not value.startswith("data:")), "")
    return (join_url(base_url or "", url) or "") if url else ""


def _get_caption(figure: Any) -> tuple[str | None, str | None]:
    figcaption = next(figure.iter("figcaption"), None)
    if figcaption is None:
        return None, None
    credit_element = next(
        (
            node
            for node in figcaption.iter()
            if node is not figcaption and _CREDIT_CLASS.search(get_attributes(node))
        ),
        None,
    )
    caption = collapse_whitespace(" ".join(figcaption.itertext()))
    credit = collapse_whitespace(" ".join(credit_element.itertext())) if credit_element is not None else ""
    if credit and credit != caption:
        caption = collapse_whitespace(caption.replace(credit, " "))
    credit = re.sub(
        r"^(?:photo(?:graph)?|image|picture|credit|copyright|©)s?(?:\s+(?:credit|by))?\s*[:：]?\s*",
        "",
        credit,
        flags=re.I,
    )
    return caption[:_MAX_CAPTION_CHARS] or None, credit[:120] or None
