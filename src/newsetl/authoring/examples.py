"""Examples beside a source file: saved pages, each with a JSON file of its right values."""

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
# Mark of a value that the author has still to fill in.
BLANK = "?"
_BLANK_FIELDS = ("section", "agency", "authors", "editors")
_IGNORED_FIELDS = ("path", "asked_url")


def get_examples_folder(file: Path) -> Path:
    """Return the directory with the examples of the source file `file`."""
    return file.parent / EXAMPLES_FOLDER / file.stem


def compare_examples(source: Source, folder: Path) -> Iterator[tuple[Path, str]]:
    """Compare the examples in `folder` with today's parser. Yield each example and its difference.

    A difference is a field that is parsed otherwise or that is not filled in. Raise SourceError for an
    invalid example.
    """
    for file in sorted(folder.glob("*.json")):
        page = next(
            (file.with_suffix(end) for end in (".html", ".txt") if file.with_suffix(end).exists()), None
        )
        try:
            expected: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if page is None or not isinstance(expected, dict):
                raise ValueError("no page beside it" if page is None else "no JSON object")
            body = page.read_bytes()
        except (OSError, ValueError) as error:
            raise SourceError(
                f"{file}: is not a valid example ({error}); put the page {file.stem}.html beside it"
            ) from None
        url = expected.get("asked_url") or ""
        parsed = article_json.build_article_json(
            parse_page.parse_page(build_capture(source, body, url), source), source, page.name
        )
        for field, value in expected.items():
            if value == BLANK or (isinstance(value, list) and BLANK in value):
                yield file, f"{field}: is not filled in; write what the page says"
            elif field not in _IGNORED_FIELDS and parsed.get(field) != value:
                reject = parsed.get("rejected")
                actual = f"rejected ({reject['message']})" if reject else f"parsed as {parsed.get(field)!r}"
                yield file, f"{field}: is {value!r} in the example, but {actual}; correct one of them"


def build_capture(source: Source, body: bytes, url: str) -> Capture:
    """Build the capture of a saved page, as if it were fetched now from `url`."""
    now = datetime.now(UTC)
    return Capture(
        uuid4(), source.slug, "article", url, url, now, 200, (), None, payload=body, body=body
    )  # fmt: skip


def build_example(source: Source, capture: Capture, url: str) -> dict[str, Any]:
    """Build the JSON of an example: the values parsed from the page at `url`, BLANK for missing values."""
    outcome = parse_page.parse_page(build_capture(source, capture.body, url), source)
    example: dict[str, Any] = {"asked_url": url}
    if isinstance(outcome, Reject):
        names = ("title", "section", "agency", "published_at", "authors", "editors", "text")
        return example | dict.fromkeys(names, BLANK)
    values = article_json.build_article_json(outcome, source, "first.html")
    for name in ("url", "title", *_BLANK_FIELDS[:2], "published_at", *_BLANK_FIELDS[2:], "text"):
        value = values[name]
        example[name] = [BLANK] if value == [] else BLANK if value is None else value
    return example
