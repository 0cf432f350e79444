"""The landmarks of an article page: position, metadata line, By line, photo mark, editor, Top News, footer.

A label may stand in any case, with or without blanks around its colon, with a full-width colon, and
glued to what is before it; a value may be empty. The forms are those of the 31 rows of the channel's
facts. Labels come from the source.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from newsetl.parse.lines import Line
from newsetl.sources import Read
from newsetl.wording import DEGREE, SENTENCE_END

_BARS = re.compile(r"[|｜丨]+")
_LONGEST_LINE = 300
_LONGEST_VALUE = 80
# A source's own form of a metadata line goes over so many lines at most.
_MOST_FORMED = 4
# No caption stands in a longer line, and no page can make the search for one slow.
_LONGEST_CAPTIONED = 3_000
_LONGEST_TAIL = 600
_LONGEST_NAME = 120
_LONGEST_CHINESE = 6
_SHORTEST_PROSE, _SURE_PROSE = 20, 80
# A label begins a word, or an upper-case letter glued to the value before it (as in "09:17:50Author:").
_BEFORE = r"(?:(?<![^\W\d_丨])|(?<=[a-z])(?-i:(?=[A-Z])))"
_OPEN, _SHUT = r"[\[【(（]", r"[\]】)）]"


def _any(labels: tuple[str, ...]) -> str:
    if not labels:
        return "(?!)"
    longest_first = sorted(labels, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in longest_first) + ")"


def _compiled(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Position:
    """A breadcrumb: its parts, and the index of its last line."""

    parts: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """A metadata line's values as printed, "" where a label has none and None where it is missing."""

    agency: str | None
    date: str | None
    author: str | None
    editor: str | None
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A photo credit and what stands before and after it in its line."""

    before: str
    credit: str | None
    after: str


class Landmarks:
    """The patterns of one source, compiled once. `whole_names` are desks and papers, never split."""

    def __init__(self, read: Read, whole_names: tuple[str, ...]) -> None:
        colon = r"\s*[:：]\s*"
        self.dates = read.dates
        self.is_metadata_last = read.is_metadata_last
        self._forms = read.metadata_patterns
        self._position = _compiled(rf"^{_any(read.position_labels)}{colon}(?P<rest>.*)$")
        self._label = _compiled(
            _BEFORE
            + rf"(?:(?P<agency>{_any(read.source_labels)})|(?P<author>{_any(read.author_labels)})"
            + rf"|(?P<editor>{_any(read.editor_labels)})){colon}"
        )
        self._source_first = _compiled(rf"^{_OPEN}?\s*{_any(read.source_labels)}{colon}")
        editors = rf"(?:{_any(read.editor_labels)}{colon}|{_any(read.edited_by_labels)}(?:{colon}|\s+))"
        self._editor = _compiled(rf"^{_OPEN}?\s*{editors}(?P<names>[^\n]*?)\s*{_SHUT}?$")
        self._editor_glued = _compiled(
            rf"(?<=[.!?。！？\"”)）])\s*{_OPEN}?\s*{editors}(?P<names>[^.:：。]{{0,40}})$"
        )
        apart = rf"(?:{colon}|\s+|(?<=[\u3400-\u9fff])\s*)"
        self._by = _compiled(rf"^{_any(read.by_labels)}{apart}(?P<names>\S.*)$")
        colons = tuple(label for label in read.photo_labels if " " not in label)
        words = tuple(label for label in read.photo_labels if " " in label)
        start = rf"(?:{_any(colons)}{colon}|{_any(words)}(?:{colon}|\s+))"
        credit = r"(?P<credit>[^()（）\[\]【】]*(?:[(（][^()（）]*[)）][^()（）\[\]【】]*)*)"
        self._mark = _compiled(
            rf"{_OPEN}\s*(?:{start}\s*{credit}|(?P<whole>(?:courtesy|file)\s+photo))\s*{_SHUT}"
        )
        self._bare_mark = _compiled(
            rf"(?:^|(?<=[.!?。\"”]))\s*{_any(colons)}{colon}(?P<credit>[^.:：]{{0,80}})$"
        )
        self._teasers = _compiled(rf"^[\s•*·]*{_any(read.teaser_headings)}\s*[:：]?$")
        self._footers = tuple(read.footer_patterns)
        self._tools = tuple(read.tool_patterns)
        self._words = {word.casefold() for word in read.article_words}
        self._whole_names = {name.casefold() for name in whole_names}

    @staticmethod
    @lru_cache(maxsize=64)
    def of(read: Read, whole_names: tuple[str, ...]) -> Landmarks:
        """The same, made once for each source."""
        return Landmarks(read, whole_names)

    def position(self, lines: list[Line]) -> Position | None:
        """The first breadcrumb: a labelled line, or a line of three parts with `>` between them."""
        for index, line in enumerate(lines):
            found = self._position.match(line.text)
            if found:
                rest, last = found.group("rest"), index
                # In a list each part is a line of its own.
                while not self._is_whole(rest) and last + 1 < len(lines) and last < index + 8:
                    after = lines[last + 1]
                    is_open = not rest or rest.endswith(">") or after.text.startswith(">")
                    if not is_open and not (after.is_link and ">" not in rest):
                        break
                    if self._label.search(after.text) or after.tag in ("h1", "h2"):
                        break
                    rest, last = f"{rest} > {after.text}" if rest else after.text, last + 1
                return Position(_parts(rest, labelled=True), index, last)
            has_sign = ">" in line.text or "›" in line.text or "»" in line.text
            if (
                has_sign
                and len(line.text) <= _LONGEST_LINE
                and len(re.findall(r"\s[>›»]\s?|[>›»]\s", line.text)) >= 2
            ):
                return Position(_parts(line.text, labelled=False), index, index)
        return None

    def _is_whole(self, rest: str) -> bool:
        return rest.count(">") >= 2 and not rest.rstrip().endswith(">")

    def is_article_word(self, part: str) -> bool:
        """True for a breadcrumb's last part that only says that this is an article."""
        return part.casefold() in self._words

    def metadata(self, lines: list[Line]) -> Metadata | None:
        """The article's metadata line: the one with an author label if there are several, else the first."""
        if self._forms:
            formed = (made for index in range(len(lines)) if (made := self._formed(lines, index)))
            if made := next(formed, None):
                return made
        found = [made for index in range(len(lines)) if (made := self._metadata_at(lines, index))]
        return next((made for made in found if made.author is not None), found[0] if found else None)

    def _formed(self, lines: list[Line], index: int) -> Metadata | None:
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
                return Metadata(agency, date, author, editor, index, index + count - 1)
        return None

    def _metadata_at(self, lines: list[Line], index: int) -> Metadata | None:
        """Values of a metadata line that begins at `index`; it may go on over some short lines."""
        text = lines[index].text
        # Every label has a colon, and few lines have one.
        may_have = len(text) <= _LONGEST_LINE and (":" in text or "：" in text)
        label = self._label.search(text) if may_have else None
        if label is None or not (self._source_first.match(text) or self.dates.search(text)):
            return None
        last = index
        while not self._is_complete(text) and last + 1 < len(lines) and last < index + 6:
            after = lines[last + 1].text
            goes_on = self._label.search(after) or self.dates.search(after) or _BARS.fullmatch(after)
            if len(after) > _LONGEST_VALUE or not (goes_on or text.endswith((":", "："))):
                break
            if self.dates.search(text) and self._editor.match(after):
                break
            text, last = f"{text} {after}", last + 1
        values = self._values(text)
        if values.get("author") == "" and self._is_value_beside(lines, last):
            values["author"], last = lines[last + 1].text, last + 1
        if "date" not in values:
            # With both labels there, what stands between the bars is a date that cannot be read.
            if "agency" not in values or "author" not in values:
                return None
            between = _BARS.split(text)
            values["date"] = between[1].strip() if len(between) >= 3 else ""
        return Metadata(
            values.get("agency"), values["date"], values.get("author"), values.get("editor"), index, last
        )

    def _is_value_beside(self, lines: list[Line], n: int) -> bool:
        """True if line `n` is a label alone, and the line in the next box its value."""
        if n + 1 >= len(lines) or not self._label.fullmatch(lines[n].text):
            return False
        here, after = lines[n], lines[n + 1]
        is_own = not (after.is_menu or self._by.match(after.text) or self.mark(after.text))
        return (
            is_own and here.box[:-1] == after.box[:-1] != () and self.is_name_list(after.text, is_lower=False)
        )

    def _is_complete(self, text: str) -> bool:
        values = self._values(text)
        return "date" in values and "author" in values

    def _values(self, text: str) -> dict[str, str]:
        """Label → value: up to the next label, bar or date."""
        values: dict[str, str] = {}
        date = self.dates.search(text)
        if date:
            values["date"] = date.group().strip()
            text = self.dates.sub("|", text)
        labels = list(self._label.finditer(text))
        for label, after in zip(labels, [*labels[1:], None], strict=True):
            value = text[label.end() : after.start() if after else len(text)]
            name = label.lastgroup or ""
            values.setdefault(name, _BARS.split(value)[0].strip(" ,;[]【】"))
        return values

    def date_line(self, lines: list[Line]) -> int | None:
        """Index of a line that is a date and little else, as the head of a printed edition has."""
        for index, line in enumerate(lines):
            found = self.dates.search(line.text)
            if found and not line.is_link:
                rest = len(line.text) - len(found.group())
                is_head = found.start() == 0 and rest <= 40 and line.box and not line.is_content
                if rest <= 12 or (is_head and not SENTENCE_END.search(line.text)):
                    return index
        return None

    def editor(self, text: str) -> str | None:
        """The names of an editor line ("" if it has none); None if `text` is no such line."""
        found = self._editor.match(text) if len(text) <= _LONGEST_NAME else None
        return found.group("names") if found and not _is_speech(found.group("names")) else None

    def without_editor(self, text: str) -> tuple[str, str | None]:
        """A paragraph without the editor that is glued to its end, and that editor."""
        found = self._editor_glued.search(text)
        if not found or _is_speech(found.group("names")):
            return text, None
        return text[: found.start()].rstrip(), found.group("names").strip(" ]】)）")

    def is_edited_by(self, text: str) -> bool:
        """True for an editor line without a colon, which may stand anywhere in the text."""
        return self.editor(text) is not None and not re.search(r"[:：]", text)

    def by(self, text: str, *, is_lower: bool, author: str | None) -> str | None:
        """The names of a By line; None if `text` is none, as "By 2030, …" or "By the Numbers" are not.

        `is_lower` says that the page is in lower case throughout; `author` is the metadata line's value.
        """
        found = self._by.match(text) if len(text) <= _LONGEST_NAME else None
        if not found:
            return None
        names = found.group("names").strip()
        if names.casefold() in self._whole_names or (author and names.casefold() == author.casefold()):
            return names
        bare = re.sub(rf"\s*,\s*{DEGREE.pattern}(?=\s*(?:[,、&]|and\b|$))", "", names, flags=re.IGNORECASE)
        if re.search(r"\d|[.!?:;]$|[.!?]\s+[A-Z]", bare):
            return None
        is_full = re.search(r"\S\s+\S|[^\x00-\x7f]", names)
        return names if is_full and self.is_name_list(bare, is_lower=is_lower) else None

    def is_name_list(self, text: str, *, is_lower: bool) -> bool:
        """True if `text` is nothing but names; `is_lower` allows them in lower case."""
        each = [name for name in re.split(r"\s*(?:[,、&]|\band\b)\s*", text, flags=re.IGNORECASE) if name]
        return bool(each) and all(
            _is_name(name, is_lower=is_lower) or name.casefold() in self._whole_names for name in each
        )

    def mark(self, text: str) -> Mark | None:
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
        return Mark(text[: found.start()].strip(), credit.strip() or None, text[found.end() :].strip())

    def is_teaser_heading(self, text: str) -> bool:
        """True for the heading of the Top News block."""
        return self._teasers.match(text) is not None

    def is_whole_name(self, text: str) -> bool:
        """True for a desk's or the paper's own name, as a page's head prints it."""
        return text.casefold() in self._whole_names

    def is_prose(self, line: Line) -> bool:
        """True for a line that only the text of an article has: a sentence, or nearly that long."""
        text = line.text
        return (
            len(text) >= _SHORTEST_PROSE
            and bool(len(text) >= _SURE_PROSE or SENTENCE_END.search(text))
            and not (line.is_link or line.is_menu or self.mark(text) or self.is_tool(text))
            and self.editor(text) is None
            and self.by(text, is_lower=False, author=None) is None
        )

    def is_tool(self, text: str) -> bool:
        """True for a row of the page's own tools, such as a click counter or a choice of font sizes."""
        return len(text) <= _LONGEST_NAME and _is_any(self._tools, text)

    def is_footer(self, text: str) -> bool:
        """True for a line that stands below every article."""
        return _is_any(self._footers, text)


