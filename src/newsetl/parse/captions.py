"""Matching of captions to pictures."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from newsetl.model import Image
from newsetl.text.whitespace import normalise_letters

# Pictures and captions searched on either side of a caption. The captions of a longer row cannot be
# matched and stay without a picture.
_MAX_DISTANCE = 300


@dataclass(slots=True, eq=False)
class _Item:
    """A picture (with a URL) or a caption (without). `group` is the number of paragraphs before it."""

    url: str | None
    caption: str | None
    credit: str | None
    group: int
    is_matched: bool = False


class CaptionMatcher:
    """Collector of pictures and captions in page order, which matches each caption to a picture."""

    def __init__(self) -> None:
        self._items: list[_Item] = []
        self._captions: set[str] = set()

    def add_picture(self, url: str, caption: str | None, credit: str | None, group: int) -> None:
        """Add a picture. `caption` and `credit` are those of its attributes."""
        self._add(_Item(url, caption or None, credit, group))

    def add_caption(self, caption: str | None, credit: str | None, group: int) -> None:
        """Add a caption that is a line of the page."""
        self._add(_Item(None, caption, credit, group))

    def _add(self, item: _Item) -> None:
        self._items.append(item)
        self._captions.add(normalise_letters(item.caption))

    def is_caption(self, text: str) -> bool:
        """Return True if `text` repeats a caption that was added."""
        key = normalise_letters(text)
        return key != "" and key in self._captions

    def match_images(self) -> tuple[Image, ...]:
        """Match captions to pictures and return all images in page order.

        A caption takes the picture with an equal caption, else an adjacent one, else the nearest one before
        it. A caption without a picture becomes an image without a URL.
        """
        self._match_equal_captions()
        groups = groupby(range(len(self._items)), self._get_group)
        caption_rows = [list(row) for (has_captions, _), row in groups if has_captions]
        caption_indexes = [index for row in caption_rows if len(row) <= _MAX_DISTANCE for index in row]
        for index in caption_indexes:
            self._match(self._items[index], self._find_adjacent(index))
        for index in caption_indexes:
            self._match(self._items[index], next(reversed(self._list_unmatched(index, before=True)), None))
        return tuple(
            Image(item.url, item.caption, item.credit)
            for item in self._items
            if item.url is not None or not item.is_matched
        )

    def _get_group(self, index: int) -> tuple[bool, int]:
        return self._items[index].url is None, self._items[index].group

    def _match_equal_captions(self) -> None:
        """Match each caption to the first picture whose attribute has the same caption."""
        pictures: dict[str, list[_Item]] = {}
        for item in reversed(self._items):
            if item.url is not None:
                pictures.setdefault(normalise_letters(item.caption), []).append(item)
        for item in self._items:
            key = normalise_letters(item.caption) if item.url is None else ""
            if key and pictures.get(key):
                self._match(item, pictures[key].pop())

    @staticmethod
    def _match(caption: _Item, picture: _Item | None) -> None:
        if picture is not None and not caption.is_matched:
            picture.caption = picture.caption or caption.caption
            picture.credit = caption.credit or picture.credit
            caption.is_matched = picture.is_matched = True

    def _list_unmatched(self, index: int, *, before: bool) -> list[_Item]:
        """Return unmatched pictures near the caption. A credit alone also fits a picture with a caption."""
        near = (
            self._items[max(0, index - _MAX_DISTANCE) : index]
            if before
            else self._items[index + 1 : index + 1 + _MAX_DISTANCE]
        )
        is_bare = self._items[index].caption is None
        return [
            item
            for item in near
            if item.url is not None and not item.is_matched and (is_bare or item.caption is None)
        ]

    def _find_adjacent(self, index: int) -> _Item | None:
        """Return the picture for the caption with no paragraph between them: before it, else after it.

        In a row of captions the last caption takes the last picture before the row.
        """
        group = self._items[index].group
        before = [item for item in self._list_unmatched(index, before=True) if item.group == group]
        unmatched = 0
        for item in self._items[index : index + _MAX_DISTANCE]:
            if item.url is not None or item.group != group:
                break
            unmatched += not item.is_matched
        if before:
            return before[-min(unmatched, len(before))]
        return next((item for item in self._list_unmatched(index, before=False) if item.group == group), None)
