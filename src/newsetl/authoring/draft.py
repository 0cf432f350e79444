"""A source's file drafted from its front page and a few articles; every guess says that it is one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from newsetl import sources
from newsetl.authoring import examples, toml_writer, url_patterns
from newsetl.authoring.feed_finder import FeedFinder
from newsetl.authoring.listing_finder import ListingFinder
from newsetl.authoring.read_settings import ReadSettings
from newsetl.authoring.site_pages import SitePages
from newsetl.discover import listing_pages
from newsetl.errors import ConfigError, SourceError
from newsetl.fetch.client import Client
from newsetl.model import Capture, Reject
from newsetl.sources.config import Source


@dataclass(slots=True)
class Draft:
    """A source's file, its `text`, and what a person should know of it.

    `story` is one of the articles with what was read in it; `pages` is how many were looked at.
    """

    source: Source
    text: str
    notes: list[str] = field(default_factory=list)
    example: tuple[Capture, dict[str, Any]] | None = None
    pages: int = 0


def draft_source(
    url: str,
    *,
    slug: str | None,
    base_url: str | None,
    contact: str | None,
    articles: int,
    clock: Callable[[], datetime],
    on_progress: Callable[[str], None],
) -> Draft:
    """A draft for the channel with the front page `url`.

    Raises ConfigError if `url` is no address, what `Client` raises, and DiscoverError if the front page
    cannot be read or leads to no article.
    """
    if not urlsplit(url).netloc or urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"{url}: no address; write a whole one such as https://www.example.org/news/")
    found = toml_writer.SourceFindings(url, slug or build_slug(urlsplit(url).netloc))
    try:
        # Until more is known every page of the host is an article.
        anything = sources.read(found.build_toml(is_provisional=True), file=f"{found.slug}.toml")
    except SourceError as error:
        raise ConfigError(f"{error}; give another name with --slug") from None
    with Client(
        anything.with_base_url(base_url) if base_url else anything,
        contact=contact,
        store=lambda capture: capture,
    ) as client:
        return _SourceDrafter(client, found, base_url, clock, on_progress).draft(articles)


class _SourceDrafter:
    """Drafts a source, step by step."""

    def __init__(
        self,
        client: Client,
        found: toml_writer.SourceFindings,
        base_url: str | None,
        clock: Callable[[], datetime],
        on_progress: Callable[[str], None],
    ) -> None:
        self._found, self._clock = found, clock
        self._notes: list[str] = []
        self._pages = SitePages(client, found, base_url, on_progress)
        self._settings = ReadSettings(found, base_url, self._notes)

    def draft(self, count: int) -> Draft:
        """The whole of it."""
        found = self._found
        front = self._pages.get(found.url, "index")
        if front is None:
            raise self._pages.failure()
        soup = listing_pages.parse_html(front)
        links = list(self._pages.links(soup, front.url))
        finder = FeedFinder(self._pages, found.url)
        found.feeds = finder.feeds(soup, front.url)
        found.sitemaps = finder.sitemaps()
        named = [*links, *finder.announced]
        groups = url_patterns.group_urls((urlsplit(link).path, text) for link, text in named)
        found.forms = url_patterns.select_article_groups(groups)
        if not found.forms:
            raise listing_pages.build_page_error(
                self._pages.source, front, "link that looks like an article, nor feed or sitemap with one"
            )
        listings = ListingFinder(self._pages, found, self._notes)
        listings.find(url_patterns.select_listing_groups(groups), links, front, soup)
        chosen = self._select_articles([link for link, _ in named])
        captures = [page for link in chosen[:count] if (page := self._pages.get(link, "article"))]
        if not captures:
            raise self._pages.failure()
        self._settings.infer(soup, captures)
        return self._build_draft(captures)

    def _select_articles(self, named: list[str]) -> list[str]:
        """Articles of the largest form, from all over what is announced."""
        pattern = self._found.forms[0].pattern
        fitting = list(dict.fromkeys(url for url in named if re.search(pattern, urlsplit(url).path)))
        return fitting[:: max(1, len(fitting) // 3)]

    def _build_draft(self, captures: list[Capture]) -> Draft:
        found, source = self._found, self._settings.source()
        found.checked_at, found.pages = self._clock(), len(captures)
        outcomes = [self._settings.outcome(capture) for capture in captures]
        notes = [*self._notes, f"timezone: {found.timezone} is a guess from {found.zone_from}"]
        for outcome in outcomes:
            if isinstance(outcome, Reject):
                notes.append(f"{outcome.url}: is not read ({outcome.message}); [read] needs a hand")
        text = found.build_toml()
        source = sources.read(text, file=f"{found.slug}.toml")
        capture = captures[0]
        asked = self._pages.own(capture.url) or capture.url
        story = capture, examples.drafted_story(source, capture, asked)
        return Draft(source, text, notes, story, len(captures))


def build_slug(netloc: str) -> str:
    """A short name made of a host's own part."""
    labels = [
        label for label in netloc.partition(":")[0].split(".") if label not in ("www", "m", "en", "english")
    ]
    own = labels[-2:-1] or labels or ["source"]
    if own[0] in ("com", "co", "org", "gov", "ac", "net") and len(labels) > 2:
        own = labels[-3:-2]
    return re.sub(r"^(?=\d)", "n", re.sub(r"[^a-z0-9]+", "_", own[0].lower()).strip("_") or "source")


def write_draft(draft: Draft, folder: Path) -> Path:
    """The draft's file in `folder`, its story below. Raises ConfigError if one is there, or none can be."""
    file = folder / f"{draft.source.slug}.toml"
    story = examples.get_examples_folder(file)
    if file.exists() or story.exists():
        raise ConfigError(f"{file if file.exists() else story}: is there already; give --slug another name")
    try:
        story.mkdir(parents=True)
        if draft.example:
            capture, read = draft.example
            (story / "first.html").write_bytes(capture.body)
            (story / "first.json").write_text(
                json.dumps(read, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
        file.write_text(draft.text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written ({error.strerror}); give another --output") from None
    return file