def _is_any(patterns: tuple[re.Pattern[str], ...], text: str) -> bool:
    # A page asks some hundred times, and a generator for `any` takes as long as the searches.
    for pattern in patterns:  # noqa: SIM110
        if pattern.search(text):
            return True
    return False


def _parts(text: str, *, labelled: bool) -> tuple[str, ...]:
    parts = [part.strip() for part in re.split(r"\s*[>›»]\s*", text.strip(" >›»")) if part.strip()]
    if labelled and len(parts) > 3:
        # The title is the last part and may hold the sign itself.
        parts[2:] = [" > ".join(parts[2:])]
    return tuple(parts)


_PARTICLES = frozenset(
    ["al", "bin", "da", "de", "del", "den", "der", "di", "du", "el", "ibn", "la", "le", "van", "von"]
)


def _is_speech(names: str) -> bool:
    """True if what follows "Editor:" is what an editor says: a sentence is no name."""
    if re.search(r"[.!?;]\s*\S*\s|[!?]$", names):
        return True
    if not SENTENCE_END.search(names):
        return False
    if re.search(r"[\u3400-\u9fff]", names):
        return any(len(name) > _LONGEST_CHINESE for name in re.split(r"[\s,，、]+", names.rstrip("。.")))
    words = names.split()
    small = [word for word in words if word[0].islower() and word not in (*_PARTICLES, "and")]
    # In a page without capitals a sentence is known by its length alone.
    return len(words) == 1 or (len(small) >= 2 and (len(small) < len(words) or len(words) > 3))


def _is_name(name: str, *, is_lower: bool) -> bool:
    words = name.split()
    if not 1 <= len(words) <= 6 or len(name) > 60:
        return False
    if not name.isascii() and re.fullmatch(r"[\u3400-\u9fff·\s]{2,12}", name):
        return True
    return all(
        re.fullmatch(r"[^\W\d_][\w.'’()-]*", word) and (is_lower or word[0].isupper() or word in _PARTICLES)
        for word in words
    )
