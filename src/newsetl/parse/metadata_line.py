"""The metadata line of an article: agency, date, author and editor."""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsetl.parse.byline import BylinePatterns
from newsetl.parse.editor_line import EditorLinePatterns
from newsetl.parse.label_patterns import COLON, OPEN_BRACKET, any_of, compiled, value_label
from newsetl.parse.lines import Line
from newsetl.parse.name_lists import NameLists
from newsetl.parse.photo_credit import PhotoCreditPatterns
from newsetl.sources.config import ParseConfig

_BARS = re.compile(r"[|｜丨]+")
_LONGEST_LINE = 300
_LONGEST_VALUE = 80
# A source's own form of a metadata line goes over so many lines at most.
_MOST_FORMED = 4


@dataclass(frozen=True, slots=True)
class MetadataLine:
    """A metadata line's values as printed, "" where a label has none and None where it is missing."""

    agency: str | None
    date: str | None
    author: str | None
    editor: str | None
    first: int
    last: int


class MetadataLinePatterns:
    """The patterns of a source's metadata lines."""

    def __init__(
        self,
        read: ParseConfig,
        *,
        names: NameLists,
        bylines: BylinePatterns,
        editors: EditorLinePatterns,
        credits: PhotoCreditPatterns,
    ) -> None:
        self._dates = read.date_formats
        self._names, self._bylines, self._editors, self._credits = names, bylines, editors, credits
        self._forms = read.metadata_patterns
        self._label = value_label(read)
        self._source_first = compiled(rf"^{OPEN_BRACKET}?\s*{any_of(read.source_labels)}{COLON}")

    def find(self, lines: list[Line]) -> MetadataLine | None:
        """The article's metadata line: the one with an author label if there are several, else the first."""
        if self._forms:
            formed = (made for index in range(len(lines)) if (made := self._match_form(lines, index)))
            if made := next(formed, None):
                return made
        found = [made for index in range(len(lines)) if (made := self._at(lines, index))]
        return next((made for made in found if made.author is not None), found[0] if found else None)

    def _match_form(self, lines: list[Line], index: int) -> MetadataLine | None:
        """What a form of the source's own says of the lines from `index` on, as many of them as it can."""
        texts = [line.text for line in lines[index : index + _MOST_FORMED]]
        # A form is a line or a few short ones: sentences of the text are none.
        texts = texts[: next((n for n, text in enumerate(texts) if len(text) > _LONGEST_LINE), len(texts))]
        for count in range(len(texts), 0, -1):
            text = "\n".join(texts[:count])
            for form in self._forms if len(text) <= _LONGEST_LINE else ():
                found = form.fullmatch(text)
                said = {name: value for name, value in found.groupdict().items() if value} if found else {}
                # A blank of the form may be a line's end; one within a value is none.
                if not said or any("\n" in value for value in said.values()):
                    continue
                said = {name: value.strip(" ,;|()[]【】（）") for name, value in said.items()}
                agency, date, author, editor = map(said.get, ("agency", "date", "author", "editor"))
                return MetadataLine(agency, date, author, editor, index, index + count - 1)
        return None

    def _at(self, lines: list[Line], index: int) -> MetadataLine | None:
        """Values of a metadata line that begins at `index`; it may go on over some short lines."""
        text = lines[index].text
        # Every label has a colon, and few lines have one.
        may_have = len(text) <= _LONGEST_LINE and (":" in text or "：" in text)
        label = self._label.search(text) if may_have else None
        if label is None or not (self._source_first.match(text) or self._dates.search(text)):
            return None
        last = index
        while not self._is_complete(text) and last + 1 < len(lines) and last < index + 6:
            after = lines[last + 1].text
            goes_on = self._label.search(after) or self._dates.search(after) or _BARS.fullmatch(after)
            if len(after) > _LONGEST_VALUE or not (goes_on or text.endswith((":", "："))):
                break
            if self._dates.search(text) and self._editors.fits(after):
                break
            text, last = f"{text} {after}", last + 1
        values = self._get_values(text)
        if values.get("author") == "" and self._is_value_beside(lines, last):
            values["author"], last = lines[last + 1].text, last + 1
        if "date" not in values:
            # With both labels there, what stands between the bars is a date that cannot be read.
            if "agency" not in values or "author" not in values:
                return None
            between = _BARS.split(text)
            values["date"] = between[1].strip() if len(between) >= 3 else ""
        return MetadataLine(
            values.get("agency"), values["date"], values.get("author"), values.get("editor"), index, last
        )

    def _is_complete(self, text: str) -> bool:
        values = self._get_values(text)
        return "date" in values and "author" in values

    def _get_values(self, text: str) -> dict[str, str]:
        """Label → value: up to the next label, bar or date."""
        values: dict[str, str] = {}
        date = self._dates.search(text)
        if date:
            values["date"] = date.group().strip()
            text = self._dates.replace_all("|", text)
        labels = list(self._label.finditer(text))
        for label, after in zip(labels, [*labels[1:], None], strict=True):
            value = text[label.end() : after.start() if after else len(text)]
            name = label.lastgroup or ""
            values.setdefault(name, _BARS.split(value)[0].strip(" ,;[]【】"))
        return values

    def _is_value_beside(self, lines: list[Line], n: int) -> bool:
        """True if line `n` is a label alone, and the line in the next box its value."""
        if n + 1 >= len(lines) or not self._label.fullmatch(lines[n].text):
            return False
        here, after = lines[n], lines[n + 1]
        is_own = not (after.is_menu or self._bylines.begins(after.text) or self._credits.find(after.text))
        is_beside = here.box[:-1] == after.box[:-1] != ()
        return is_own and is_beside and self._names.is_name_list(after.text, is_lower=False)
