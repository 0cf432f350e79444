"""Images of an article with captions: those of its text, else JSON-LD, else og:image."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from newsetl.model import Image
from newsetl.parse.caption_credit import split_credit
from newsetl.parse.generic.candidates import PageCandidates, get_attributes
from newsetl.parse.generic.jsonld import JsonLdArticle
from newsetl.parse.generic.meta_tags import MetaTags
from newsetl.parse.generic.visible_text import get_visible_text
from newsetl.parse.html_lines import join_url
from newsetl.parse.pictures import is_placeholder, iter_picture_urls

_MAX_IMAGES, _MAX_CAPTION_CHARS, _MAX_CREDIT_CHARS = 50, 600, 120
_PICTURE_TAGS = frozenset({"img", "amp-img", "amp-anim"})
_CREDIT_CLASS = re.compile(r"credit|copyright|photographer|attribution", re.IGNORECASE)
_CAPTION_CLASS = re.compile(r"caption|legend|cutline|photo-?desc|image-?(?:desc|text|title)", re.IGNORECASE)
# Boxes around one picture and its caption: wp-caption of WordPress, and others.
_PICTURE_BOX_CLASS = re.compile(
    r"caption|image|img|photo|picture|figure|media|gallery|embed|slide", re.IGNORECASE
)
_MAX_PICTURE_BOXES = 3
# Pictures that are no part of the article.
_ICON_CLASS = re.compile(
    r"avatar|logo|icon|emoji|social|share|sponsor|advert|\bads?\b|author|byline|gravatar|badge|sprite|tracking",
    re.IGNORECASE,
)
_MAX_ICON_PIXELS = 40
_PIXELS = re.compile(r"\s*0*(\d{1,4})(?:px)?\s*")


def find_images(
    root: Any, candidates: PageCandidates, meta: MetaTags, record: JsonLdArticle, base_url: str | None
) -> tuple[tuple[Image, ...], str]:
    """Return at most 50 images, each URL once, and their provenance."""
    images: dict[str, Image] = {}
    found = ""
    used: set[Any] = set()
    for picture, figure in _iter_pictures(root, candidates):
        url = _get_image_url(picture, base_url or "", used)
        if url and url not in images:
            images[url] = Image(url, *_find_caption(picture, figure))
            found = found or ("figure" if figure is not None else "img")
        if len(images) >= _MAX_IMAGES:
            break
    if images:
        return tuple(images.values()), found
    for url, caption in record.images[:_MAX_IMAGES]:
        absolute = "" if is_placeholder(url) else join_url(base_url or "", url)
        if absolute:
            images.setdefault(absolute, Image(absolute, *_split_caption(caption)))
    if images:
        return tuple(images.values()), "json-ld"
    url, name = meta.find_first("og:image", "og:image:url", "twitter:image")
    absolute = join_url(base_url or "", url) if url and not is_placeholder(url) else ""
    return (
        ((Image(absolute, meta.find_first("og:image:alt")[0] or None),), f"meta {name}")
        if absolute
        else ((), "")
    )


def _iter_pictures(root: Any, candidates: PageCandidates) -> Iterator[tuple[Any, Any]]:
    """Yield the article's pictures in page order, each with its <figure>, or None.

    A picture without a figure is of the article if it stands in the box with the text, or between the
    headline and this box.
    """
    prose_box = candidates.prose_box
    headline_box = candidates.headings[0].node if candidates.headings else None
    is_after_headline = headline_box is None
    is_after_prose = False
    for node in root.iter(*_PICTURE_TAGS, "h1", *([prose_box.tag] if prose_box is not None else [])):
        is_after_headline = is_after_headline or node is headline_box
        is_after_prose = is_after_prose or node is prose_box
        if node.tag not in _PICTURE_TAGS or candidates.is_outside_article(node):
            continue
        figure = next(node.iterancestors("figure"), None)
        if figure is not None:
            if not candidates.is_outside_article(figure):
                yield node, figure
        elif (
            prose_box is not None
            and ((is_after_headline and not is_after_prose) or prose_box in node.iterancestors())
            and not _is_icon(node)
        ):
            yield node, None


def _is_icon(picture: Any) -> bool:
    """Return True for an icon, an avatar, a logo, or the picture of a link to another article."""
    if picture.tag == "img":
        sizes = (_PIXELS.fullmatch(picture.get(name) or "") for name in ("width", "height"))
        if any(size and int(size[1]) <= _MAX_ICON_PIXELS for size in sizes):
            return True
    node = picture
    for _ in range(_MAX_PICTURE_BOXES):
        if node is None or node.tag in ("body", "article", "main"):
            break
        if _ICON_CLASS.search(get_attributes(node)):
            return True
        if node.tag == "a" and get_visible_text(node):
            return True
        node = node.getparent()
    return False


def _get_image_url(picture: Any, base_url: str, used: set[Any]) -> str:
    """Return the URL of a picture, or "". `used` holds the pictures in <noscript> that stand for others."""
    if picture in used:
        return ""
    # libxml2 does not know that a <source> is empty: the <img> after it is inside it.
    sources = [node.attrib for box in picture.iterancestors("picture") for node in box.iter("source")]
    noscript = None if _is_in_noscript(picture) else _find_noscript(picture)
    fallback = next(noscript.iter(*_PICTURE_TAGS), None) if noscript is not None else None
    if fallback is not None:
        used.add(fallback)
        if not any(
            name.startswith("data-") and "srcset" not in name and value in iter_picture_urls({name: value})
            for name, value in picture.items()
        ):
            sources.insert(0, fallback.attrib)
            own = dict(picture.attrib)
            for name in [name for name in own if "srcset" in name]:
                sources.append({name: own.pop(name)})
            return _join_first(iter_picture_urls(own, sources), base_url)
    return _join_first(iter_picture_urls(dict(picture.attrib), sources), base_url)


def _join_first(urls: Iterator[str], base_url: str) -> str:
    url = next(urls, "")
    return (join_url(base_url, url) or "") if url else ""


def _is_in_noscript(picture: Any) -> bool:
    return next(picture.iterancestors("noscript"), None) is not None


def _find_noscript(picture: Any) -> Any:
    """Return the <noscript> with the same picture: beside it, or beside the <picture> around it."""
    node = picture
    for _ in range(_MAX_PICTURE_BOXES + 1):
        for sibling in (node.getnext(), node.getprevious()):
            if sibling is not None and sibling.tag == "noscript":
                return sibling
        node = node.getparent()
        if node is None or node.tag not in ("picture", "source", "a", "span"):
            break
    return None


def _find_caption(picture: Any, figure: Any) -> tuple[str | None, str | None]:
    """Return the caption and the credit of a picture, each None if it has none."""
    if figure is not None:
        pictures = [node for node in figure.iter(*_PICTURE_TAGS) if not _is_in_noscript(node)]
        captions = list(figure.iter("figcaption")) or _find_by_class(figure, _CAPTION_CLASS)
        if len(captions) == len(pictures) > 1 and picture in pictures:
            return _read_caption(captions[pictures.index(picture)], None)
        if captions:
            return _read_caption(captions[0], figure)
        return _read_caption(None, figure)
    box = picture
    for _ in range(_MAX_PICTURE_BOXES):
        after = box.getnext()
        if after is not None and after.tag != "figure" and _CAPTION_CLASS.search(get_attributes(after)):
            return _read_caption(after, None)
        box = box.getparent()
        if box is None or box.tag in ("body", "article", "main") or sum(1 for _ in box.iter("img", "p")) > 3:
            break
        if _PICTURE_BOX_CLASS.search(get_attributes(box)):
            captions = _find_by_class(box, _CAPTION_CLASS)
            text = get_visible_text(box)
            if captions or (
                0 < len(text) <= _MAX_CAPTION_CHARS and _CAPTION_CLASS.search(get_attributes(box))
            ):
                return _read_caption(captions[0] if captions else box, box)
    return None, None


def _find_by_class(box: Any, pattern: re.Pattern[str]) -> list[Any]:
    """Return the outermost elements in `box` with such a class and a text."""
    found: list[Any] = []
    for node in box.iterdescendants():
        if (
            isinstance(node.tag, str)
            and node.tag not in _PICTURE_TAGS
            and pattern.search(node.get("class") or "")
            and get_visible_text(node)
            and next(node.iter(*_PICTURE_TAGS), None) is None
            and not any(each in found for each in node.iterancestors())
        ):
            found.append(node)
    return found


def _read_caption(element: Any, figure: Any) -> tuple[str | None, str | None]:
    """Read caption and credit of a caption's element and of the figure around it, which may be None."""
    caption = get_visible_text(element) if element is not None else ""
    inside = _find_by_class(element, _CREDIT_CLASS) if element is not None else []
    credit = get_visible_text(inside[0]) if inside else ""
    if not credit and figure is not None:
        credits = _find_by_class(figure, _CREDIT_CLASS)
        credit = get_visible_text(credits[0]) if credits else ""
    if not credit and element is not None and _CREDIT_CLASS.search(element.get("class") or ""):
        credit = caption if not _CAPTION_CLASS.search(element.get("class") or "") else ""
    return _split_caption(caption, credit)


def _split_caption(caption: str, credit: str = "") -> tuple[str | None, str | None]:
    caption, credit = split_credit(caption, credit)
    return caption[:_MAX_CAPTION_CHARS] or None, credit[:_MAX_CREDIT_CHARS] or None
