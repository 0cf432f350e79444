"""Photo credit in a line: `(PHOTO: VCG)` in any spelling."""

from __future__ import annotations

from dataclasses import dataclass

from newsetl.parse.label_patterns import (
    CLOSE_BRACKET,
    COLON,
    OPEN_BRACKET,
    build_alternation,
    compile_pattern,
)
from newsetl.sources.config import ParseConfig

# Of a longer line only the end is searched, so that no page can make the search slow.
_MAX_LINE_CHARS = 3_000
_MAX_SEARCHED_CHARS = 600


@dataclass(frozen=True, slots=True)
class PhotoCredit:
    """Photo credit with the text before and after it in its line."""

    before: str
    credit: str | None
    after: str


class PhotoCreditPatterns:
    """Photo-credit patterns of one source."""

    def __init__(self, config: ParseConfig) -> None:
        colon_labels = tuple(label for label in config.photo_labels if " " not in label)
        spaced_labels = tuple(label for label in config.photo_labels if " " in label)
        label_pattern = (
            rf"(?:{build_alternation(colon_labels)}{COLON}|{build_alternation(spaced_labels)}(?:{COLON}|\s+))"
        )
        credit = r"(?P<credit>[^()（）\[\]【】]*(?:[(（][^()（）]*[)）][^()（）\[\]【】]*)*)"
        self._credit_pattern = compile_pattern(
            rf"{OPEN_BRACKET}\s*(?:{label_pattern}\s*{credit}|(?P<unnamed>(?:courtesy|file)\s+photo))\s*{CLOSE_BRACKET}"
        )
        self._bare_credit_pattern = compile_pattern(
            rf"(?:^|(?<=[.!?。\"”]))\s*{build_alternation(colon_labels)}{COLON}(?P<credit>[^.:：]{{0,80}})$"
        )

    def find(self, text: str) -> PhotoCredit | None:
        """Return the first photo credit of a line, or None.

        A credit is `(PHOTO: VCG)` in any spelling, or without brackets at the end of the line. Of a line over
        3,000 characters only the last 600 are searched.
        """
        start = len(text) - _MAX_SEARCHED_CHARS if len(text) > _MAX_LINE_CHARS else 0
        match = self._credit_pattern.search(text, start)
        if match:
            credit = match.group("credit") if match.group("unnamed") is None else match.group("unnamed")
        elif match := self._bare_credit_pattern.search(text, start):
            credit = match.group("credit")
        else:
            return None
        return PhotoCredit(text[: match.start()].strip(), credit.strip() or None, text[match.end() :].strip())
