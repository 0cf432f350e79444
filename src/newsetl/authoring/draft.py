"""Drafting of a source file from the front page and a few articles of a site."""

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
    """Drafted source file with its `text`, and notes for its author.

    `example` is one of the articles with its parsed values; `pages` is the number of articles fetched.
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
    """Draft a source file for the site with the front page `url`.

    Raise ConfigError if `url` is no absolute URL, DiscoverError if the front page cannot be read or leads to
    no article, and the errors of `Client`.
    """
    if not urlsplit(url).netloc or urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"{url}: not an absolute URL; write one such as https://www.example.org/news/")
    findings = toml_writer.SourceFindings(url, slug or build_slug(urlsplit(url).netloc))
    try:
        # The provisional source takes every page of the host for an article.
        provisional = sources.parse_toml(
            findings.build_toml(is_provisional=True), file=f"{findings.slug}.toml"
        )
    except SourceError as error:
        raise ConfigError(f"{error}; give another name with --slug") from None
    with Client(
        provisional.with_base_url(base_url) if base_url else provisional,
        contact=contact,
        store=lambda capture: capture,
    ) as client:
        return _SourceDrafter(client, findings, base_url, clock, on_progress).draft(articles)


class _SourceDrafter:
    """State of one draft: the client, the findings and the notes."""

    def __init__(
        self,
        client: Client,
        findings: toml_writer.SourceFindings,
        base_url: str | None,
        clock: Callable[[], datetime],
        on_progress: Callable[[str], None],
    ) -> None:
        self._findings, self._clock = findings, clock
        self._notes: list[str] = []
        self._pages = SitePages(client, findings, base_url, on_progress)
        self._settings = ReadSettings(findings, base_url, self._notes)

    def draft(self, count: int) -> Draft:
        """Draft the source file from the front page and `count` articles."""
        findings = self._findings
        front = self._pages.fetch(findings.url, "index")
        if front is None:
            raise self._pages.build_error()
        soup = listing_pages.parse_html(front)
        links = list(self._pages.find_links(soup, front.url))
        finder = FeedFinder(self._pages, findings.url)
        findings.feeds = finder.find_feeds(soup, front.url)
        findings.sitemaps = finder.find_sitemaps()
        discovered = [*links, *finder.discovered]
        groups = url_patterns.group_urls((urlsplit(link).path, text) for link, text in discovered)
        findings.url_groups = url_patterns.select_article_groups(groups)
        if not findings.url_groups:
            raise listing_pages.build_page_error(
                self._pages.source, front, "link that looks like an article, nor feed or sitemap with one"
            )
        listings = ListingFinder(self._pages, findings, self._notes)
        listings.find(url_patterns.select_listing_groups(groups), links, front, soup)
        selected = self._select_articles([link for link, _ in discovered])
        captures = [page for link in selected[:count] if (page := self._pages.fetch(link, "article"))]
        if not captures:
            raise self._pages.build_error()
        self._settings.infer(soup, captures)
        return self._build_draft(captures)

    def _select_articles(self, discovered: list[str]) -> list[str]:
        """Select articles of the largest URL form, spread over all discovered links."""
        pattern = self._findings.url_groups[0].pattern
        matching = list(dict.fromkeys(url for url in discovered if re.search(pattern, urlsplit(url).path)))
        return matching[:: max(1, len(matching) // 3)]

    def _build_draft(self, captures: list[Capture]) -> Draft:
        findings, source = self._findings, self._settings.build_source()
        findings.checked_at, findings.pages = self._clock(), len(captures)
        outcomes = [self._settings.parse_page(capture) for capture in captures]
        notes = [
            *self._notes,
            f"timezone: {findings.timezone} is a guess from {findings.timezone_provenance}",
        ]
        for outcome in outcomes:
            if isinstance(outcome, Reject):
                notes.append(f"{outcome.url}: rejected ({outcome.message}); edit [parse]")
        text = findings.build_toml()
        source = sources.parse_toml(text, file=f"{findings.slug}.toml")
        capture = captures[0]
        url = self._pages.get_site_url(capture.url) or capture.url
        example = capture, examples.build_example(source, capture, url)
        return Draft(source, text, notes, example, len(captures))


def build_slug(netloc: str) -> str:
    """Build a slug from the registered part of a host name."""
    labels = [
        label for label in netloc.partition(":")[0].split(".") if label not in ("www", "m", "en", "english")
    ]
    registered = labels[-2:-1] or labels or ["source"]
    if registered[0] in ("com", "co", "org", "gov", "ac", "net") and len(labels) > 2:
        registered = labels[-3:-2]
    return re.sub(r"^(?=\d)", "n", re.sub(r"[^a-z0-9]+", "_", registered[0].lower()).strip("_") or "source")


def write_draft(draft: Draft, folder: Path) -> Path:
    """Write the draft to `folder`, with its example in a subdirectory. Return the path of the source file.

    Raise ConfigError if a file exists already or cannot be written.
    """
    file = folder / f"{draft.source.slug}.toml"
    example_folder = examples.get_examples_folder(file)
    if file.exists() or example_folder.exists():
        existing = file if file.exists() else example_folder
        raise ConfigError(f"{existing}: exists already; give another name with --slug")
    try:
        example_folder.mkdir(parents=True)
        if draft.example:
            capture, values = draft.example
            (example_folder / "first.html").write_bytes(capture.body)
            (example_folder / "first.json").write_text(
                json.dumps(values, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
        file.write_text(draft.text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written ({error.strerror}); give another --output") from None
    return file
