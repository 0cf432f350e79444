"""Articles of the mock site, and the edits that change them."""

from __future__ import annotations

import threading
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from itertools import count, islice
from random import Random
from typing import Literal, NamedTuple, get_args

from newsetl.errors import ConfigError
from newsetl.reasons import Reason
from newsetl.replica.line_formats import NAME, Section
from newsetl.replica.story import MockArticle, OldForm
from newsetl.replica.text_generator import TextGenerator

EditKind = Literal["headline_changes", "edited", "removed", "restored"]

CHINA = timezone(timedelta(hours=8))
WEB_FROM, HASHED_FROM, HASHED_UNTIL = date(2023, 2, 1), date(2022, 1, 1), date(2024, 4, 30)
UNLISTED_ARTICLES = 6


def _at(day: date, hours: float) -> datetime:
    return datetime.combine(day, time(), CHINA) + timedelta(seconds=int(hours * 3600))


def _sort_key(article: MockArticle) -> tuple[datetime, int]:
    return article.published_at, article.number


Difference = Literal["title", "ending", "source line"]
DIFFERENCES: tuple[Difference, ...] = get_args(Difference)


class SyndicatedCopy(NamedTuple):
    """Syndicated copy of an article: the original, the copy, and the difference."""

    original: MockArticle
    copy: MockArticle
    differs: Difference


