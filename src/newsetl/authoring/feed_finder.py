"""Feeds and sitemaps of a site, and the articles that they announce."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from protego import Protego

from newsetl.authoring import page_hints
from newsetl.authoring.site_pages import SitePages
from newsetl.discover import feeds, listing_pages
from newsetl.errors import StageError
from newsetl.model import Capture, Link
from newsetl.sources.config import Source

# Tried where neither robots.txt nor the page names one.
_LIKELY_FEEDS, _LIKELY_SITEMAPS = ("/rss.xml", "/feed"), ("/sitemap.xml",)
_MOST_FEEDS, _MOST_SITEMAPS, _MOST_LINKS = 4, 3, 400


class FeedFinder:
    """Looks for feeds and sitemaps below `home`; `announced` has their articles, with titles."""

    def __init__(self, pages: SitePages, home: str) -> None:
        self._pages, self._home = pages, home
        self.announced: list[tuple[str, str]] = []

    def feeds(self, soup: BeautifulSoup, base: str) -> list[str]:
        """The feeds that the front page names, else those at the usual addresses; some of them at most."""
        return list(islice(self._feeds(soup, base), _MOST_FEEDS))

    def _feeds(self, soup: BeautifulSoup, base: str) -> Iterator[str]:
        stated = list(dict.fromkeys(page_hints.find_feed_urls(soup, base)))
        for url in stated or [urljoin(self._home, path) for path in _LIKELY_FEEDS]:
            own = self._pages.own(url) or url
            if (capture := self._pages.get(own, "feed")) and self._add(feeds.parse_feed, capture):
                yield own

    def sitemaps(self) -> list[str]:
        """The sitemaps that robots.txt names, else those at the usual addresses; some of them at most."""
        return list(islice(self._find_sitemaps(), _MOST_SITEMAPS))

    def _find_sitemaps(self) -> Iterator[str]:
        robots = self._pages.get(urljoin(self._home, "/robots.txt"), "robots")
        stated = list(Protego.parse(robots.body.decode("utf-8", "replace")).sitemaps) if robots else []
        for url in stated or [urljoin(self._home, path) for path in _LIKELY_SITEMAPS]:
            own = self._pages.own(url) or url
            capture = self._pages.get(own, "sitemap")
            if capture and self._add(
                lambda source, page: [
                    link for part in listing_pages.parse_sitemap(source, page) for link in part
                ],
                capture,
            ):
                yield own

    def _add(self, read: Callable[[Source, Capture], list[Link]], capture: Capture) -> bool:
        """Take down what a feed or sitemap announces; False if it is none."""
        try:
            entries = read(self._pages.source, capture)
        except StageError:
            return False
        self.announced += [
            (own, entry.title or "") for entry in entries[:_MOST_LINKS] if (own := self._pages.own(entry.url))
        ]
        return bool(entries)
