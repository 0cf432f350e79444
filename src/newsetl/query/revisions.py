"""How an article changed on the site, word by word."""

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
_CONTEXT = 24  # words and blanks
_MAX_WORD_PAIRS = 4_000_000  # of a word of the one and of the other: half a second
_WORDS = re.compile(r"\s+|\S+")
_ARTICLE_SQL = """
    SELECT DISTINCT article_id::VARCHAR, articles.url, articles.title
    FROM articles LEFT JOIN article_urls USING (article_id)
    WHERE
        $named IN (articles.url, article_urls.url) OR starts_with(article_id::VARCHAR, lower($named))
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
    """A state of an article, as in the table article_revisions."""

    number: int
    seen_at: datetime
    last_seen_at: datetime
    changed: tuple[str, ...]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class History:
    """An article and its states in the order of time; none if it never changed."""

    article_id: str
    url: str | None
    title: str
    revisions: tuple[Revision, ...]

    def get_change(self, number: int | None = None) -> tuple[Revision, Revision]:
        """The revision, or the last one, with the one before it. Raises ConfigError if there is none."""
        where = self.url or self.article_id
        if len(self.revisions) < 2:
            raise ConfigError(f"{where}: has not changed since it was first seen")
        last = self.revisions[-1].number
        number = last if number is None else number
        if not 2 <= number <= last:
            raise ConfigError(f"{where}: --revision {number}: there are 2 to {last}; 1 is what it began as")
        return self.revisions[number - 2], self.revisions[number - 1]


def load_history(path: WarehouseLocation, identifier: str) -> History:
    """The article with the address or the identity, of which the beginning is enough.

    Raises WarehouseError if there is no warehouse to read, ConfigError if not exactly one article is meant.
    """
    with translate_errors(path), closing(connect(path)) as connection:
        found = connection.execute(_ARTICLE_SQL, {"named": identifier}).fetchall() if identifier else []
        if not found:
            raise ConfigError(f"{identifier!r}: no article has this address or article_id")
        if len(found) > 1:
            raise ConfigError(
                f"{identifier}: several articles begin so, such as {found[0][0]} and {found[1][0]}"
            )
        ((article_id, url, title),) = found
        rows = connection.execute(_REVISIONS_SQL, {"article_id": article_id}).fetchall()
    revisions = tuple(
        Revision(number, seen_at, last_seen_at, tuple(changed), title, text)
        for number, seen_at, last_seen_at, changed, title, text in rows
    )
    return History(article_id, url, title, revisions)


def diff_texts(before: str, after: str) -> Iterator[tuple[DiffKind, str]]:
    """The text in stretches: as in both, removed from `before`, added in `after`.

    The stretches that are not removed are `after`, letter for letter. Paragraphs are compared first, and
    the words of those that differ.
    """
    old, new = before.split("\n\n"), after.split("\n\n")
    for tag, i, j, k, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone, come = "\n\n".join(old[i:j]), "\n\n".join(new[k:n])
        if tag == "equal":
            yield "same", come
        else:
            yield from _diff_words(gone, come)
        if n < len(new) and k < n:
            yield "same", "\n\n"


def _diff_words(before: str, after: str) -> Iterator[tuple[DiffKind, str]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    # Every word counts, however common it is. Of what is written anew at length only both ends are compared.
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
    """As `get_opcodes` gives it: what begins and ends alike, and one difference between."""
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    tail = next((at for at in range(most - head) if old[-1 - at] != new[-1 - at]), most - head)
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
    """What `newsetl diff` prints: when, then headline and text with what was removed and added.

    A stretch of the text that is as before is shortened unless it `is_whole`; `is_plain` marks with
    brackets what else has colours.
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
    stretches = diff_texts(before.text, after.text)
    stretches = stretches if has_full_text else shorten_unchanged(stretches)
    yield _mark_up(stretches, is_plain=is_plain)


def shorten_unchanged(stretches: Iterable[tuple[DiffKind, str]]) -> Iterator[tuple[DiffKind, str]]:
    """The stretches; of what is as before, only the words beside what differs."""
    found = list(stretches)
    last = len(found) - 1
    for place, (kind, words) in enumerate(found):
        is_same = kind == "same"
        yield kind, _shorten(words, is_first=place == 0, is_last=place == last) if is_same else words


def _mark_up(stretches: Iterable[tuple[DiffKind, str]], *, is_plain: bool) -> Text:
    marked = Text()
    for kind, words in stretches:
        left, right = _BRACKETS[kind] if is_plain else ("", "")
        marked.append(f"{left}{replace_unprintable(words)}{right}", _STYLES[kind])
    return marked


def _shorten(words: str, *, is_first: bool, is_last: bool) -> str:
    """Of what is as before the words beside what differs."""
    pieces = _WORDS.findall(words)
    head = [] if is_first else pieces[:_CONTEXT]
    tail = [] if is_last else pieces[-_CONTEXT:]
    if len(head) + len(tail) >= len(pieces):
        return words
    return f"{''.join(head).rstrip()} … {''.join(tail).lstrip()}"
