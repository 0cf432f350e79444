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

from newsetl import schema
from newsetl.errors import ConfigError
from newsetl.folder import Place
from newsetl.query import connect

Kind = Literal["same", "removed", "added"]

_BRACKETS = {"same": ("", ""), "removed": ("[-", "-]"), "added": ("{+", "+}")}
_STYLES = {"same": "", "removed": "red strike", "added": "green underline"}
_CONTEXT = 24  # words and blanks
_WORDS = re.compile(r"\s+|\S+")
_FOUND = """
    SELECT DISTINCT article_id::VARCHAR, articles.url, articles.title
    FROM articles LEFT JOIN article_urls USING (article_id)
    WHERE
        $named IN (articles.url, article_urls.url) OR starts_with(article_id::VARCHAR, lower($named))
    ORDER BY articles.url
    LIMIT 3
"""
_REVISIONS = """
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

    def step(self, number: int | None = None) -> tuple[Revision, Revision]:
        """The revision, or the last one, with the one before it. Raises ConfigError if there is none."""
        where = self.url or self.article_id
        if len(self.revisions) < 2:
            raise ConfigError(f"{where}: has not changed since it was first seen")
        last = self.revisions[-1].number
        number = last if number is None else number
        if not 2 <= number <= last:
            raise ConfigError(f"{where}: --revision {number}: there are 2 to {last}; 1 is what it began as")
        return self.revisions[number - 2], self.revisions[number - 1]


def history(path: Place, named: str) -> History:
    """The article with the address or the identity, of which the beginning is enough.

    Raises WarehouseError if there is no warehouse to read, ConfigError if not exactly one article is meant.
    """
    with schema.refusing(path), closing(connect(path)) as connection:
        found = connection.execute(_FOUND, {"named": named}).fetchall() if named else []
        if not found:
            raise ConfigError(f"{named!r}: no article has this address or article_id")
        if len(found) > 1:
            raise ConfigError(f"{named}: several articles begin so, such as {found[0][0]} and {found[1][0]}")
        ((article_id, url, title),) = found
        rows = connection.execute(_REVISIONS, {"article_id": article_id}).fetchall()
    revisions = tuple(
        Revision(number, seen_at, last_seen_at, tuple(changed), title, text)
        for number, seen_at, last_seen_at, changed, title, text in rows
    )
    return History(article_id, url, title, revisions)


def differences(before: str, after: str) -> Iterator[tuple[Kind, str]]:
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
            yield from _words(gone, come)
        if n < len(new) and k < n:
            yield "same", "\n\n"


def _words(before: str, after: str) -> Iterator[tuple[Kind, str]]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    # Every word counts, however common it is.
    for tag, i, j, k, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(new[k:n])
            continue
        if i < j:
            yield "removed", "".join(old[i:j])
        if k < n:
            yield "added", "".join(new[k:n])


def lines(
    history: History, before: Revision, after: Revision, *, is_whole: bool = False, is_plain: bool = False
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
    yield _marked(differences(before.title, after.title), is_plain=is_plain)
    yield Text()
    stretches = differences(before.text, after.text)
    stretches = stretches if is_whole else shortened(stretches)
    yield _marked(stretches, is_plain=is_plain)


def shortened(stretches: Iterable[tuple[Kind, str]]) -> Iterator[tuple[Kind, str]]:
    """The stretches; of what is as before, only the words beside what differs."""
    found = list(stretches)
    last = len(found) - 1
    for place, (kind, words) in enumerate(found):
        is_same = kind == "same"
        yield kind, _shortened(words, is_first=place == 0, is_last=place == last) if is_same else words


def _marked(stretches: Iterable[tuple[Kind, str]], *, is_plain: bool) -> Text:
    marked = Text()
    for kind, words in stretches:
        left, right = _BRACKETS[kind] if is_plain else ("", "")
        shown = "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in words)
        marked.append(f"{left}{shown}{right}", _STYLES[kind])
    return marked


def _shortened(words: str, *, is_first: bool, is_last: bool) -> str:
    """Of what is as before the words beside what differs."""
    pieces = _WORDS.findall(words)
    head = [] if is_first else pieces[:_CONTEXT]
    tail = [] if is_last else pieces[-_CONTEXT:]
    if len(head) + len(tail) >= len(pieces):
        return words
    return f"{''.join(head).rstrip()} … {''.join(tail).lstrip()}"
