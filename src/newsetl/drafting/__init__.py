"""A source's file drafted from its front page and a few articles; every guess says that it is one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from bs4 import BeautifulSoup
from protego import Protego

from newsetl import reading, show, sources, stories
from newsetl.charsets import decode
from newsetl.client import Client
from newsetl.discover import feeds, pages
from newsetl.drafting import addresses, hints, writing
from newsetl.errors import ConfigError, DiscoverError, HostError, SourceError, StageError
from newsetl.model import Article, Capture, CaptureKind, Link, Reject
from newsetl.parse.sheet import read_lines
from newsetl.sources import Source

# Tried where neither robots.txt nor the page names one.
_LIKELY_FEEDS, _LIKELY_SITEMAPS = ("/rss.xml", "/feed"), ("/sitemap.xml",)
_MOST_FEEDS, _MOST_SITEMAPS, _MOST_LINKS = 4, 3, 400
_FEWEST_ROWS = 3
# A listing with a second page is followed so far.
_PAGES = 10
# Where a field was found by labels, and the keys that hold them.
_BY_LABELS = (
    ("section", "breadcrumb", ("position_labels",)),
    ("published_at", "metadata line", ("source_labels", "author_labels")),
    ("editors", "editor line", ("editor_labels",)),
    ("authors", "By line", ("by_labels",)),
)
_BLANKS = ("section", "agency", "authors", "editors")


@dataclass(slots=True)
class Draft:
    """A source's file, its `text`, and what a person should know of it.

    `story` is one of the articles with what was read in it; `pages` is how many were looked at.
    """

    source: Source
    text: str
    notes: list[str] = field(default_factory=list)
    story: tuple[Capture, dict[str, Any]] | None = None
    pages: int = 0


def drafted(
    url: str,
    *,
    slug: str | None,
    at: str | None,
    contact: str | None,
    articles: int,
    clock: Callable[[], datetime],
    tell: Callable[[str], None],
) -> Draft:
    """A draft for the channel with the front page `url`.

    Raises ConfigError if `url` is no address, what `Client` raises, and DiscoverError if the front page
    cannot be read or leads to no article.
    """
    if not urlsplit(url).netloc or urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"{url}: no address; write a whole one such as https://www.example.org/news/")
    found = writing.Findings(url, slug or slug_of(urlsplit(url).netloc))
    try:
        # Until more is known every page of the host is an article.
        anything = sources.read(found.text(is_provisional=True), file=f"{found.slug}.toml")
    except SourceError as error:
        raise ConfigError(f"{error}; give another name with --slug") from None
    with Client(anything.at(at) if at else anything, contact=contact, keep=lambda capture: capture) as client:
        return _Draughtsman(client, found, at, clock, tell).draft(articles)


def slug_of(netloc: str) -> str:
    """A short name made of a host's own part."""
    labels = [
        label for label in netloc.partition(":")[0].split(".") if label not in ("www", "m", "en", "english")
    ]
    own = labels[-2:-1] or labels or ["source"]
    if own[0] in ("com", "co", "org", "gov", "ac", "net") and len(labels) > 2:
        own = labels[-3:-2]
    return re.sub(r"^(?=\d)", "n", re.sub(r"[^a-z0-9]+", "_", own[0].lower()).strip("_") or "source")


