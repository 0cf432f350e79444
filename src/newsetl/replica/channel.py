"""The channel: which stories are published now, and what an editor does to them."""

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
    """A story that appeared again as another one: the first, the later one, and what differs."""

    original: MockArticle
    copy: MockArticle
    differs: Difference


class MockSite:
    """`articles` readable stories and `rejected` announced pages that are none, from `since` to `until`.

    Days are the channel's own (+08:00). On the last day nothing is stamped later than 08:00. All
    methods may be called while a Replica serves the channel. What is of a day in `hidden` is announced
    nowhere; its pages are there. The `log` has what was done to stories, each as it was then. Pages of the
    days from `relaid_from` on name the editor on a template that no reader knows yet. `syndicated` of the
    stories appear again some hours later, at another address and a little changed; `copies` says which.
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
            raise ConfigError(f"since {since} lies after until {until}")
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
        self._by_path = {path: story for story in self._articles for path in story.paths}
        # The refused ones have negative numbers, so that the forms of the others still take turns. They
        # stand among the newest, where listings show them.
        step = max(1, min(11, articles // max(1, rejected)))
        stamps = [self._articles[-1 - index * step].published_at for index in range(rejected) if articles]
        for index, stamp in enumerate(stamps):
            reason = (Reason.SOFT_404, Reason.REMOVED_PAGE)[index % 2]
            self._publish(replace(self._build_article(-1 - index, stamp), rejected=reason))
        # Old articles that only sidebars still link to: live pages, but no part of what is announced.
        self.unlisted_articles = tuple(
            self._build_article(-1000 - index, _at(since - timedelta(days=400 + 61 * index), 10 + index))
            for index in range(UNLISTED_ARTICLES)
        )
        self._by_path |= {path: story for story in self.unlisted_articles for path in story.paths}
        self.copies: list[SyndicatedCopy] = []
        early = [story for story in self._articles if story.published_at < _at(until - timedelta(days=3), 0)]
        whole = [story for story in early if not story.rejected and not story.is_review]
        for index in range(min(syndicated, len(whole))):
            self.syndicate(whole[index * len(whole) // syndicated], hours=1 + 7 * index % 50)

    @property
    def listed_articles(self) -> Sequence[MockArticle]:
        """What is announced now, refused pages included, oldest first."""
        with self._lock:
            return tuple(story for story in self._articles if story.published_at.date() not in self.hidden)

    def add(self, count: int = 1, *, day: date | None = None) -> tuple[MockArticle, ...]:
        """Publish new stories, later than all others or on `day`; a day after `until` moves `until`."""
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

    def edit(self, story: MockArticle, *, title: str | None = None, text: str | None = None) -> MockArticle:
        """Edit the story: its title, its last paragraph (`text`), or with neither that paragraph anew."""
        with self._lock:
            now = self._current(story)
            if title is None and text is None:
                text = TextGenerator(Random(f"{now.seed}/{now.number}/{now.revision + 1}")).write_amendment()
            edited = replace(
                now,
                revision=now.revision + 1,
                new_title=now.new_title if title is None else title,
                new_ending=now.new_ending if text is None else text,
            )
            self._replace(edited)
            self._articles[self._index(now)] = edited
            self.log += [("headline_changes", edited)] * (title is not None)
            self.log += [("edited", edited)] * (text is not None)
            return edited

    def syndicate(self, story: MockArticle, *, hours: float = 5) -> MockArticle:
        """Publish the story once more, so many hours later, at another address.

        In turn it gets another title, another last paragraph, or a line that says where it is from.
        """
        with self._lock:
            now = self._current(story)
            number = next(self._numbers)
            again = replace(
                self._build_article(number, now.published_at + timedelta(hours=hours)),
                origin=now.text_number,
                new_title=now.new_title,
                new_ending=now.new_ending,
            )
            writer = TextGenerator(Random(f"{now.seed}/{number}/again"))
            differs = DIFFERENCES[len(self.copies) % len(DIFFERENCES)]
            match differs:
                case "title":
                    again = replace(again, new_title=f"{writer.write_title()}, Says {NAME}")
                case "ending":
                    again = replace(again, new_ending=writer.write_amendment())
                case "source line":
                    again = replace(again, taken_from=f"Source: {NAME}")
            self._publish(again)
            self.copies.append(SyndicatedCopy(now, again, differs))
            return again

    def remove(self, story: MockArticle) -> None:
        """Take the story out of all listings; its addresses answer with the stub of a removed page."""
        with self._lock:
            now = self._current(story)
            del self._articles[self._index(now)]
            self._replace(replace(now, rejected=Reason.REMOVED_PAGE))
            self.log.append(("removed", now))

    def restore(self, story: MockArticle) -> None:
        """Put the story back that was removed, as `story` is."""
        with self._lock:
            self._publish(story)
            self.log.append(("restored", story))

    def has_new_layout(self, story: MockArticle) -> bool:
        """True if the story's page is on the new template."""
        return self.new_layout_from is not None and story.published_at.date() >= self.new_layout_from

    def get_article(self, path: str) -> MockArticle | None:
        """The story served under the path, removed ones included."""
        return self._by_path.get(path)

    def list_newest(
        self, limit: int, section: Section | None = None, *, is_old: bool = False
    ) -> list[MockArticle]:
        """The newest stories, of one section or of those with an old address only if asked for."""
        with self._lock:
            fitting = (
                story
                for story in reversed(self.listed_articles)
                if (section is None or story.section is section) and (not is_old or story.old_form)
            )
            return list(islice(fitting, limit))

    def iterate_between(self, first: date | None, last: date | None) -> Iterator[MockArticle]:
        """Stories of the days from `first` to `last`, newest first."""
        stories = self.listed_articles
        start = (
            0 if first is None else bisect_left(stories, _at(first, 0), key=lambda story: story.published_at)
        )
        end = (
            len(stories)
            if last is None
            else bisect_left(stories, _at(last, 24), key=lambda story: story.published_at)
        )
        return reversed(stories[start:end])

    def _get_time_at(self, place: float) -> datetime:
        """The stamp at a place in the window, in days from its start: by day, on the last day early."""
        day = self.since + timedelta(days=int(place))
        return _at(day, place % 1 * 5 if day == self.until else 8 + place % 1 * 12)

    def _get_next_time(self) -> datetime:
        """A stamp after the newest one; each takes a part of what is left until 08:00 of the last day."""
        end = _at(self.until, 8)
        newest = (
            max(self._articles[-1].published_at, _at(self.until, 0)) if self._articles else _at(self.until, 0)
        )
        left = int((end - newest).total_seconds())
        return min(end, newest + timedelta(seconds=max(1, left // 100)))

    def _build_article(self, number: int, published_at: datetime) -> MockArticle:
        is_web, old_form = self._choose_url_forms(number, published_at.date())
        return MockArticle(self.seed, number, published_at, is_web, old_form)

    def _choose_url_forms(self, number: int, day: date) -> tuple[bool, OldForm | None]:
        """Under which addresses a story of that day is served: the current one, an old one."""
        if day < HASHED_FROM:
            return False, "dated"
        if day < WEB_FROM:
            return False, "hashed"
        if day <= HASHED_UNTIL:
            return number % 4 != 1, None if number % 4 == 2 else "hashed"
        if self.since <= HASHED_UNTIL:
            return True, None
        # A channel of recent days only would show one kind of address: a share keeps the old kind.
        if number % 19 == 7:
            return False, "hashed"
        return True, "hashed" if number % 37 in {4, 17, 30} else None

    def _publish(self, story: MockArticle) -> None:
        insort(self._articles, story, key=_sort_key)
        self._replace(story)

    def _replace(self, story: MockArticle) -> None:
        for path in story.paths:
            self._by_path[path] = story

    def _index(self, story: MockArticle) -> int:
        return bisect_left(self._articles, _sort_key(story), key=_sort_key)

    def _current(self, story: MockArticle) -> MockArticle:
        index = self._index(story)
        if index == len(self._articles) or self._articles[index].number != story.number:
            raise ConfigError(f"the channel lists no story {story.paths[0]}")
        return self._articles[index]
