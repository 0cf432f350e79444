"""Captures of the mock site in a mock web archive."""

from __future__ import annotations

import base64
import gzip
import hashlib
from bisect import insort
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from newsetl.replica import article_pages
from newsetl.replica.channel import MockSite
from newsetl.replica.story import MockArticle

TOP_NEWS_ARTICLES = 12


class MockCapture(NamedTuple):
    """One capture, sorted as in a CDX index. `packed` is the gzipped page."""

    key: str
    stamp: str
    url: str
    digest: str
    packed: bytes

    @property
    def body(self) -> bytes:
        """Body of the page."""
        return gzip.decompress(self.packed)

    @property
    def taken_at(self) -> datetime:
        """Time of the capture (UTC)."""
        return datetime.strptime(self.stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def build_url_key(url: str) -> str:
    """Build the sort key of a CDX index: reversed host, lower case, no scheme."""
    parts = urlsplit(url if "://" in url else f"//{url}")
    host, _, port = parts.netloc.lower().removeprefix("www.").partition(":")
    labels = host.split(".")
    reversed_host = host if labels[-1].isdecimal() else ",".join(reversed(labels))
    query = f"?{parts.query}" if parts.query else ""
    return f"{reversed_host}{f':{port}' if port else ''}){parts.path}{query}".lower()


@dataclass(frozen=True, slots=True)
class MockArchive:
    """Captures of one archive in index order; `base` is the mock site's base URL."""

    site: MockSite
    base: str
    captures: list[MockCapture] = field(default_factory=list)

    def add_capture(self, article: MockArticle, *, at: datetime, path: str | None = None) -> MockCapture:
        """Add a capture of the article's current page, taken at `at`."""
        path = path or article.paths[0]
        current = self.site.get_article(path) or article
        readable = [item for item in self.site.iterate_between(None, at.date()) if not item.reject_reason]
        body = article_pages.render_article(
            current, path, self.base, readable[:TOP_NEWS_ARTICLES], at.day, self.site.unlisted_articles
        ).encode()
        url = self.base + path
        capture = MockCapture(
            build_url_key(url),
            f"{at.astimezone(UTC):%Y%m%d%H%M%S}",
            url,
            base64.b32encode(hashlib.sha1(body).digest()).decode(),
            gzip.compress(body, 6, mtime=0),
        )
        insort(self.captures, capture)
        return capture

    def add_captures(
        self,
        articles: Iterable[MockArticle] | None = None,
        *,
        after: Collection[timedelta] = (timedelta(days=1),),
        missing: Collection[date] = (),
    ) -> None:
        """Add a capture of each readable article after each delay, except those of the `missing` days."""
        for article in self.site.listed_articles if articles is None else articles:
            if not article.reject_reason and article.published_at.date() not in missing:
                for path in article.paths:
                    for delay in after:
                        self.add_capture(article, at=article.published_at + delay, path=path)
