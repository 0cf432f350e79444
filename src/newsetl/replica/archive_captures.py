"""What a web archive holds of the channel: pages as they were on the days when it came by."""

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
    """One capture; in the order of an index. `packed` is the page as a gzip file."""

    key: str
    stamp: str
    url: str
    digest: str
    packed: bytes

    @property
    def body(self) -> bytes:
        """The page."""
        return gzip.decompress(self.packed)

    @property
    def taken_at(self) -> datetime:
        """When the archive came by."""
        return datetime.strptime(self.stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def build_url_key(url: str) -> str:
    """An address as indexes sort it: the host turned round, all in small letters, without a scheme."""
    parts = urlsplit(url if "://" in url else f"//{url}")
    host, _, port = parts.netloc.lower().removeprefix("www.").partition(":")
    labels = host.split(".")
    turned = host if labels[-1].isdecimal() else ",".join(reversed(labels))
    tail = f"?{parts.query}" if parts.query else ""
    return f"{turned}{f':{port}' if port else ''}){parts.path}{tail}".lower()


@dataclass(frozen=True, slots=True)
class MockArchive:
    """The captures of one archive in the order of its index; `base` is the channel's address."""

    channel: MockSite
    base: str
    captures: list[MockCapture] = field(default_factory=list)

    def add_capture(self, story: MockArticle, *, at: datetime, path: str | None = None) -> MockCapture:
        """The archive comes by and takes the story's page, as the channel serves it now, as of `at`."""
        path = path or story.paths[0]
        now = self.channel.get_article(path) or story
        readable = [item for item in self.channel.iterate_between(None, at.date()) if not item.rejected]
        body = article_pages.render_article(
            now, path, self.base, readable[:TOP_NEWS_ARTICLES], at.day, self.channel.unlisted_articles
        ).encode()
        url = self.base + path
        kept = MockCapture(
            build_url_key(url),
            f"{at.astimezone(UTC):%Y%m%d%H%M%S}",
            url,
            base64.b32encode(hashlib.sha1(body).digest()).decode(),
            gzip.compress(body, 6, mtime=0),
        )
        insort(self.captures, kept)
        return kept

    def add_captures(
        self,
        stories: Iterable[MockArticle] | None = None,
        *,
        after: Collection[timedelta] = (timedelta(days=1),),
        missing: Collection[date] = (),
    ) -> None:
        """Each readable story, so long after its publication each time; none of the `missing` days."""
        for story in self.channel.listed_articles if stories is None else stories:
            if not story.rejected and story.published_at.date() not in missing:
                for path in story.paths:
                    for late in after:
                        self.add_capture(story, at=story.published_at + late, path=path)
