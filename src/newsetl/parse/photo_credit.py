"""The photo credit in a line: `(PHOTO: VCG)` in any spelling."""

from __future__ import annotations

from dataclasses import dataclass

from newsetl.parse.label_patterns import CLOSE_BRACKET, COLON, OPEN_BRACKET, any_of, compiled
from newsetl.sources.config import ParseConfig

# No caption stands in a longer line, and no page can make the search for one slow.
_LONGEST_CAPTIONED = 3_000
_LONGEST_TAIL = 600


@dataclass(frozen=True, slots=True)
class PhotoCredit:
    """A photo credit and what stands before and after it in its line."""

    before: str
    credit: str | None
    after: str


class PhotoCreditPatterns:
    """The patterns of a source's photo credits."""

    def __init__(self, read: ParseConfig) -> None:
        colons = tuple(label for label in read.photo_labels if " " not in label)
        words = tuple(label for label in read.photo_labels if " " in label)
        start = rf"(?:{any_of(colons)}{COLON}|{any_of(words)}(?:{COLON}|\s+))"
        credit = r"(?P<credit>[^()（）\[\]【】]*(?:[(（][^()（）]*[)）][^()（）\[\]【】]*)*)"
        self._mark = compiled(
            rf"{OPEN_BRACKET}\s*(?:{start}\s*{credit}|(?P<whole>(?:courtesy|file)\s+photo))\s*{CLOSE_BRACKET}"
        )
        self._bare_mark = compiled(
            rf"(?:^|(?<=[.!?。\"”]))\s*{any_of(colons)}{COLON}(?P<credit>[^.:：]{{0,80}})$"
        )

    def find(self, text: str) -> PhotoCredit | None:
        """The first photo mark of a line: `(PHOTO: VCG)` in any spelling, or a bare one at its end.

        Of a line that is too long for a caption only the end is searched.
        """
        start = len(text) - _LONGEST_TAIL if len(text) > _LONGEST_CAPTIONED else 0
        found = self._mark.search(text, start)
        if found:
            credit = found.group("credit") if found.group("whole") is None else found.group("whole")
        elif found := self._bare_mark.search(text, start):
            credit = found.group("credit")
        else:
            return None
        return PhotoCredit(text[: found.start()].strip(), credit.strip() or None, text[found.end() :].strip())
