"""<title>, meta tags, canonical URL and language of a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsetl.text.whitespace import collapse_whitespace, unescape_entities

_PROPERTIES = ("name", "property", "itemprop", "http-equiv")
_MAX_VALUE_CHARS = 2_000
_LOCALES = ("content-language", "language", "dc.language", "inlanguage", "og:locale")
_LOCALE = re.compile(r"[-_]")


@dataclass(frozen=True, slots=True)
class MetaTags:
    """Metadata in a page's head. `values` maps a casefolded name to its values in page order.

    `region` is the region of the page's language, such as GB in en-GB, or "".
    """

    title: str
    values: Mapping[str, tuple[str, ...]]
    canonical: str
    language: str
    region: str

    def find_first(self, *names: str) -> tuple[str, str]:
        """Return the first value under any of `names`, and its name, or ("", "")."""
        return next(((value, name) for name in names for value in self.values.get(name, ())), ("", ""))


def parse_meta_tags(root: Any) -> MetaTags:
    """Parse the meta tags of a tree. Each value is cut at 2,000 characters."""
    values: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        # Some saved pages have `value` instead of `content`.
        content = meta.get("content") or meta.get("value")
        if not content:
            continue
        value = collapse_whitespace(unescape_entities(content[:_MAX_VALUE_CHARS]))
        for name in {meta.get(name) for name in _PROPERTIES}:
            if name and value:
                values.setdefault(name.strip().casefold(), []).append(value)
    title = next((node for node in root.iter("title") if not _is_in_svg(node)), None)
    canonical = next(
        (link.get("href") for link in root.iter("link") if (link.get("rel") or "").casefold() == "canonical"),
        None,
    )
    values_by_name = {name: tuple(each) for name, each in values.items()}
    stated = (
        root.get("lang"),
        root.get("xml:lang"),
        *(_get_first(values_by_name, name) for name in _LOCALES),
    )
    locales = [_LOCALE.split(value.strip()) for value in stated if value]
    language = locales[0][0].casefold()[:3] if locales else ""
    # The region is in the last part: en-GB, zh-Hans-CN.
    regions = (parts[-1].upper() for parts in locales if len(parts) > 1 and parts[0].casefold() == language)
    return MetaTags(
        title=collapse_whitespace(unescape_entities(title.text_content())) if title is not None else "",
        values=values_by_name,
        canonical=(canonical or next(iter(values_by_name.get("og:url", ("",))))).strip(),
        language=language,
        region=next(regions, ""),
    )


def _get_first(values: Mapping[str, tuple[str, ...]], name: str) -> str:
    return next(iter(values.get(name, ())), "")


def _is_in_svg(node: Any) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag in ("svg", "symbol", "g", "path")
