"""What a page says of itself in its head: <title>, meta tags, canonical address, language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from newsetl.text.whitespace import collapse_whitespace

_PROPERTIES = ("name", "property", "itemprop", "http-equiv")
_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class MetaTags:
    """`metas` maps a name in small letters to its values in page order; markup in them is gone."""

    title: str
    values: Mapping[str, tuple[str, ...]]
    canonical: str
    language: str

    def first(self, *names: str) -> tuple[str, str]:
        """The first value under any of `names`, and its name; ("", "") if there is none."""
        return next(((value, name) for name in names for value in self.values.get(name, ())), ("", ""))


def parse_meta_tags(root: Any) -> MetaTags:
    metas: dict[str, list[str]] = {}
    for meta in root.iter("meta"):
        # Some saved pages have the content as `value`.
        content = meta.get("content") or meta.get("value")
        if not content:
            continue
        value = collapse_whitespace(content[:_LONGEST])
        for name in {meta.get(name) for name in _PROPERTIES}:
            if name and value:
                metas.setdefault(name.strip().casefold(), []).append(value)
    title = next((node for node in root.iter("title") if not _is_in_svg(node)), None)
    canonical = next(
        (link.get("href") for link in root.iter("link") if (link.get("rel") or "").casefold() == "canonical"),
        None,
    )
    named = {name: tuple(values) for name, values in metas.items()}
    language = root.get("lang") or root.get("xml:lang") or next(iter(named.get("og:locale", ("",))))
    return MetaTags(
        title=collapse_whitespace(title.text_content()) if title is not None else "",
        values=named,
        canonical=(canonical or next(iter(named.get("og:url", ("",))))).strip(),
        language=re.split(r"[-_]", language.strip())[0].casefold()[:3],
    )


def _is_in_svg(node: Any) -> bool:
    parent = node.getparent()
    return parent is not None and parent.tag in ("svg", "symbol", "g", "path")
