"""Article of the mock site: its text, its printed form, and the values that a parser must extract."""

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
    """Replace every run of whitespace by one blank."""
    return " ".join(text.split())


class Picture(NamedTuple):
    """Picture with its path, printed caption and position, and the expected caption and credit."""

    path: str
    printed: str
    is_attribute: bool
    caption: str | None
    credit: str | None


class Content(NamedTuple):
    """Printed content of an article's page."""

    line: LineFormat
    authors: tuple[str, ...]
    editor: str
    editors: tuple[str, ...]
    pictures: tuple[Picture, ...]
    paragraphs: tuple[str, ...]
    is_editor_inside: bool


@dataclass(frozen=True, slots=True)
class MockArticle:
    """Article of the mock site. Its text and formats derive from seed and number.

    `published_at` has the offset +08:00. `reject_reason` is the expected reject of a page that is no article.
    A syndicated copy has the text of article number `origin`, and may have the source line `taken_from`.
    """

    seed: int
    number: int
    published_at: datetime
    is_web: bool
    old_form: OldForm | None
    reject_reason: Reason | None = None
    revision: int = 0
    new_title: str | None = None
    new_ending: str | None = None
    origin: int | None = None
    taken_from: str | None = None

    @property
    def text_number(self) -> int:
        """Number that the text derives from."""
        return self.number if self.origin is None else self.origin

    @property
    def section(self) -> Section:
        """Section of the article."""
        return SECTIONS[SECTION_CYCLE[self.number % len(SECTION_CYCLE)]]

    @property
    def web_id(self) -> int:
        """Number in the current URL; a new, lower sequence began in September 2024."""
        step = 3 * (self.number ^ 5)  # swaps neighbours, so that numbers do not follow time
        return (1_910_000 if self.published_at.date() < date(2024, 9, 1) else 237_000) + step

    @property
    def hash(self) -> str:
        """32 hex digits in the old URL and in the names of pictures."""
        return hashlib.blake2b(f"{self.seed}/{self.number}".encode(), digest_size=16).hexdigest()

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path of the article, the canonical one first."""
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
        """True for a review page of several short items."""
        return self._choose(BODY_FORMATS) == "review"

    @property
    def printed_title(self) -> str:
        """Title with its printed whitespace."""
        if self.new_title is not None:
            return self.new_title
        if self.is_review:
            return _build_review_title(self.published_at.date(), " " if self.text_number % 2 else "")
        generator, title_format = (
            TextGenerator(Random(f"{self.seed}/{self.text_number}")),
            self._choose(TITLE_FORMATS),
        )
        title = generator.write_title(COLON_TITLES if title_format == "colon" else TITLES)
        return title.replace(" ", "\xa0", 1) if title_format == "no-break" else title

    @property
    def title(self) -> str:
        """Title with single blanks."""
        return collapse_whitespace(self.printed_title)

    @property
    def content(self) -> Content:
        """Printed content of the page."""
        return _build_content(self)

    def build_expected(self, base: str) -> dict[str, object]:
        """Build the expected output of `newsetl parse --json`, without path, teasers and found."""
        if self.reject_reason:
            return {"rejected": {"reason": self.reject_reason.value}}
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
    # The range ends before the day of publication, as on the real site.
    first, last = day - timedelta(days=8), day - timedelta(days=1)
    month = f"{last:%B} " if first.month != last.month else ""
    return f"WEEKLY REVIEW{blank}({first:%B} {first.day}-{month}{last.day})"


def _get_names(pattern: str, persons: dict[str, str]) -> tuple[str, ...]:
    """Return the persons in a format, or its desk."""
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
    generator = TextGenerator(rng)
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
        tuple(_build_pictures(article, generator)),
        tuple(_build_paragraphs(article, generator, body)),
        body == "inner editor",
    )


def _build_pictures(article: MockArticle, generator: TextGenerator) -> Iterator[Picture]:
    place, mark, joint = PHOTO_FORMATS[article.text_number % len(PHOTO_FORMATS)]
    day = f"{article.published_at:%Y-%m/%d}"
    count = {"none": 0, "two": 2}.get(place, 1)
    for index, sentence in enumerate(generator.write_captions(count)):
        caption = None if place in {"alone", "bare"} else sentence
        printed = f"{caption}{joint}{mark}" if caption else mark
        credit = collapse_whitespace(mark.strip("()").removeprefix("PHOTO:")) or None
        # Both templates show the same picture file.
        name = (
            f"{article.web_id}_{article.hash[index:][:28]}.jpg"
            if article.is_web
            else f"{article.hash[index:]}.jpg"
        )
        folder = "/web/English/pic" if article.is_web else "/English/pic"
        yield Picture(f"{folder}/{day}/{name}", printed, place == "attribute", caption, credit)


def _build_paragraphs(article: MockArticle, generator: TextGenerator, body: str) -> list[str]:
    count = 4 + article.text_number % 3
    if body == "review":
        items = [TextGenerator(generator.rng) for _ in range(count)]
        text = [
            part for item in items for part in (item.write_title(), " ".join(item.write_paragraphs(1)[:2]))
        ]
    else:
        text = generator.write_paragraphs(count)
    if body == "subheads":
        first, second = generator.write_subheads(2)
        text[3:3], text[1:1] = [second], [first]
    elif body == "bullets":
        text[2:2] = generator.write_bullets(3)
    elif body == "blanks":
        text = [paragraph.replace(", ", ",\xa0", 1) for paragraph in text]
        text[2:2] = ["\xa0" * 4]
    if article.new_ending is not None:
        text[-1:] = article.new_ending.split("\n\n")
    if article.taken_from is not None:
        text.append(article.taken_from)
    return text
