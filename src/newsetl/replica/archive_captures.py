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
from newsetl.replica.channel import Channel
from newsetl.replica.story import Story

TOP = 12


class Kept(NamedTuple):
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


def key_of(url: str) -> str:
    """An address as indexes sort it: the host turned round, all in small letters, without a scheme."""
    parts = urlsplit(url if "://" in url else f"//{url}")
    host, _, port = parts.netloc.lower().removeprefix("www.").partition(":")
    labels = host.split(".")
    turned = host if labels[-1].isdecimal() else ",".join(reversed(labels))
    tail = f"?{parts.query}" if parts.query else ""
    return f"{turned}{f':{port}' if port else ''}){parts.path}{tail}".lower()


@dataclass(frozen=True, slots=True)
class Holding:
    """The captures of one archive in the order of its index; `base` is the channel's address."""

    channel: Channel
    base: str
    captures: list[Kept] = field(default_factory=list)

    def keep(self, story: Story, *, at: datetime, path: str | None = None) -> Kept:
        """The archive comes by and takes the story's page, as the channel serves it now, as of `at`."""
        path = path or story.paths[0]
        now = self.channel.at(path) or story
        readable = [item for item in self.channel.between(None, at.date()) if not item.rejected]
        body = article_pages.article(
            now, path, self.base, readable[:TOP], at.day, self.channel.attic
        ).encode()
        url = self.base + path
        kept = Kept(
            key_of(url),
            f"{at.astimezone(UTC):%Y%m%d%H%M%S}",
            url,
            base64.b32encode(hashlib.sha1(body).digest()).decode(),
            gzip.compress(body, 6, mtime=0),
        )
        insort(self.captures, kept)
        return kept

    def keep_all(
        self,
        stories: Iterable[Story] | None = None,
        *,
        after: Collection[timedelta] = (timedelta(days=1),),
        missing: Collection[date] = (),
    ) -> None:
        """Each readable story, so long after its publication each time; none of the `missing` days."""
        for story in self.channel.stories if stories is None else stories:
            if not story.rejected and story.published_at.date() not in missing:
                for path in story.paths:
                    for late in after:
                        self.keep(story, at=story.published_at + late, path=path)
