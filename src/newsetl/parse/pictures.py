"""URL of the picture that an <img> shows, also if a script loads it later."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

# Attributes from which scripts load a picture, the best known first.
LAZY_ATTRIBUTES = (
    "data-src", "data-original", "data-lazy-src", "data-lazy", "data-url", "data-original-src", "data-image",
    "data-img", "data-img-src", "data-img-url", "data-full-src", "data-large-file", "data-large-src",
    "data-hi-res-src", "data-echo", "data-actualsrc", "data-raw-src", "data-original-file", "data-cfsrc",
    "data-orig-file",
)  # fmt: skip
_SRCSET_ATTRIBUTES = ("data-srcset", "data-lazy-srcset", "data-original-set", "srcset")
# URLs and widths are separated by blanks; a comma may be part of a URL.
_SRCSET_ITEM = re.compile(r"\s*([^\s,]\S*[^\s,])(?:\s+(\d+(?:\.\d+)?)([wx]))?\s*(?:,|$)")
_PICTURE_URL = re.compile(r"(?:https?:)?/\S+\.(?:jpe?g|png|webp|avif|gif)(?:[?#]\S*)?$", re.IGNORECASE)
_NO_URL = re.compile(r"(?:javascript|data|mailto|about|blob):|#", re.IGNORECASE)
_STEM = re.compile(r"([^/?#]*?)(?:\.\w{2,5})?(?:[?#].*)?$")
# A file named by these words alone is shown until the picture is loaded; one of _MARKS is among them.
_MARKS = frozenset([
    "blank", "spacer", "placeholder", "placehold", "transparent", "transp", "trans", "pixel", "loading",
    "loader", "load", "lazy", "lazyload", "lazyloading", "empty", "clear", "dummy", "grey", "gray", "white",
    "black", "default", "defaultimg", "fallback", "noimage", "noimg", "nopic", "no", "none", "null",
    "nothing", "preload", "preloader", "shim", "dot",
])  # fmt: skip
_PLACEHOLDER_WORDS = _MARKS | {
    "space", "px", "img", "image", "images", "pic", "photo", "thumb", "thumbnail", "bg", "tiny", "base",
}  # fmt: skip
_SIZE = re.compile(r"\d*(?:x\d+)?(?:px)?")


def is_placeholder(url: str) -> bool:
    """Return True for the URL of an image that only reserves the place of a picture."""
    url = url.strip()
    if not url or _NO_URL.match(url):
        return True
    stem = _STEM.search(url)
    words = [word for word in re.split(r"[-_.+\s]|%20", stem[1].casefold()) if word] if stem else []
    if not words:
        return False
    names = [word for word in words if not _SIZE.fullmatch(word)]
    if not names:
        # 1x1.gif and 16x9.png, but not 20260304.jpg.
        return any("x" in word for word in words)
    return _PLACEHOLDER_WORDS.issuperset(names) and not _MARKS.isdisjoint(names)


def iter_picture_urls(
    attributes: Mapping[str, str], sources: Iterable[Mapping[str, str]] = (), names: tuple[str, ...] = ()
) -> Iterator[str]:
    """Yield the URLs in an <img>'s attributes, the best one first, without placeholders.

    `sources` are the attributes of the <source>s in the <picture> around it. `names` are attributes that the
    source file prefers.
    """
    for name in (*names, *LAZY_ATTRIBUTES, "src"):
        value = attributes.get(name)
        if value and not is_placeholder(value):
            yield value.strip()
    # Other scripts have other names.
    for name, value in attributes.items():
        if name.startswith("data-") and name not in LAZY_ATTRIBUTES and _PICTURE_URL.match(value.strip()):
            yield value.strip()
    for each in (attributes, *sources):
        for name in _SRCSET_ATTRIBUTES:
            if url := _choose_from_srcset(each.get(name) or ""):
                yield url
        for name in ("data-src", "src"):
            if each is not attributes and (value := each.get(name)) and not is_placeholder(value):
                yield value.strip()


def _choose_from_srcset(value: str) -> str:
    """Return the URL of the largest picture in a srcset, or ""."""
    items = [
        (float(size or 1), url) for url, size, _ in _SRCSET_ITEM.findall(value) if not is_placeholder(url)
    ]
    return max(items, key=lambda item: item[0])[1] if items else ""
