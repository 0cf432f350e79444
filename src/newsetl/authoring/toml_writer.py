"""Writer of drafted source files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from newsetl.authoring.url_patterns import UrlGroup


@dataclass(slots=True)
class SourceFindings:
    """Findings about a site; a field keeps its default value if nothing was found."""

    url: str
    slug: str
    name: str = ""
    name_provenance: str = ""
    language: str = "en"
    timezone: str = "UTC"
    timezone_provenance: str = ""
    hosts: dict[str, None] = field(default_factory=dict)
    url_groups: list[UrlGroup] = field(default_factory=list)
    start_urls: list[str] = field(default_factory=list)
    listing_url_pattern: str | None = None
    listing_item_selector: str | None = None
    max_pages: int = 1
    page_size: int = 1
    sections: dict[str, str] = field(default_factory=dict)
    feeds: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    title_suffixes: list[str] = field(default_factory=list)
    editor_labels: list[str] = field(default_factory=list)
    labels: dict[str, list[str]] = field(default_factory=dict)
    metadata_patterns: list[str] = field(default_factory=list)
    content_selectors: list[str] = field(default_factory=list)
    checked_at: datetime | None = None
    pages: int = 0

    def build_toml(self, *, is_provisional: bool = False) -> str:
        """Build the text of the source file. A provisional one takes every URL for an article."""
        return "\n".join(self._build_lines(is_provisional=is_provisional)) + "\n"

    def _build_lines(self, *, is_provisional: bool) -> Iterator[str]:
        verified = (
            f"drafted by newsetl from {self.pages} articles on {self.checked_at:%Y-%m-%d}"
            if self.checked_at
            else ""
        )
        name, host = self.name or self.slug, urlsplit(self.url).netloc
        yield f"# Drafted by `newsetl source new {self.url}`; check the values marked as a guess."
        yield f"slug = {_quote(self.slug)}"
        yield f"name = {_quote(name)}" + (
            f"  # from {self.name_provenance}" if self.name_provenance else "  # a guess"
        )
        yield f"verified = {_quote(verified or 'not yet')}"
        yield f"home = {_quote(self.url)}"
        yield f"hosts = {_quote_list([host, *self.hosts])}"
        yield f"timezone = {_quote(self.timezone)}  # a guess from {self.timezone_provenance or 'nothing'}"
        yield f"language = {_quote(self.language)}"
        yield "# Day of the first article; an article with an earlier date is rejected."
        yield "# first_day = 2015-01-01"
        yield f"publication_names = {_quote_list([self.name] if self.name else [])}"
        yield ""
        yield "# Section labels: path segment of a URL or printed label = label in the tables."
        yield "[sections]"
        for folder, label in self.sections.items():
            yield f"{_quote(folder)} = {_quote(label)}"
        forms = [(f"form{n}", form.pattern) for n, form in enumerate(self.url_groups, 1)]
        for form, pattern in [("any", "^/.+")] if is_provisional else forms:
            yield from ("", "[[url_forms]]", f"name = {_quote(form)}", f"pattern = {_quote_pattern(pattern)}")
        yield from ("", "[discover]")
        yield f"start_urls = {_quote_list([self.url] if is_provisional else self.start_urls)}"
        if self.listing_url_pattern:
            yield f"listing_url_pattern = {_quote_pattern(self.listing_url_pattern)}"
        if self.listing_item_selector:
            yield f"listing_item_selectors = {_quote_list([self.listing_item_selector])}"
        if self.max_pages > 1:
            yield f"max_pages = {self.max_pages}"
            yield f"page_size = {self.page_size}"
        yield f"sitemaps = {_quote_list(self.sitemaps)}"
        yield f"feeds = {_quote_list(self.feeds)}"
        yield from ("", "[parse]")
        yield f"title_suffixes = {_quote_list(self.title_suffixes)}"
        labels = {key: list(values) for key, values in self.labels.items()}
        if self.editor_labels:
            labels["editor_labels"] = [
                *labels.get("editor_labels", ["Editor", "Editors"]),
                *self.editor_labels,
            ]
        yield from (f"{key} = {_quote_list(values)}" for key, values in sorted(labels.items()))
        if self.metadata_patterns:
            yield "metadata_patterns = ["
            yield from (f"    {_quote_pattern(pattern)}," for pattern in self.metadata_patterns)
            yield "]"
        if self.content_selectors:
            yield f"content_selectors = {_quote_list(self.content_selectors)}"


def _quote(text: str) -> str:
    # JSON strings are valid TOML strings, apart from the delete character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _quote_pattern(text: str) -> str:
    return f"'{text}'" if "'" not in text else _quote(text)


def _quote_list(items: Iterable[str]) -> str:
    return f"[{', '.join(map(_quote, items))}]"
