"""Parser and table that the peers share: BeautifulSoup with selectors for this one site."""

from __future__ import annotations

import json
import re
import tempfile
from datetime import datetime, timedelta, timezone
from typing import Any

import duckdb
from bs4 import BeautifulSoup

ZONE = timezone(timedelta(hours=8))
STAMP = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
BY, EDITED, EDITOR = (re.compile(rf"^{label}") for label in (r"By\s+", r"Edited by\s+", r"Editor:\s*"))
NAMES = re.compile(r"\s*(?:,|、|&|\band\b)\s*")
CREDIT = re.compile(r"\(?\s*PHOTO\s*:.*\)?$", re.DOTALL)
COLUMNS = {
    "url": "VARCHAR", "title": "VARCHAR", "published_at": "TIMESTAMPTZ", "source": "VARCHAR",
    "authors": "VARCHAR[]", "editors": "VARCHAR[]", "section": "VARCHAR", "text": "VARCHAR",
    "images": "VARCHAR[]",
}  # fmt: skip


def article(html: bytes | str, url: str) -> dict[str, Any] | None:
    """Return the article's row, or None for a page that is no article."""
    soup = BeautifulSoup(html, "lxml")
    head, content = soup.select_one(".articleHead h1, .aticleHead h1"), soup.select_one("div.content")
    if head is None or content is None:
        return None
    line = soup.select_one(".time1, .time")
    stamp = STAMP.search(line.get_text()) if line else None
    source, author = soup.select_one(".f_source"), soup.select_one(".f_author")
    crumbs = soup.select(".breadcrumb a, .position a")
    authors, editors = _names(author.get_text() if author else ""), []
    paragraphs, images, was_image = [], [], False
    for paragraph in content.find_all("p"):
        if found := paragraph.find("img"):
            images.append(str(found["src"]))
            was_image = True
            continue
        text = " ".join(paragraph.get_text().split())
        is_caption, was_image = was_image and CREDIT.search(text) is not None, False
        if not text or is_caption:
            continue
        if EDITED.match(text):
            editors += _names(EDITED.sub("", text))
        elif BY.match(text) and len(text) < 100:
            authors = authors or _names(BY.sub("", text))
        elif EDITOR.match(text):
            editors += _names(EDITOR.sub("", text))
        else:
            paragraphs.append(text)
    if (editor := soup.select_one("div.editor")) is not None:
        editors += _names(EDITOR.sub("", " ".join(editor.get_text().split())))
    return {
        "url": url,
        "title": " ".join(head.get_text().split()),
        "published_at": datetime.fromisoformat(stamp[0]).replace(tzinfo=ZONE).isoformat() if stamp else None,
        "source": (" ".join(source.get_text().split()) or None) if source else None,
        "authors": authors,
        "editors": editors,
        "section": " ".join(crumbs[1].get_text().split()) if len(crumbs) > 1 else None,
        "text": "\n\n".join(paragraphs),
        "images": images,
    }


def _names(text: str) -> list[str]:
    return [name for name in NAMES.split(" ".join(text.split())) if name]


def addresses(sitemap: bytes | str) -> list[str]:
    """Return the URLs of a sitemap."""
    return re.findall(r"<loc>([^<]+)</loc>", sitemap if isinstance(sitemap, str) else sitemap.decode())


class Table:
    """Rows go into DuckDB in batches, through a file of JSON lines, which it reads fastest without Arrow."""

    SIZE = 500

    def __init__(self, path: str) -> None:
        self._connection = duckdb.connect(path)
        self._connection.execute("SET TimeZone = 'UTC'")
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        self._connection.execute(f"CREATE TABLE IF NOT EXISTS articles ({columns}, PRIMARY KEY (url))")
        self._rows: list[dict[str, Any]] = []

    def add(self, row: dict[str, Any]) -> None:
        """Add a row."""
        self._rows.append(row)
        if len(self._rows) >= self.SIZE:
            self.flush()

    def flush(self) -> None:
        """Write the added rows to the table."""
        if not self._rows:
            return
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in self._rows)
            file.flush()
            self._connection.execute(
                f"INSERT OR REPLACE INTO articles BY NAME SELECT * FROM read_json('{file.name}', "
                f"format = 'newline_delimited', columns = {COLUMNS})"
            )
        self._rows = []

    def close(self) -> None:
        """Close the file."""
        self.flush()
        self._connection.close()
