"""Search for the listings of a site: start pages, rows, later pages and sections."""

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
# Value of max_pages for a listing with a second page.
_MAX_PAGES = 10


class ListingFinder:
    """Finder of listings, which writes its results to `findings` and `notes`."""

    def __init__(self, pages: SitePages, findings: toml_writer.SourceFindings, notes: list[str]) -> None:
        self._pages, self._findings, self._notes = pages, findings, notes

    def find(
        self,
        candidates: list[url_patterns.UrlGroup],
        links: list[tuple[str, str]],
        front: Capture,
        soup: BeautifulSoup,
    ) -> None:
        """Find the first group of links that leads to a listing; use the front page if there is none."""
        findings = self._findings
        for group in candidates[:3]:
            first = next(link for link, _ in links if urlsplit(link).path in group.paths)
            capture = self._pages.fetch(first, "listing")
            if capture is None:
                continue
            listing, base = listing_pages.parse_html(capture), capture.url
            article_urls = {
                url for url, _ in self._pages.find_links(listing, base) if self._is_article(base, url)
            }
            if len(article_urls) < _MIN_ROWS:
                continue
            findings.start_urls = [findings.url]
            findings.listing_url_pattern = _drop_group_name(group.build_pattern(urlsplit(findings.url).path))
            findings.listing_item_selector = page_hints.find_rows_selector(
                listing, partial(self._is_article, base)
            )
            rows = (
                len(listing.select(findings.listing_item_selector))
                if findings.listing_item_selector
                else len(article_urls)
            )
            second_page = listing_pages.find_next_page(base, listing, first, 2)
            is_linked = any(url == second_page for url, _ in self._pages.find_links(listing, base))
            if second_page and (is_linked or listing.select_one('[rel~="next"]')):
                findings.max_pages, findings.page_size = _MAX_PAGES, rows
            findings.sections = self._find_folders(links)
            return
        if any(self._is_article(front.url, url) for url, _ in links):
            findings.start_urls = [findings.url]
            findings.listing_item_selector = page_hints.find_rows_selector(
                soup, partial(self._is_article, front.url)
            )
            self._notes.append("no listing found: the front page is used as the listing")
        findings.sections = self._find_folders(links)

    def _is_article(self, base: str, url: str) -> bool:
        site_url = self._pages.get_site_url(urljoin(base, url))
        return site_url is not None and any(
            re.search(form.pattern, urlsplit(site_url).path) for form in self._findings.url_groups
        )

    def _find_folders(self, links: list[tuple[str, str]]) -> dict[str, str]:
        """Map each folder in the URLs of articles to the text of the link to it, or else to its own name."""
        labels = page_hints.find_folder_labels((urlsplit(link).path, text) for link, text in links)
        folders: dict[str, str] = {}
        for form in self._findings.url_groups:
            for path in form.paths:
                match = re.search(form.pattern, path)
                if match and (folder := match.groupdict().get("folder")):
                    default = folder.replace("-", " ").replace("_", " ").strip().capitalize()
                    folders[folder] = labels.get(folder.casefold(), default)
        return dict(sorted(folders.items()))


def _drop_group_name(pattern: str) -> str:
    return pattern.replace("(?P<folder>[\\w-]+)", "[\\w-]+")
