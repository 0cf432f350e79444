"""A story of the replica: what it says, how it is printed, and what a reader must make of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Literal, NamedTuple

from newsetl.model import Image
from newsetl.reasons import Reason
from newsetl.replica.line_formats import (
    BODY_FORMATS,
    EDITORS,
    LINE_FORMATS,
    NAME,
    PHOTO_FORMATS,
    SECTION_CYCLE,
    SECTIONS,
    TITLE_FORMATS,
    LineFormat,
    Section,
)
from newsetl.replica.text_generator import COLON_TITLES, TITLES, Person, TextGenerator, invent_people

OldForm = Literal["dated", "hashed"]


def collapse_whitespace(text: str) -> str:
    """The text with every blank single."""
    return " ".join(text.split())


class Picture(NamedTuple):
    """A picture: its path, its caption as printed, and where that stands; the bare facts beside it."""

    path: str
    printed: str
    is_attribute: bool
    caption: str | None
    credit: str | None


class Content(NamedTuple):
    """All that is printed on an article's page, as it is printed."""

    line: LineFormat
    authors: tuple[str, ...]
    editor: str
    editors: tuple[str, ...]
    pictures: tuple[Picture, ...]
    paragraphs: tuple[str, ...]
    is_editor_inside: bool


@dataclass(frozen=True, slots=True)
class MockArticle:
    """One article of the channel; its words and forms follow from seed and number, its edits are kept beside.

    `published_at` carries +08:00. `rejected` is the reason for which the announced page is none. A story
    that appears again has the words of number `origin`, and perhaps a last line that says whose they are.
    """

    seed: int
    number: int
    published_at: datetime
    is_web: bool
    old_form: OldForm | None
    rejected: Reason | None = None
    revision: int = 0
    new_title: str | None = None
    new_ending: str | None = None
    origin: int | None = None
    taken_from: str | None = None

    @property
    def text_number(self) -> int:
        """The number that its words follow from."""
        return self.number if self.origin is None else self.origin

    @property
    def section(self) -> Section:
        """The section it is listed in."""
        return SECTIONS[SECTION_CYCLE[self.number % len(SECTION_CYCLE)]]

    @property
    def web_id(self) -> int:
        """The number in its current address: it fell when the channel joined a new sequence in 2024."""
        step = 3 * (self.number ^ 5)  # neighbours change places, so that not even close numbers follow time
        return (1_910_000 if self.published_at.date() < date(2024, 9, 1) else 237_000) + step

    @property
    def hash(self) -> str:
        """The 32 hex digits of its old address and of its pictures."""
        return hashlib.blake2b(f"{self.seed}/{self.number}".encode(), digest_size=16).hexdigest()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path it is served under, the canonical one first."""
        day, folder = self.published_at, f"/English/{self.section.folder}"
        paths = []
        if self.is_web:
            paths.append(f"/web/English/{day:%Y-%m/%d}/content_{self.web_id}.html")
        if self.old_form == "hashed":
            paths.append(f"{folder}/{day:%Y%m}/{self.hash}.shtml")
        elif self.old_form == "dated":
            paths.append(f"{folder}/{day:%Y-%m/%d}/content_{1_160_000 + 3 * self.number}.shtml")
        return tuple(paths)

    @property
    def is_review(self) -> bool:
        """True for a page of several short items."""
        return self._choose(BODY_FORMATS) == "review"

    @property
    def printed_title(self) -> str:
        """The title with the blanks it is printed with."""
        if self.new_title is not None:
            return self.new_title
        if self.is_review:
            return _build_review_title(self.published_at.date(), " " if self.text_number % 2 else "")
        writer, form = TextGenerator(Random(f"{self.seed}/{self.text_number}")), self._choose(TITLE_FORMATS)
        title = writer.write_title(COLON_TITLES if form == "colon" else TITLES)
        return title.replace(" ", "\xa0", 1) if form == "no-break" else title

    @property
    def title(self) -> str:
        """The title with single blanks."""
        return collapse_whitespace(self.printed_title)

    @property
    def content(self) -> Content:
        """What its page prints."""
        return _build_content(self)

    def build_expected(self, base: str) -> dict[str, object]:
        """What `newsetl parse --json` must say of it, without path, teasers and found."""
        if self.rejected:
            return {"rejected": {"reason": self.rejected.value}}
        content = self.content
        images = [Image(base + picture.path, picture.caption, picture.credit) for picture in content.pictures]
        return {
            "url": base + self.paths[0],
            "title": self.title,
            "section": self.section.label,
            "agency": NAME if content.line.source else None,
            "published_at": self.published_at.isoformat(),
            "authors": list(content.authors),
            "editors": list(content.editors),
            "text": "\n\n".join(filter(None, map(collapse_whitespace, content.paragraphs))),
            "images": [{"url": i.url, "caption": i.caption, "credit": i.credit} for i in images],
            "language": "en",
        }

    def _choose(self, forms: tuple[str, ...]) -> str:
        return forms[self.text_number % len(forms)]


def _build_review_title(day: date, blank: str) -> str:
    # The range ends before the day of the stamp, as on the channel.
    first, last = day - timedelta(days=8), day - timedelta(days=1)
    month = f"{last:%B} " if first.month != last.month else ""
    return f"WEEKLY REVIEW{blank}({first:%B} {first.day}-{month}{last.day})"


def _get_names(pattern: str, persons: dict[str, str]) -> tuple[str, ...]:
    """The persons named in a form, or the desk that stands there instead."""
    keys = re.findall(r"{(\w+)}", pattern)
    return (
        tuple(collapse_whitespace(persons[key]) for key in keys) if keys else tuple(filter(None, [pattern]))
    )


def _get_spellings(index: int, person: Person) -> dict[str, str]:
    latin = person.latin
    return {f"L{index}": latin, f"N{index}": latin.replace(" ", "\xa0"), f"C{index}": person.chinese}


@lru_cache(maxsize=4096)
def _build_content(article: MockArticle) -> Content:
    rng = Random(f"{article.seed}/{article.text_number}")
    writer = TextGenerator(rng)
    persons: dict[str, str] = {}
    for index, person in enumerate(invent_people(rng, 5)):
        persons |= _get_spellings(index, person)
    line = LINE_FORMATS[article.number % len(LINE_FORMATS)]
    editor = EDITORS[article.number % len(EDITORS)] if line.editor is None else line.editor
    body = BODY_FORMATS[article.text_number % len(BODY_FORMATS)]
    return Content(
        line._replace(
            author=line.author.format(**persons),
            by=line.by.format(**persons),
            edited=line.edited.format(**persons),
        ),
        _get_names(line.author or line.by.removeprefix("By").strip(), persons),
        editor.format(**persons),
        _get_names(line.edited, persons) + _get_names(editor, persons),
        tuple(_build_pictures(article, writer)),
        tuple(_build_paragraphs(article, writer, body)),
        body == "inner editor",
    )


def _build_pictures(article: MockArticle, writer: TextGenerator) -> Iterator[Picture]:
    place, mark, joint = PHOTO_FORMATS[article.text_number % len(PHOTO_FORMATS)]
    day = f"{article.published_at:%Y-%m/%d}"
    count = {"none": 0, "two": 2}.get(place, 1)
    for index, sentence in enumerate(writer.write_captions(count)):
        caption = None if place in {"alone", "bare"} else sentence
        printed = f"{caption}{joint}{mark}" if caption else mark
        credit = collapse_whitespace(mark.strip("()").removeprefix("PHOTO:")) or None
        # Both templates show the same file: the copy under the old address was moved with its pictures.
        name = (
            f"{article.web_id}_{article.hash[index:][:28]}.jpg"
            if article.is_web
            else f"{article.hash[index:]}.jpg"
        )
        folder = "/web/English/pic" if article.is_web else "/English/pic"
        yield Picture(f"{folder}/{day}/{name}", printed, place == "attribute", caption, credit)


def _build_paragraphs(article: MockArticle, writer: TextGenerator, body: str) -> list[str]:
    count = 4 + article.text_number % 3
    if body == "review":
        items = [TextGenerator(writer.rng) for _ in range(count)]
        text = [
            part for item in items for part in (item.write_title(), " ".join(item.write_paragraphs(1)[:2]))
        ]
    else:
        text = writer.write_paragraphs(count)
    if body == "subheads":
        first, second = writer.write_subheads(2)
        text[3:3], text[1:1] = [second], [first]
    elif body == "bullets":
        text[2:2] = writer.write_bullets(3)
    elif body == "blanks":
        text = [paragraph.replace(", ", ",\xa0", 1) for paragraph in text]
        text[2:2] = ["\xa0" * 4]
    if article.new_ending is not None:
        text[-1:] = article.new_ending.split("\n\n")
    if article.taken_from is not None:
        text.append(article.taken_from)
    return text
