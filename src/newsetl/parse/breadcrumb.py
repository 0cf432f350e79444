"""Breadcrumb of an article page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsetl.parse.label_patterns import COLON, build_alternation, compile_pattern, compile_value_labels
from newsetl.parse.lines import Line
from newsetl.sources.config import ParseConfig

_MAX_LINE_CHARS = 300


@dataclass(frozen=True, slots=True)
class Breadcrumb:
    """Parts of a breadcrumb, with the indexes of its first and last line."""

    parts: tuple[str, ...]
    first: int
    last: int


class BreadcrumbPatterns:
    """Breadcrumb patterns of one source."""

    def __init__(self, config: ParseConfig) -> None:
        self._breadcrumb_pattern = compile_pattern(
            rf"^{build_alternation(config.breadcrumb_labels)}{COLON}(?P<rest>.*)$"
        )
        self._label_pattern = compile_value_labels(config)
        self._article_words = {word.casefold() for word in config.article_words}

    def find(self, lines: list[Line]) -> Breadcrumb | None:
        """Return the first breadcrumb: a labelled line, or three parts with `>` between them."""
        for index, line in enumerate(lines):
            match = self._breadcrumb_pattern.match(line.text)
            if match:
                value, last = match.group("rest"), index
                # In an HTML list each part is a line.
                while not _is_complete_breadcrumb(value) and last + 1 < len(lines) and last < index + 8:
                    next_line = lines[last + 1]
                    is_open = not value or value.endswith(">") or next_line.text.startswith(">")
                    if not is_open and not (next_line.is_link and ">" not in value):
                        break
                    if self._label_pattern.search(next_line.text) or next_line.tag in ("h1", "h2"):
                        break
                    value, last = f"{value} > {next_line.text}" if value else next_line.text, last + 1
                return Breadcrumb(_split_breadcrumb(value, is_labelled=True), index, last)
            has_separator = ">" in line.text or "›" in line.text or "»" in line.text
            if (
                has_separator
                and len(line.text) <= _MAX_LINE_CHARS
                and len(re.findall(r"\s[>›»]\s?|[>›»]\s", line.text)) >= 2
            ):
                return Breadcrumb(_split_breadcrumb(line.text, is_labelled=False), index, index)
        return None

    def is_article_word(self, part: str) -> bool:
        """Return True for a last part that means only "article", as the source's `article_words` do."""
        return part.casefold() in self._article_words


def _is_complete_breadcrumb(value: str) -> bool:
    return value.count(">") >= 2 and not value.rstrip().endswith(">")


def _split_breadcrumb(text: str, *, is_labelled: bool) -> tuple[str, ...]:
    parts = [part.strip() for part in re.split(r"\s*[>›»]\s*", text.strip(" >›»")) if part.strip()]
    if is_labelled and len(parts) > 3:
        # The title is the last part and may contain a separator.
        parts[2:] = [" > ".join(parts[2:])]
    return tuple(parts)
