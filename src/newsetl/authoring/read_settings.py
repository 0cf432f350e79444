"""The [parse] table of a source, inferred from its front page and a few articles."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from urllib.parse import urlsplit

from bs4 import BeautifulSoup

from newsetl import sources
from newsetl.authoring import page_hints, toml_writer
from newsetl.discover import listing_pages
from newsetl.model import Article, Capture, Reject
from newsetl.parse.read_lines import read_lines
from newsetl.pipeline import parse_page
from newsetl.sources.config import Source
from newsetl.text.charset import decode

# Where a field was found by labels, and the keys that hold them.
_BY_LABELS = (
    ("section", "breadcrumb", ("breadcrumb_labels",)),
    ("published_at", "metadata line", ("source_labels", "author_labels")),
    ("editors", "editor line", ("editor_labels",)),
    ("authors", "By line", ("by_labels",)),
)


class ReadSettings:
    """Tries settings on articles, and takes down in `found` those that the engine reads best by."""

    def __init__(self, found: toml_writer.SourceFindings, at: str | None, notes: list[str]) -> None:
        self._found, self._at, self._notes = found, at, notes

    def infer(self, front: BeautifulSoup, captures: list[Capture]) -> None:
        """Names, language, zone, and the landmarks that the engine reads best by."""
        found, soups = self._found, [listing_pages.parse_html(capture) for capture in captures]
        titles = [" ".join(soup.title.get_text().split()) if soup.title else "" for soup in soups]
        suffix = page_hints.find_common_suffix(titles)
        found.suffixes = [suffix] if suffix else []
        found.name, found.name_from = page_hints.find_site_name(front, soups, suffix)
        if said := page_hints.find_language((front, *soups)):
            found.language = said
        else:
            self._notes.append("language: no page states one that its letters fit; en is a guess")
        found.timezone, found.zone_from = page_hints.guess_timezone(
            urlsplit(found.url).netloc.partition(":")[0], page_hints.find_times(soups)
        )
        lines = [line for capture in captures for line in self._lines(capture)]
        known = {label.casefold() for label in self.source().parse.editor_labels}
        found.editor_labels = [
            each for each in page_hints.find_editor_labels(lines) if each.casefold() not in known
        ]
        best = self._score(captures)
        for form in page_hints.METADATA_FORMATS:
            found.metadata_patterns, before = [*found.metadata_patterns, form], found.metadata_patterns
            if (score := self._score(captures)) > best:
                best = score
            else:
                found.metadata_patterns = before
        found.labels = self._select_labels([self.outcome(capture) for capture in captures], lines)
        texts = [
            page.text.split("\n\n") if isinstance(page := self.outcome(capture), Article) else []
            for capture in captures
        ]
        if all(texts):
            selector = page_hints.find_content_selector(soups, texts)
            found.content_selectors = [selector] if selector else []
            if self._score(captures) < best:
                found.content_selectors = []

    def _select_labels(self, outcomes: list[Article | Reject], lines: list[str]) -> dict[str, list[str]]:
        """The labels that most pages are read by, so that the file says what its pages rely on."""
        read, made = self.source().parse, dict[str, list[str]]()
        places = [page.found for page in outcomes if isinstance(page, Article)]
        for name, where, keys in _BY_LABELS:
            if 2 * sum(place.get(name) == where for place in places) <= len(outcomes):
                continue
            if where == "metadata line" and self._found.metadata_patterns:
                continue
            for key in keys:
                known: tuple[str, ...] = getattr(read, key)
                made[key] = [label for label in known if page_hints.has_label(label, lines)] or list(known)
        return made

    def _lines(self, capture: Capture) -> list[str]:
        text, _ = decode(capture.body, capture.charset)
        return [
            line.text for line in read_lines(text, self.source().parse, capture.url, is_full_page=True).lines
        ]

    def _score(self, captures: Iterable[Capture]) -> int:
        """How much the engine reads on the pages with what was found so far."""
        return sum(map(_worth, map(self.outcome, captures)))

    def outcome(self, capture: Capture) -> Article | Reject:
        """What the page is with what was found so far."""
        source = self.source()
        return parse_page.parse_page(
            replace(capture, link=None), source.with_base_url(self._at) if self._at else source
        )

    def source(self) -> Source:
        """The source with what was found so far."""
        return sources.read(self._found.build_toml(), file=f"{self._found.slug}.toml")


def _worth(outcome: Article | Reject) -> int:
    if isinstance(outcome, Reject):
        return 0
    is_exact = outcome.published_precision in ("second", "minute")
    in_page = outcome.found.get("published_at") != "address"
    return (
        10
        + 3 * is_exact
        + 2 * in_page
        + 3 * bool(outcome.authors)
        + 2 * bool(outcome.agency)
        + 2 * bool(outcome.editors)
        - 5 * any(len(name) > 60 or re.search(r"\d", name) is not None for name in outcome.authors)
        - 5 * (len(outcome.agency or "") > 60)
    )
