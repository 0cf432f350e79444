"""The breadcrumb of an article page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsetl.parse.label_patterns import COLON, any_of, compiled, value_label
from newsetl.parse.lines import Line
from newsetl.sources.config import ParseConfig

_LONGEST_LINE = 300


@dataclass(frozen=True, slots=True)
class Breadcrumb:
    """A breadcrumb: its parts, and the index of its last line."""

    parts: tuple[str, ...]
    first: int
    last: int


class BreadcrumbPatterns:
    """The patterns of a source's breadcrumb."""

    def __init__(self, read: ParseConfig) -> None:
        self._position = compiled(rf"^{any_of(read.breadcrumb_labels)}{COLON}(?P<rest>.*)$")
        self._label = value_label(read)
        self._words = {word.casefold() for word in read.article_words}

    def find(self, lines: list[Line]) -> Breadcrumb | None:
        """The first breadcrumb: a labelled line, or a line of three parts with `>` between them."""
        for index, line in enumerate(lines):
            found = self._position.match(line.text)
            if found:
                rest, last = found.group("rest"), index
                # In a list each part is a line of its own.
                while not _is_whole(rest) and last + 1 < len(lines) and last < index + 8:
                    after = lines[last + 1]
                    is_open = not rest or rest.endswith(">") or after.text.startswith(">")
                    if not is_open and not (after.is_link and ">" not in rest):
                        break
                    if self._label.search(after.text) or after.tag in ("h1", "h2"):
                        break
                    rest, last = f"{rest} > {after.text}" if rest else after.text, last + 1
                return Breadcrumb(_parts(rest, labelled=True), index, last)
            has_sign = ">" in line.text or "›" in line.text or "»" in line.text
            if (
                has_sign
                and len(line.text) <= _LONGEST_LINE
                and len(re.findall(r"\s[>›»]\s?|[>›»]\s", line.text)) >= 2
            ):
                return Breadcrumb(_parts(line.text, labelled=False), index, index)
        return None

    def is_article_word(self, part: str) -> bool:
        """True for a breadcrumb's last part that only says that this is an article."""
        return part.casefold() in self._words


def _is_whole(rest: str) -> bool:
    return rest.count(">") >= 2 and not rest.rstrip().endswith(">")


def _parts(text: str, *, labelled: bool) -> tuple[str, ...]:
    parts = [part.strip() for part in re.split(r"\s*[>›»]\s*", text.strip(" >›»")) if part.strip()]
    if labelled and len(parts) > 3:
        # The title is the last part and may hold the sign itself.
        parts[2:] = [" > ".join(parts[2:])]
    return tuple(parts)
