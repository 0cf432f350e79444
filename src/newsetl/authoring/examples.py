"""The stories beside a source's file: a page as it came, and what a person read in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from newsetl.errors import SourceError
from newsetl.model import Capture, Reject
from newsetl.normalise import article_json
from newsetl.pipeline import parse_page
from newsetl.sources.config import Source

EXAMPLES_FOLDER = "stories"
# What a person has still to fill in.
BLANK = "?"
_BLANKS = ("section", "agency", "authors", "editors")
_NOT_COMPARED = ("path", "asked_url")


def get_examples_folder(file: Path) -> Path:
    """Where the stories of the source that `file` declares are."""
    return file.parent / EXAMPLES_FOLDER / file.stem


def compare_examples(source: Source, folder: Path) -> Iterator[tuple[Path, str]]:
    """Each story and field that is read otherwise than a person did, or is blank still.

    Raises SourceError for a story that cannot be read.
    """
    for file in sorted(folder.glob("*.json")):
        page = next(
            (file.with_suffix(end) for end in (".html", ".txt") if file.with_suffix(end).exists()), None
        )
        try:
            want: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if page is None or not isinstance(want, dict):
                raise ValueError("no page beside it" if page is None else "no object")
            body = page.read_bytes()
        except (OSError, ValueError) as error:
            raise SourceError(
                f"{file}: is no story ({error}); it needs a page {file.stem}.html beside it"
            ) from None
        url = want.get("asked_url") or ""
        got = article_json.build_article_json(
            parse_page.parse_page(build_capture(source, body, url), source), source, page.name
        )
        for field, value in want.items():
            if value == BLANK or (isinstance(value, list) and BLANK in value):
                yield file, f"{field}: is a blank still; write what the page says"
            elif field not in _NOT_COMPARED and got.get(field) != value:
                said = (
                    f"refused ({got['rejected']['message']})" if "rejected" in got else f"{got.get(field)!r}"
                )
                yield file, f"{field}: is {value!r} to you, but read as {said}"


def build_capture(source: Source, body: bytes, url: str) -> Capture:
    """A saved page as if it had just come from `url`."""
    now = datetime.now(UTC)
    return Capture(
        uuid4(), source.slug, "article", url, url, now, 200, (), None, payload=body, body=body
    )  # fmt: skip


def drafted_story(source: Source, capture: Capture, asked_url: str) -> dict[str, Any]:
    """What was read in the page at its own address; what was not is a blank."""
    outcome = parse_page.parse_page(build_capture(source, capture.body, asked_url), source)
    made: dict[str, Any] = {"asked_url": asked_url}
    if isinstance(outcome, Reject):
        names = ("title", "section", "agency", "published_at", "authors", "editors", "text")
        return made | dict.fromkeys(names, BLANK)
    read = article_json.build_article_json(outcome, source, "first.html")
    for name in ("url", "title", *_BLANKS[:2], "published_at", *_BLANKS[2:], "text"):
        value = read[name]
        made[name] = [BLANK] if value == [] else BLANK if value is None else value
    return made
