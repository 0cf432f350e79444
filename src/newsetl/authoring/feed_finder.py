"""Search for the feeds and sitemaps of a site, and for articles in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from urllib.parse import urljoin

from bs4 import BeautifulSoup
from protego import Protego

from newsetl.authoring import page_hints
from newsetl.authoring.site_pages import SitePages
from newsetl.discover import feeds, sitemaps
from newsetl.errors import StageError
from newsetl.model import Capture, Link
from newsetl.sources.config import Source

# Tried if neither robots.txt nor the front page names any.
_LIKELY_FEEDS, _LIKELY_SITEMAPS = ("/rss.xml", "/feed"), ("/sitemap.xml",)
_MAX_FEEDS, _MAX_SITEMAPS, _MAX_LINKS = 4, 3, 400


class FeedFinder:
    """Finder of the feeds and sitemaps of the site `home`; `discovered` has the articles with titles."""

    def __init__(self, pages: SitePages, home: str) -> None:
        self._pages, self._home = pages, home
        self.discovered: list[tuple[str, str]] = []

    def find_feeds(self, soup: BeautifulSoup, base: str) -> list[str]:
        """Find at most _MAX_FEEDS feeds, named by the front page or else at the usual URLs."""
        return list(islice(self._iterate_feeds(soup, base), _MAX_FEEDS))

    def _iterate_feeds(self, soup: BeautifulSoup, base: str) -> Iterator[str]:
        stated = list(dict.fromkeys(page_hints.find_feed_urls(soup, base)))
        for url in stated or [urljoin(self._home, path) for path in _LIKELY_FEEDS]:
            site_url = self._pages.get_site_url(url) or url
            if (capture := self._pages.fetch(site_url, "feed")) and self._add_entries(
                feeds.parse_feed, capture
            ):
                yield site_url

    def find_sitemaps(self) -> list[str]:
        """Find at most _MAX_SITEMAPS sitemaps, named by robots.txt or else at the usual URLs."""
        return list(islice(self._iterate_sitemaps(), _MAX_SITEMAPS))

    def _iterate_sitemaps(self) -> Iterator[str]:
        robots = self._pages.fetch(urljoin(self._home, "/robots.txt"), "robots")
        stated = list(Protego.parse(robots.body.decode("utf-8", "replace")).sitemaps) if robots else []
        for url in stated or [urljoin(self._home, path) for path in _LIKELY_SITEMAPS]:
            site_url = self._pages.get_site_url(url) or url
            capture = self._pages.fetch(site_url, "sitemap")
            if capture and self._add_entries(_parse_sitemap, capture):
                yield site_url

    def _add_entries(self, parse: Callable[[Source, Capture], list[Link]], capture: Capture) -> bool:
        """Add the entries of a feed or sitemap to `discovered`; return False if there are none."""
        try:
            entries = parse(self._pages.source, capture)
        except StageError:
            return False
        self.discovered += [
            (url, entry.title or "")
            for entry in entries[:_MAX_LINKS]
            if (url := self._pages.get_site_url(entry.url))
        ]
        return bool(entries)


def _parse_sitemap(source: Source, capture: Capture) -> list[Link]:
    sitemap = sitemaps.parse_sitemap(source, capture)
    return sitemap.articles + sitemap.nested
