"""Inference of the [parse] table of a source from its front page and a few articles."""

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

# Fields, their provenance if they are found by labels, and the keys with these labels.
_BY_LABELS = (
    ("section", "breadcrumb", ("breadcrumb_labels",)),
    ("published_at", "metadata line", ("source_labels", "author_labels")),
    ("editors", "editor line", ("editor_labels",)),
    ("authors", "By line", ("by_labels",)),
)


class ReadSettings:
    """Inference of the settings that parse the articles best; the results go to `findings`."""

    def __init__(self, findings: toml_writer.SourceFindings, base_url: str | None, notes: list[str]) -> None:
        self._findings, self._base_url, self._notes = findings, base_url, notes

    def infer(self, front: BeautifulSoup, captures: list[Capture]) -> None:
        """Infer name, language, time zone, and the labels, patterns and selectors that parse best."""
        findings, soups = self._findings, [listing_pages.parse_html(capture) for capture in captures]
        titles = [" ".join(soup.title.get_text().split()) if soup.title else "" for soup in soups]
        suffix = page_hints.find_common_suffix(titles)
        findings.title_suffixes = [suffix] if suffix else []
        findings.name, findings.name_provenance = page_hints.find_site_name(front, soups, suffix)
        if language := page_hints.find_language((front, *soups)):
            findings.language = language
        else:
            self._notes.append("language: en is a guess; no page states a language that fits its letters")
        findings.timezone, findings.timezone_provenance = page_hints.guess_timezone(
            urlsplit(findings.url).netloc.partition(":")[0], page_hints.find_times(soups)
        )
        lines = [line for capture in captures for line in self._read_lines(capture)]
        default_labels = {label.casefold() for label in self.build_source().parse.editor_labels}
        findings.editor_labels = [
            each for each in page_hints.find_editor_labels(lines) if each.casefold() not in default_labels
        ]
        best = self._score(captures)
        for form in page_hints.METADATA_FORMATS:
            findings.metadata_patterns, before = (
                [*findings.metadata_patterns, form],
                findings.metadata_patterns,
            )
            if (score := self._score(captures)) > best:
                best = score
            else:
                findings.metadata_patterns = before
        findings.labels = self._select_labels([self.parse_page(capture) for capture in captures], lines)
        texts = [
            page.text.split("\n\n") if isinstance(page := self.parse_page(capture), Article) else []
            for capture in captures
        ]
        if all(texts):
            selector = page_hints.find_content_selector(soups, texts)
            findings.content_selectors = [selector] if selector else []
            if self._score(captures) < best:
                findings.content_selectors = []

    def _select_labels(self, outcomes: list[Article | Reject], lines: list[str]) -> dict[str, list[str]]:
        """Select the labels that most pages need, so that the source file declares them."""
        config, labels = self.build_source().parse, dict[str, list[str]]()
        provenances = [page.found for page in outcomes if isinstance(page, Article)]
        for name, provenance, keys in _BY_LABELS:
            if 2 * sum(each.get(name) == provenance for each in provenances) <= len(outcomes):
                continue
            if provenance == "metadata line" and self._findings.metadata_patterns:
                continue
            for key in keys:
                known: tuple[str, ...] = getattr(config, key)
                labels[key] = [label for label in known if page_hints.has_label(label, lines)] or list(known)
        return labels

    def _read_lines(self, capture: Capture) -> list[str]:
        source = self.build_source()
        text, _ = decode(capture.body, capture.charset, source.languages)
        config = source.parse
        return [line.text for line in read_lines(text, config, capture.url, is_full_page=True).lines]

    def _score(self, captures: Iterable[Capture]) -> int:
        """Score the parse results of the pages with the current findings."""
        return sum(map(_score_outcome, map(self.parse_page, captures)))

    def parse_page(self, capture: Capture) -> Article | Reject:
        """Parse the page with the current findings."""
        source = self.build_source()
        return parse_page.parse_page(
            replace(capture, link=None), source.with_base_url(self._base_url) if self._base_url else source
        )

    def build_source(self) -> Source:
        """Build the source from the current findings."""
        return sources.parse_toml(self._findings.build_toml(), file=f"{self._findings.slug}.toml")


def _score_outcome(outcome: Article | Reject) -> int:
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
