"""Revisions of an article, and word-level diffs between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Literal

from rich.text import Text

from newsetl.db.connection import translate_errors
from newsetl.errors import ConfigError
from newsetl.query.reader import connect
from newsetl.runtime.data_folder import WarehouseLocation
from newsetl.text.whitespace import replace_unprintable

DiffKind = Literal["same", "removed", "added"]

_BRACKETS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
_STYLES = {"same": "", "removed": "red strike", "added": "green underline"}
_CONTEXT = 24  # words and blanks shown beside a change
_MAX_WORD_PAIRS = 4_000_000  # pairs of words to compare: about 0.5 s
_WORDS = re.compile(r"\s+|\S+")
_ARTICLE_SQL = """
    SELECT DISTINCT article_id::VARCHAR, articles.url, articles.title
    FROM articles LEFT JOIN article_urls USING (article_id)
    WHERE
        $identifier IN (articles.url, article_urls.url)
        OR starts_with(article_id::VARCHAR, lower($identifier))
    ORDER BY articles.url
    LIMIT 3
"""
_REVISIONS_SQL = """
    SELECT number, seen_at, last_seen_at, changed, title, text
    FROM article_revisions
    WHERE article_id::VARCHAR = $article_id
    ORDER BY number
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """State of an article, as in the table article_revisions."""

    number: int
    seen_at: datetime
    last_seen_at: datetime
    changed: tuple[str, ...]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """Article with its revisions in order of time; no revisions if the article never changed."""

    article_id: str
    url: str | None
    title: str
    revisions: tuple[Revision, ...]

    def get_change(self, number: int | None = None) -> tuple[Revision, Revision]:
        """Return the revision before `number` (default: the last) and the revision itself.

        Raise ConfigError if there is no such change.
        """
        name = self.url or self.article_id
        if len(self.revisions) < 2:
            raise ConfigError(f"{name}: has not changed since it was first seen; choose another article")
        last = self.revisions[-1].number
        number = last if number is None else number
        if not 2 <= number <= last:
            raise ConfigError(f"{name}: no change at --revision {number}; use 2 to {last}")
        return self.revisions[number - 2], self.revisions[number - 1]


def load_history(path: WarehouseLocation, identifier: str) -> History:
    """Return the history of the article with this URL, or with this article_id or a prefix of it.

    Raise WarehouseError if the warehouse cannot be read, ConfigError if not exactly one article matches.
    """
    with translate_errors(path), closing(connect(path)) as connection:
        matches = (
            connection.execute(_ARTICLE_SQL, {"identifier": identifier}).fetchall() if identifier else []
        )
        if not matches:
            raise ConfigError(
                f"{identifier!r}: no article has this URL or article_id; find it with newsetl search"
            )
        if len(matches) > 1:
            raise ConfigError(
                f"{identifier}: matches several articles, such as {matches[0][0]} and {matches[1][0]}; "
                "give more of the article_id"
            )
        ((article_id, url, title),) = matches
        rows = connection.execute(_REVISIONS_SQL, {"article_id": article_id}).fetchall()
    revisions = tuple(
        Revision(number, seen_at, last_seen_at, tuple(changed), title, text)
        for number, seen_at, last_seen_at, changed, title, text in rows
    )
    return History(article_id, url, title, revisions)


def diff_texts(before: str, after: str) -> Iterator[tuple[DiffKind, str]]:
    """Yield the segments of a diff: same, removed from `before`, or added in `after`.

    The segments "same" and "added" together are exactly `after`. Paragraphs are compared first, then the
    words of paragraphs that differ.
    """
    old, new = before.split("\n\n"), after.split("\n\n")
    for tag, i, j, k, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = "\n\n".join(old[i:j]), "\n\n".join(new[k:n])
        if tag == "equal":
            yield "same", added
        else:
            yield from _diff_words(removed, added)
        if n < len(new) and k < n:
            yield "same", "\n\n"


def _diff_words(before: str, after: str) -> Iterator[tuple[DiffKind, str]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    # autojunk=False: common words count too. Of long texts only the common beginning and end are found.
    is_long = len(old) * len(new) > _MAX_WORD_PAIRS
    for tag, i, j, k, n in (
        _diff_ends(old, new) if is_long else SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    ):
        if tag == "equal":
            yield "same", "".join(new[k:n])
            continue
        if i < j:
            yield "removed", "".join(old[i:j])
        if k < n:
            yield "added", "".join(new[k:n])


def _diff_ends(old: list[str], new: list[str]) -> Iterator[tuple[str, int, int, int, int]]:
    """Yield opcodes as SequenceMatcher does: the common beginning and end, and one replacement between."""
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    tail = next((at for at in range(shorter - head) if old[-1 - at] != new[-1 - at]), shorter - head)
    yield "equal", 0, head, 0, head
    yield "replace", head, len(old) - tail, head, len(new) - tail
    yield "equal", len(old) - tail, len(old), len(new) - tail, len(new)


def format_diff(
    history: History,
    before: Revision,
    after: Revision,
    *,
    has_full_text: bool = False,
    is_plain: bool = False,
) -> Iterator[Text]:
    """Yield the lines of `newsetl diff`: URL, revisions and times, then title and text with their changes.

    Unchanged text is shortened unless `has_full_text`. `is_plain` marks changes with brackets, not colours.
    """
    yield Text(history.url or history.article_id)
    when = f"{before.seen_at:%Y-%m-%d %H:%M} to {after.seen_at:%Y-%m-%d %H:%M} UTC"
    yield Text(
        f"revision {before.number} to {after.number} of {len(history.revisions)}, {when}: "
        f"{' and '.join(after.changed)} changed"
    )
    yield Text()
    yield _mark_up(diff_texts(before.title, after.title), is_plain=is_plain)
    yield Text()
    segments = diff_texts(before.text, after.text)
    segments = segments if has_full_text else shorten_unchanged(segments)
    yield _mark_up(segments, is_plain=is_plain)


def shorten_unchanged(segments: Iterable[tuple[DiffKind, str]]) -> Iterator[tuple[DiffKind, str]]:
    """Yield the segments with unchanged ones shortened to the words beside a change."""
    listed = list(segments)
    last = len(listed) - 1
    for index, (kind, words) in enumerate(listed):
        is_same = kind == "same"
        yield kind, _shorten(words, is_first=index == 0, is_last=index == last) if is_same else words


def _mark_up(segments: Iterable[tuple[DiffKind, str]], *, is_plain: bool) -> Text:
    marked = Text()
    for kind, words in segments:
        left, right = _BRACKETS[kind] if is_plain else ("", "")
        marked.append(f"{left}{replace_unprintable(words)}{right}", _STYLES[kind])
    return marked


def _shorten(words: str, *, is_first: bool, is_last: bool) -> str:
    """Return an unchanged segment with only _CONTEXT words and blanks at each end beside a change."""
    tokens = _WORDS.findall(words)
    head = [] if is_first else tokens[:_CONTEXT]
    tail = [] if is_last else tokens[-_CONTEXT:]
    if len(head) + len(tail) >= len(tokens):
        return words
    return f"{''.join(head).rstrip()} … {''.join(tail).lstrip()}"