class MockSite:
    """News site with generated articles from `since` to `until`.

    Args:
        articles: Number of readable articles.
        since: First day, in the site's timezone (+08:00).
        until: Last day. No article is published after 08:00 of the last day.
        seed: The same seed gives the same site.
        rejected: Number of listed pages that are no articles.
        syndicated: Number of articles with a syndicated copy: some hours later, at another URL, with one
            difference. `copies` lists them.

    Articles of a day in `hidden` are listed nowhere, but their pages are served. `log` has each edit with the
    edited article. Pages from the day `new_layout_from` on have an unknown editor label. All methods may be
    called while a MockServer serves the site.
    """

    def __init__(
        self,
        *,
        articles: int = 120,
        since: date,
        until: date,
        seed: int = 1,
        rejected: int = 3,
        syndicated: int = 0,
    ) -> None:
        if since > until:
            raise ConfigError(f"mock site: since {since} is after until {until}; swap them")
        self.since, self.until, self.seed = since, until, seed
        self.hidden: frozenset[date] = frozenset()
        self.log: list[tuple[EditKind, MockArticle]] = []
        self.new_layout_from: date | None = None
        self._lock = threading.RLock()
        self._rng = Random(f"channel/{seed}")
        self._numbers = count()
        days = (until - since).days + 1
        self._articles = [
            self._build_article(
                next(self._numbers), self._get_time_at(days * (index + self._rng.random()) / articles)
            )
            for index in range(articles)
        ]
        self._by_path = {path: article for article in self._articles for path in article.paths}
        # Rejected pages have negative numbers, so they do not disturb the cycle of formats. They are among
        # the newest pages, where listings show them.
        step = max(1, min(11, articles // max(1, rejected)))
        stamps = [self._articles[-1 - index * step].published_at for index in range(rejected) if articles]
        for index, stamp in enumerate(stamps):
            reason = (Reason.SOFT_404, Reason.REMOVED_PAGE)[index % 2]
            self._publish(replace(self._build_article(-1 - index, stamp), reject_reason=reason))
        # Old articles that only sidebars link to: served, but not listed.
        self.unlisted_articles = tuple(
            self._build_article(-1000 - index, _at(since - timedelta(days=400 + 61 * index), 10 + index))
            for index in range(UNLISTED_ARTICLES)
        )
        self._by_path |= {path: article for article in self.unlisted_articles for path in article.paths}
        self.copies: list[SyndicatedCopy] = []
        early = [
            article for article in self._articles if article.published_at < _at(until - timedelta(days=3), 0)
        ]
        readable = [article for article in early if not article.reject_reason and not article.is_review]
        for index in range(min(syndicated, len(readable))):
            self.syndicate(readable[index * len(readable) // syndicated], hours=1 + 7 * index % 50)

    @property
    def listed_articles(self) -> Sequence[MockArticle]:
        """Listed articles, rejected pages included, oldest first."""
        with self._lock:
            return tuple(
                article for article in self._articles if article.published_at.date() not in self.hidden
            )

    def add(self, count: int = 1, *, day: date | None = None) -> tuple[MockArticle, ...]:
        """Publish new articles after all others, or on `day`; a day after `until` moves `until`."""
        with self._lock:
            added = []
            for _ in range(count):
                if day is None or day == self.until:
                    stamp = self._get_next_time()
                elif day > self.until:
                    self.until, stamp = day, _at(day, self._rng.uniform(0, 1))
                else:
                    stamp = _at(day, self._rng.uniform(8, 20))
                added.append(self._build_article(next(self._numbers), stamp))
                self._publish(added[-1])
            return tuple(added)

    def edit(self, article: MockArticle, *, title: str | None = None, text: str | None = None) -> MockArticle:
        """Edit the article's title or last paragraph (`text`); with neither, generate a last paragraph."""
        with self._lock:
            current = self._get_current(article)
            if title is None and text is None:
                text = TextGenerator(
                    Random(f"{current.seed}/{current.number}/{current.revision + 1}")
                ).write_amendment()
            edited = replace(
                current,
                revision=current.revision + 1,
                new_title=current.new_title if title is None else title,
                new_ending=current.new_ending if text is None else text,
            )
            self._replace(edited)
            self._articles[self._find_index(current)] = edited
            self.log += [("headline_changes", edited)] * (title is not None)
            self.log += [("edited", edited)] * (text is not None)
            return edited

    def syndicate(self, article: MockArticle, *, hours: float = 5) -> MockArticle:
        """Publish a copy of the article, `hours` later and at another URL.

        In turn the copy has another title, another last paragraph, or an additional source line.
        """
        with self._lock:
            current = self._get_current(article)
            number = next(self._numbers)
            copy = replace(
                self._build_article(number, current.published_at + timedelta(hours=hours)),
                origin=current.text_number,
                new_title=current.new_title,
                new_ending=current.new_ending,
            )
            writer = TextGenerator(Random(f"{current.seed}/{number}/again"))
            differs = DIFFERENCES[len(self.copies) % len(DIFFERENCES)]
            match differs:
                case "title":
                    copy = replace(copy, new_title=f"{writer.write_title()}, Says {NAME}")
                case "ending":
                    copy = replace(copy, new_ending=writer.write_amendment())
                case "source line":
                    copy = replace(copy, taken_from=f"Source: {NAME}")
            self._publish(copy)
            self.copies.append(SyndicatedCopy(current, copy, differs))
            return copy

    def remove(self, article: MockArticle) -> None:
        """Remove the article from all listings; its URLs return the stub of a removed page."""
        with self._lock:
            current = self._get_current(article)
            del self._articles[self._find_index(current)]
            self._replace(replace(current, reject_reason=Reason.REMOVED_PAGE))
            self.log.append(("removed", current))

    def restore(self, article: MockArticle) -> None:
        """Publish a removed article again, in the given version."""
        with self._lock:
            self._publish(article)
            self.log.append(("restored", article))

    def has_new_layout(self, article: MockArticle) -> bool:
        """Return True if the article's page has the new layout."""
        return self.new_layout_from is not None and article.published_at.date() >= self.new_layout_from

    def get_article(self, path: str) -> MockArticle | None:
        """Return the article at the path, removed or not, or None."""
        return self._by_path.get(path)

    def list_newest(
        self, limit: int, section: Section | None = None, *, is_old: bool = False
    ) -> list[MockArticle]:
        """Return the newest articles, on request of one section or with an old URL only."""
        with self._lock:
            matching = (
                article
                for article in reversed(self.listed_articles)
                if (section is None or article.section is section) and (not is_old or article.old_form)
            )
            return list(islice(matching, limit))

    def iterate_between(self, first: date | None, last: date | None) -> Iterator[MockArticle]:
        """Return the articles of the days from `first` to `last`, newest first."""
        articles = self.listed_articles
        start = (
            0
            if first is None
            else bisect_left(articles, _at(first, 0), key=lambda article: article.published_at)
        )
        end = (
            len(articles)
            if last is None
            else bisect_left(articles, _at(last, 24), key=lambda article: article.published_at)
        )
        return reversed(articles[start:end])

    def _get_time_at(self, offset: float) -> datetime:
        """Return a time of publication, `offset` days after the start of the window."""
        day = self.since + timedelta(days=int(offset))
        return _at(day, offset % 1 * 5 if day == self.until else 8 + offset % 1 * 12)

    def _get_next_time(self) -> datetime:
        """Return a time after the newest article, and before 08:00 of the last day."""
        end = _at(self.until, 8)
        newest = (
            max(self._articles[-1].published_at, _at(self.until, 0)) if self._articles else _at(self.until, 0)
        )
        remaining = int((end - newest).total_seconds())
        return min(end, newest + timedelta(seconds=max(1, remaining // 100)))

    def _build_article(self, number: int, published_at: datetime) -> MockArticle:
        is_web, old_form = self._choose_url_forms(number, published_at.date())
        return MockArticle(self.seed, number, published_at, is_web, old_form)

    def _choose_url_forms(self, number: int, day: date) -> tuple[bool, OldForm | None]:
        """Return if an article of that day has the current URL, and the form of its old URL."""
        if day < HASHED_FROM:
            return False, "dated"
        if day < WEB_FROM:
            return False, "hashed"
        if day <= HASHED_UNTIL:
            return number % 4 != 1, None if number % 4 == 2 else "hashed"
        if self.since <= HASHED_UNTIL:
            return True, None
        # A site of recent days would have one URL form only, so some articles keep the old form.
        if number % 19 == 7:
            return False, "hashed"
        return True, "hashed" if number % 37 in {4, 17, 30} else None

    def _publish(self, article: MockArticle) -> None:
        insort(self._articles, article, key=_sort_key)
        self._replace(article)

    def _replace(self, article: MockArticle) -> None:
        for path in article.paths:
            self._by_path[path] = article

    def _find_index(self, article: MockArticle) -> int:
        return bisect_left(self._articles, _sort_key(article), key=_sort_key)

    def _get_current(self, article: MockArticle) -> MockArticle:
        index = self._find_index(article)
        if index == len(self._articles) or self._articles[index].number != article.number:
            raise ConfigError(f"mock site: no listed article at {article.paths[0]}")
        return self._articles[index]
