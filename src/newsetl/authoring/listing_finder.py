"""Listings of a site: index pages, rows of articles, later pages, and sections."""

from __future__ import annotations

import re
from functools import partial
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup

from newsetl.authoring import page_hints, toml_writer, url_patterns
from newsetl.authoring.site_pages import SitePages
from newsetl.discover import listing_pages
from newsetl.model import Capture

_MIN_ROWS = 3
# A listing with a second page is followed so far.
_PAGES = 10


class ListingFinder:
    """Looks for listings and takes down in `found` and `notes` what was learnt of them."""

    def __init__(self, pages: SitePages, found: toml_writer.SourceFindings, notes: list[str]) -> None:
        self._pages, self._found, self._notes = pages, found, notes

    def find(
        self,
        candidates: list[url_patterns.UrlGroup],
        links: list[tuple[str, str]],
        front: Capture,
        soup: BeautifulSoup,
    ) -> None:
        """Of the short links one kind leads to pages with rows of articles; else the front page has them."""
        found = self._found
        for group in candidates[:3]:
            first = next(link for link, _ in links if urlsplit(link).path in group.paths)
            capture = self._pages.get(first, "listing")
            if capture is None:
                continue
            listing, base = listing_pages.parse_html(capture), capture.url
            shown = {url for url, _ in self._pages.links(listing, base) if self._is_article(base, url)}
            if len(shown) < _MIN_ROWS:
                continue
            found.index, found.section = (
                [found.url],
                _drop_group_name(group.pattern_below(urlsplit(found.url).path)),
            )
            found.rows = page_hints.find_rows_selector(listing, partial(self._is_article, base))
            number, second = (
                len(listing.select(found.rows)) if found.rows else len(shown),
                urlsplit(listing_pages.build_page_url(first, 2)).path,
            )
            if any(urlsplit(url).path == second for url, _ in self._pages.links(listing, base)):
                found.max_pages, found.page_size = _PAGES, number
            found.sections = self._find_folders(links)
            return
        if any(self._is_article(front.url, url) for url, _ in links):
            found.index = [found.url]
            found.rows = page_hints.find_rows_selector(soup, partial(self._is_article, front.url))
            self._notes.append("no listing found: the front page is taken for one")
        found.sections = self._find_folders(links)

    def _is_article(self, base: str, url: str) -> bool:
        own = self._pages.own(urljoin(base, url))
        return own is not None and any(
            re.search(form.pattern, urlsplit(own).path) for form in self._found.forms
        )

    def _find_folders(self, links: list[tuple[str, str]]) -> dict[str, str]:
        """Folders of articles' addresses, each to the text of the link to it, else to a label made of it."""
        named = page_hints.find_folder_labels((urlsplit(link).path, text) for link, text in links)
        folders: dict[str, str] = {}
        for form in self._found.forms:
            for path in form.paths:
                said = re.search(form.pattern, path)
                if said and (folder := said.groupdict().get("folder")):
                    plain = folder.replace("-", " ").replace("_", " ").strip().capitalize()
                    folders[folder] = named.get(folder.casefold(), plain)
        return dict(sorted(folders.items()))


def _drop_group_name(pattern: str) -> str:
    return pattern.replace("(?P<folder>[\\w-]+)", "[\\w-]+")
