"""Articles, captures and batches to load, made from a few words each."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pytest

from newsetl import sources
from newsetl.db.writer import Warehouse
from newsetl.model import Article, Batch, Capture, Credit, Image, LoadResult, Reject, Request, Teaser, Window
from newsetl.reasons import Reason
from newsetl.runtime.data_folder import WarehouseLocation

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOME = "https://www.stdaily.com"
CREDITS = (
    Credit("LONG Yun", "author", 1, "person"),
    Credit("CHEN Chunyou", "author", 2, "person"),
    Credit("王晓夏", "editor", 1, "person"),
    Credit("VCG", "photographer", 1, "organisation"),
)


def web(number: int) -> str:
    """Return a URL of the current form."""
    return f"{HOME}/web/English/2026-03/01/content_{number}.html"


def hashed(number: int) -> str:
    """Return a URL of the old form."""
    return f"{HOME}/English/News/202603/{number:032x}.shtml"


def after(minutes: float) -> datetime:
    """Return the time `minutes` after noon."""
    return NOON + timedelta(minutes=minutes)


def capture(number: int, url: str, *, at: datetime = NOON, **fields: Any) -> Capture:
    """Build the response `number`."""
    body = f"page {number}".encode()
    headers = (("Content-Type", "text/html; charset=utf-8"), ("ETag", '"x"'), ("LAST-MODIFIED", "yesterday"))
    values: dict[str, Any] = {
        "source": "stdaily",
        "kind": "article",
        "requested_url": url,
        "status": 200,
        "headers": headers,
        "charset": "utf-8",
        "payload": body,
        "body": body,
        "file": "a.warc.gz",
        "offset": number * 100,
        "length": 100,
    }
    return Capture(capture_id=UUID(int=number), url=url, fetched_at=at, **(values | fields))


def article(number: int, url: str | None, **fields: Any) -> Article:
    """Build the article of the response `number`."""
    title, text = fields.get("title", "A title"), fields.get("text", "First paragraph.\n\nSecond one.")
    form = None
    if url is not None:
        form = "web" if "/web/" in url else "hashed"
    values: dict[str, Any] = {
        "source": "stdaily",
        "url_form": form,
        "title": title,
        "section": "News",
        "agency": "Xinhua",
        "published_at": datetime(2026, 2, 28, 17, 30, tzinfo=UTC),
        "published_raw": "2026-03-01 01:30:00",
        "published_precision": "second",
        "credits": CREDITS,
        "lead": text.split("\n\n")[0],
        "text": text,
        "images": (Image(f"{HOME}/1.jpg", "A lab", "VCG"), Image(None, "A field")),
        "teasers": (Teaser(None, "Some summary"), Teaser("Other title", "Other summary", f"{HOME}/o.html")),
        "language": "en",
        "title_hash": _digest(title),
        "text_hash": _digest(text),
        "found": {"title": "h1", "published_at": "metadata line"},
        "capture_id": UUID(int=number),
    }
    return Article(url=url, **(values | fields))


def _digest(text: str) -> str:
    letters = "".join(filter(str.isalnum, text.casefold()))
    return hashlib.sha256(letters.encode("utf-8", "replace")).hexdigest()


def reject(
    number: int | None, url: str | None, *, at: datetime = NOON, reason: Reason = Reason.NO_DATE
) -> Reject:
    """Build a reject of the response `number`."""
    return Reject(
        "stdaily", url, "parse", reason, f"at {at:%H:%M}", at, None if number is None else UUID(int=number)
    )


def request(number: int, *, at: datetime, host: str = "www.stdaily.com", **fields: Any) -> Request:
    """Build the audit row of the request for the response `number`."""
    values: dict[str, Any] = {"status": 200, "waited": 0.5, "elapsed": 0.1, "size": 1000, "is_allowed": True}
    return Request(
        source="stdaily",
        url=web(number),
        host=host,
        kind="article",
        requested_at=at,
        attempt=1,
        capture_id=UUID(int=number),
        **(values | fields),
    )


def batch(
    *pairs: tuple[Capture, Article | None], rejects: Iterable[Reject] = (), requests: Iterable[Request] = ()
) -> Batch:
    """Build a batch of captures, each with its article."""
    found = tuple(read for _, read in pairs if read is not None)
    return Batch("stdaily", tuple(taken for taken, _ in pairs), found, tuple(rejects), tuple(requests))


def page(number: int, url: str, *, at: datetime = NOON, **fields: Any) -> tuple[Capture, Article]:
    """Build a response and its article."""
    return capture(number, url, at=at), article(number, url, **fields)


# The tests of the warehouse can be made on a lake as well.
IS_LAKE = os.environ.get("NEWSETL_TEST_WAREHOUSE") == "lake"


def place(path: Path) -> WarehouseLocation:
    """Return the file, or the lake that replaces it in this test run."""
    if not IS_LAKE:
        return path
    from tests.support import postgres

    return postgres.lake(path)


def mark(place: WarehouseLocation) -> bytes:
    """Return a value that changes with every change of the warehouse."""
    if isinstance(place, Path):
        return place.read_bytes()
    from tests.support import postgres

    name = place.catalog.rpartition("=")[2]
    return postgres.server().query("SELECT max(snapshot_id) FROM ducklake_snapshot", name).encode()


of_file = pytest.mark.skipif(IS_LAKE, reason="about the DuckDB file itself")


def opened(path: Path) -> tuple[Warehouse, UUID]:
    """Open a warehouse with the source and a run."""
    warehouse = Warehouse(place(path))
    warehouse.register_source(sources.load("stdaily"))
    return warehouse, warehouse.start_run("stdaily", kind="ingest", window=Window(), started_at=NOON)


class Room:
    """A warehouse, its run, and short ways to ask it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warehouse, self.run_id = opened(path)

    def load(self, given: Batch) -> LoadResult:
        return self.warehouse.load(given, run_id=self.run_id)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = self.warehouse.connection.execute(statement).fetchall()
        return rows

    def one(self, statement: str) -> Any:
        ((value,),) = self.ask(statement)
        return value


def contents(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return a hash of the rows of each table except runs, in any order."""
    names = [
        name
        for (name,) in connection.execute(
            "SELECT if(schema_name = 'main', '', schema_name || '.') || table_name FROM duckdb_tables() "
            "WHERE database_name = current_database()"
        ).fetchall()
    ]
    return {
        name: hashlib.sha256("\n".join(sorted(map(repr, rows))).encode()).hexdigest()
        for name in names
        if name != "runs" and (rows := connection.execute(f"FROM {name}").fetchall()) is not None
    }
