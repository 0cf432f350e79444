"""Pictures and captions, each caption to the picture that it stands beside."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from newsetl.model import Image
from newsetl.text.whitespace import normalise_letters

# A caption's picture is looked for among so many pictures and captions on either side. Of a longer
# row of captions nobody can say here which is whose: they stay without a picture.
_MAX_DISTANCE = 300


@dataclass(slots=True, eq=False)
class _Item:
    """A picture, or a caption that has none yet. `group` counts the paragraphs before it."""

    url: str | None
    caption: str | None
    credit: str | None
    group: int
    is_matched: bool = False


class CaptionMatcher:
    """Pictures and captions in page order; in the end each caption goes to the picture beside it."""

    def __init__(self) -> None:
        self._items: list[_Item] = []
        self._captions: set[str] = set()

    def add_picture(self, url: str, caption: str | None, credit: str | None, group: int) -> None:
        self._add(_Item(url, caption or None, credit, group))

    def add_caption(self, caption: str | None, credit: str | None, group: int) -> None:
        self._add(_Item(None, caption, credit, group))

    def _add(self, shown: _Item) -> None:
        self._items.append(shown)
        self._captions.add(normalise_letters(shown.caption))

    def is_caption(self, text: str) -> bool:
        wanted = normalise_letters(text)
        return wanted != "" and wanted in self._captions

    def match_images(self) -> tuple[Image, ...]:
        self._match_equal_captions()
        rows = groupby(range(len(self._items)), self._get_group)
        each = [list(row) for (is_caption, _), row in rows if is_caption]
        captions = [at for row in each if len(row) <= _MAX_DISTANCE for at in row]
        for at in captions:
            self._match(self._items[at], self._find_adjacent(at))
        for at in captions:
            self._match(self._items[at], next(reversed(self._list_unmatched(at, before=True)), None))
        return tuple(
            Image(shown.url, shown.caption, shown.credit)
            for shown in self._items
            if shown.url is not None or not shown.is_matched
        )

    def _get_group(self, at: int) -> tuple[bool, int]:
        return self._items[at].url is None, self._items[at].group

    def _match_equal_captions(self) -> None:
        """Give each caption to the first picture whose attribute has the same one."""
        waiting: dict[str, list[_Item]] = {}
        for shown in reversed(self._items):
            if shown.url is not None:
                waiting.setdefault(normalise_letters(shown.caption), []).append(shown)
        for shown in self._items:
            wanted = normalise_letters(shown.caption) if shown.url is None else ""
            if wanted and waiting.get(wanted):
                self._match(shown, waiting[wanted].pop())

    @staticmethod
    def _match(caption: _Item, picture: _Item | None) -> None:
        if picture is not None and not caption.is_matched:
            picture.caption = picture.caption or caption.caption
            picture.credit = caption.credit or picture.credit
            caption.is_matched = picture.is_matched = True

    def _list_unmatched(self, at: int, *, before: bool) -> list[_Item]:
        """Pictures near the caption that wait for it, before or after it. A bare mark goes to any picture."""
        near = (
            self._items[max(0, at - _MAX_DISTANCE) : at]
            if before
            else self._items[at + 1 : at + 1 + _MAX_DISTANCE]
        )
        is_bare = self._items[at].caption is None
        return [
            shown
            for shown in near
            if shown.url is not None and not shown.is_matched and (is_bare or shown.caption is None)
        ]

    def _find_adjacent(self, at: int) -> _Item | None:
        """One with no paragraph between: before, with as many left as captions wait, else after."""
        group = self._items[at].group
        before = [shown for shown in self._list_unmatched(at, before=True) if shown.group == group]
        waiting = 0
        for shown in self._items[at : at + _MAX_DISTANCE]:
            if shown.url is not None or shown.group != group:
                break
            waiting += not shown.is_matched
        if before:
            return before[-min(waiting, len(before))]
        return next((shown for shown in self._list_unmatched(at, before=False) if shown.group == group), None)