def write(draft: Draft, folder: Path) -> Path:
    """The draft's file in `folder`, its story below. Raises ConfigError if one is there, or none can be."""
    file = folder / f"{draft.source.slug}.toml"
    story = stories.folder_of(file)
    if file.exists() or story.exists():
        raise ConfigError(f"{file if file.exists() else story}: is there already; give --slug another name")
    try:
        story.mkdir(parents=True)
        if draft.story:
            capture, read = draft.story
            (story / "first.html").write_bytes(capture.body)
            (story / "first.json").write_text(
                json.dumps(read, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
            )
        file.write_text(draft.text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{folder}: cannot be written ({error.strerror}); give another --output") from None
    return file


class _Draughtsman:
    """Asks through one client, and knows the site by its own host wherever it is served."""

    def __init__(
        self,
        client: Client,
        found: writing.Findings,
        at: str | None,
        clock: Callable[[], datetime],
        tell: Callable[[str], None],
    ) -> None:
        self._client, self._found, self._at, self._clock, self._tell = client, found, at, clock, tell
        self._notes: list[str] = []
        self._served = urlsplit(client.source.home).netloc

    def draft(self, count: int) -> Draft:
        """The whole of it."""
        found = self._found
        front = self._get(found.url, "index")
        if front is None:
            raise DiscoverError(*self._failure)
        soup = pages.soup_of(front)
        links = list(self._links(soup, front.url))
        found.feeds = list(islice(self._feeds(soup, front.url), _MOST_FEEDS))
        found.sitemaps = list(islice(self._sitemaps(), _MOST_SITEMAPS))
        named = [*links, *self._announced]
        groups = addresses.grouped((urlsplit(link).path, text) for link, text in named)
        found.forms = addresses.article_forms(groups)
        if not found.forms:
            raise pages.refusal(
                self._client.source, front, "link that looks like an article, nor feed or sitemap with one"
            )
        self._listings(addresses.listing_candidates(groups), links, front, soup)
        chosen = self._chosen([link for link, _ in named])
        captures = [page for link in chosen[:count] if (page := self._get(link, "article"))]
        if not captures:
            raise DiscoverError(*self._failure)
        self._read(soup, captures)
        return self._drafted(captures)

    def _get(self, url: str, why: CaptureKind) -> Capture | None:
        """The page, asked for where the site is served; None if it fails, and why is kept."""
        self._tell(url)
        try:
            return self._client.get(self._moved(url), why=why)
        except StageError as error:
            self._failure = error.reason, str(error)
        except HostError as error:
            raise ConfigError(str(error)) from error
        return None

    def _moved(self, url: str) -> str:
        parts = urlsplit(url)
        if not self._at or parts.netloc != urlsplit(self._found.url).netloc:
            return url
        return urlunsplit((urlsplit(self._at).scheme, self._served, parts.path, parts.query, ""))

    def _own(self, url: str) -> str | None:
        """The address on the site's own host; None for another's."""
        parts, home = urlsplit(url), urlsplit(self._found.url)
        same = {self._served, home.netloc, f"www.{home.netloc}", home.netloc.removeprefix("www.")}
        if parts.netloc not in same:
            return None
        if parts.netloc not in (self._served, home.netloc):
            self._found.hosts[parts.netloc] = None
        return urlunsplit((home.scheme, home.netloc, parts.path, parts.query, ""))

    def _links(self, soup: BeautifulSoup, base: str) -> Iterator[tuple[str, str]]:
        for anchor in soup.select("a[href]"):
            try:
                url = self._own(urljoin(base, str(anchor["href"])))
            except ValueError:
                continue
            if url:
                yield url, " ".join(anchor.get_text(" ").split())

    def _feeds(self, soup: BeautifulSoup, base: str) -> Iterator[str]:
        self._announced: list[tuple[str, str]] = []
        stated = list(dict.fromkeys(hints.feeds_of(soup, base)))
        for url in stated or [urljoin(self._found.url, path) for path in _LIKELY_FEEDS]:
            own = self._own(url) or url
            if (capture := self._get(own, "feed")) and self._add(feeds.entries, capture):
                yield own

    def _sitemaps(self) -> Iterator[str]:
        robots = self._get(urljoin(self._found.url, "/robots.txt"), "robots")
        stated = list(Protego.parse(robots.body.decode("utf-8", "replace")).sitemaps) if robots else []
        for url in stated or [urljoin(self._found.url, path) for path in _LIKELY_SITEMAPS]:
            own = self._own(url) or url
            capture = self._get(own, "sitemap")
            if capture and self._add(
                lambda source, page: [link for part in pages.sitemap(source, page) for link in part], capture
            ):
                yield own

    def _add(self, read: Callable[[Source, Capture], list[Link]], capture: Capture) -> bool:
        """Take down what a feed or sitemap announces; False if it is none."""
        try:
            entries = read(self._client.source, capture)
        except StageError:
            return False
        self._announced += [
            (own, entry.title or "") for entry in entries[:_MOST_LINKS] if (own := self._own(entry.url))
        ]
        return bool(entries)

    def _is_article(self, base: str, url: str) -> bool:
        own = self._own(urljoin(base, url))
        return own is not None and any(
            re.search(form.pattern, urlsplit(own).path) for form in self._found.forms
        )

    def _listings(
        self,
        candidates: list[addresses.Group],
        links: list[tuple[str, str]],
        front: Capture,
        soup: BeautifulSoup,
    ) -> None:
        """Of the short links one kind leads to pages with rows of articles; else the front page has them."""
        found = self._found
        for group in candidates[:3]:
            first = next(link for link, _ in links if urlsplit(link).path in group.paths)
            capture = self._get(first, "listing")
            if capture is None:
                continue
            listing, base = pages.soup_of(capture), capture.url
            shown = {url for url, _ in self._links(listing, base) if self._is_article(base, url)}
            if len(shown) < _FEWEST_ROWS:
                continue
            found.index, found.section = [found.url], _unnamed(group.pattern_below(urlsplit(found.url).path))
            found.rows = hints.rows_selector(listing, partial(self._is_article, base))
            number, second = (
                len(listing.select(found.rows)) if found.rows else len(shown),
                urlsplit(pages.numbered(first, 2)).path,
            )
            if any(urlsplit(url).path == second for url, _ in self._links(listing, base)):
                found.max_pages, found.page_size = _PAGES, number
            found.sections = self._folders(links)
            return
        if any(self._is_article(front.url, url) for url, _ in links):
            found.index = [found.url]
            found.rows = hints.rows_selector(soup, partial(self._is_article, front.url))
            self._notes.append("no listing found: the front page is taken for one")
        found.sections = self._folders(links)

    def _folders(self, links: list[tuple[str, str]]) -> dict[str, str]:
        """Folders of articles' addresses, each to the text of the link to it, else to a label made of it."""
        named = hints.folder_labels((urlsplit(link).path, text) for link, text in links)
        folders: dict[str, str] = {}
        for form in self._found.forms:
            for path in form.paths:
                said = re.search(form.pattern, path)
                if said and (folder := said.groupdict().get("folder")):
                    plain = folder.replace("-", " ").replace("_", " ").strip().capitalize()
                    folders[folder] = named.get(folder.casefold(), plain)
        return dict(sorted(folders.items()))

    def _chosen(self, named: list[str]) -> list[str]:
        """Articles of the largest form, from all over what is announced."""
        pattern = self._found.forms[0].pattern
        fitting = list(dict.fromkeys(url for url in named if re.search(pattern, urlsplit(url).path)))
        return fitting[:: max(1, len(fitting) // 3)]

    def _read(self, front: BeautifulSoup, captures: list[Capture]) -> None:
        """Names, language, zone, and the landmarks that the engine reads best by."""
        found, soups = self._found, [pages.soup_of(capture) for capture in captures]
        titles = [" ".join(soup.title.get_text().split()) if soup.title else "" for soup in soups]
        suffix = hints.common_suffix(titles)
        found.suffixes = [suffix] if suffix else []
        found.name, found.name_from = hints.site_name(front, soups, suffix)
        if said := hints.language((front, *soups)):
            found.language = said
        else:
            self._notes.append("language: no page states one that its letters fit; en is a guess")
        found.timezone, found.zone_from = hints.zone(
            urlsplit(found.url).netloc.partition(":")[0], hints.moments(soups)
        )
        lines = [line for capture in captures for line in self._lines(capture)]
        known = {label.casefold() for label in self._source().read.editor_labels}
        found.editor_labels = [each for each in hints.editor_labels(lines) if each.casefold() not in known]
        best = self._score(captures)
        for form in hints.FORMS:
            found.metadata_patterns, before = [*found.metadata_patterns, form], found.metadata_patterns
            if (score := self._score(captures)) > best:
                best = score
            else:
                found.metadata_patterns = before
        found.labels = self._labels([self._outcome(capture) for capture in captures], lines)
        texts = [
            page.text.split("\n\n") if isinstance(page := self._outcome(capture), Article) else []
            for capture in captures
        ]
        if all(texts):
            selector = hints.content_selector(soups, texts)
            found.content_selectors = [selector] if selector else []
            if self._score(captures) < best:
                found.content_selectors = []

    def _labels(self, outcomes: list[Article | Reject], lines: list[str]) -> dict[str, list[str]]:
        """The labels that most pages are read by, so that the file says what its pages rely on."""
        read, made = self._source().read, dict[str, list[str]]()
        places = [page.found for page in outcomes if isinstance(page, Article)]
        for name, where, keys in _BY_LABELS:
            if 2 * sum(place.get(name) == where for place in places) <= len(outcomes):
                continue
            if where == "metadata line" and self._found.metadata_patterns:
                continue
            for key in keys:
                known: tuple[str, ...] = getattr(read, key)
                made[key] = [label for label in known if hints.is_label(label, lines)] or list(known)
        return made

    def _lines(self, capture: Capture) -> list[str]:
        text, _ = decode(capture.body, capture.charset)
        return [line.text for line in read_lines(text, self._source().read, capture.url, is_whole=True).lines]

    def _source(self) -> Source:
        return sources.read(self._found.text(), file=f"{self._found.slug}.toml")

    def _outcome(self, capture: Capture) -> Article | Reject:
        source = self._source()
        return reading.read(replace(capture, link=None), source.at(self._at) if self._at else source)

    def _score(self, captures: Iterable[Capture]) -> int:
        """How much the engine reads on the pages with what was found so far."""
        return sum(map(_worth, map(self._outcome, captures)))

    def _drafted(self, captures: list[Capture]) -> Draft:
        found, source = self._found, self._source()
        found.checked_at, found.pages = self._clock(), len(captures)
        outcomes = [self._outcome(capture) for capture in captures]
        notes = [*self._notes, f"timezone: {found.timezone} is a guess from {found.zone_from}"]
        for outcome in outcomes:
            if isinstance(outcome, Reject):
                notes.append(f"{outcome.url}: is not read ({outcome.message}); [read] needs a hand")
        text = found.text()
        source = sources.read(text, file=f"{found.slug}.toml")
        capture = captures[0]
        asked = self._own(capture.url) or capture.url
        return Draft(source, text, notes, (capture, _story(source, capture, asked)), len(captures))


def _story(source: Source, capture: Capture, asked_url: str) -> dict[str, Any]:
    """What was read in the page at its own address; what was not is a blank."""
    outcome = reading.read(stories.capture_of(source, capture.body, asked_url), source)
    made: dict[str, Any] = {"asked_url": asked_url}
    if isinstance(outcome, Reject):
        names = ("title", "section", "agency", "published_at", "authors", "editors", "text")
        return made | dict.fromkeys(names, stories.BLANK)
    read = show.record(outcome, source, "first.html")
    for name in ("url", "title", *_BLANKS[:2], "published_at", *_BLANKS[2:], "text"):
        value = read[name]
        made[name] = [stories.BLANK] if value == [] else stories.BLANK if value is None else value
    return made


def _unnamed(pattern: str) -> str:
    return pattern.replace("(?P<folder>[\\w-]+)", "[\\w-]+")


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
