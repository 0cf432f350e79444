"""Pictures and captions, each caption to the picture that it stands beside."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from newsetl.model import Image
from newsetl.text.whitespace import letters

# A caption's picture is looked for among so many pictures and captions on either side. Of a longer
# row of captions nobody can say here which is whose: they stay without a picture.
_NEAR = 300


@dataclass(slots=True, eq=False)
class _Shown:
    """A picture, or a caption that has none yet. `group` counts the paragraphs before it."""

    url: str | None
    caption: str | None
    credit: str | None
    group: int
    is_told: bool = False


class Gallery:
    """Pictures and captions in page order; in the end each caption goes to the picture beside it."""

    def __init__(self) -> None:
        self._shown: list[_Shown] = []
        self._captions: set[str] = set()

    def picture(self, url: str, caption: str | None, credit: str | None, group: int) -> None:
        self._show(_Shown(url, caption or None, credit, group))

    def caption(self, caption: str | None, credit: str | None, group: int) -> None:
        self._show(_Shown(None, caption, credit, group))

    def _show(self, shown: _Shown) -> None:
        self._shown.append(shown)
        self._captions.add(letters(shown.caption))

    def is_caption(self, text: str) -> bool:
        wanted = letters(text)
        return wanted != "" and wanted in self._captions

    def images(self) -> tuple[Image, ...]:
        self._give_to_same()
        rows = groupby(range(len(self._shown)), self._place)
        each = [list(row) for (is_caption, _), row in rows if is_caption]
        captions = [at for row in each if len(row) <= _NEAR for at in row]
        for at in captions:
            self._give(self._shown[at], self._beside(at))
        for at in captions:
            self._give(self._shown[at], next(reversed(self._free(at, before=True)), None))
        return tuple(
            Image(shown.url, shown.caption, shown.credit)
            for shown in self._shown
            if shown.url is not None or not shown.is_told
        )

    def _place(self, at: int) -> tuple[bool, int]:
        return self._shown[at].url is None, self._shown[at].group

    def _give_to_same(self) -> None:
        """Give each caption to the first picture whose attribute has the same one."""
        waiting: dict[str, list[_Shown]] = {}
        for shown in reversed(self._shown):
            if shown.url is not None:
                waiting.setdefault(letters(shown.caption), []).append(shown)
        for shown in self._shown:
            wanted = letters(shown.caption) if shown.url is None else ""
            if wanted and waiting.get(wanted):
                self._give(shown, waiting[wanted].pop())

    @staticmethod
    def _give(caption: _Shown, picture: _Shown | None) -> None:
        if picture is not None and not caption.is_told:
            picture.caption = picture.caption or caption.caption
            picture.credit = caption.credit or picture.credit
            caption.is_told = picture.is_told = True

    def _free(self, at: int, *, before: bool) -> list[_Shown]:
        """Pictures near the caption that wait for it, before or after it. A bare mark goes to any picture."""
        near = self._shown[max(0, at - _NEAR) : at] if before else self._shown[at + 1 : at + 1 + _NEAR]
        is_bare = self._shown[at].caption is None
        return [
            shown
            for shown in near
            if shown.url is not None and not shown.is_told and (is_bare or shown.caption is None)
        ]

    def _beside(self, at: int) -> _Shown | None:
        """One with no paragraph between: before, with as many left as captions wait, else after."""
        group = self._shown[at].group
        before = [shown for shown in self._free(at, before=True) if shown.group == group]
        waiting = 0
        for shown in self._shown[at : at + _NEAR]:
            if shown.url is not None or shown.group != group:
                break
            waiting += not shown.is_told
        if before:
            return before[-min(waiting, len(before))]
        return next((shown for shown in self._free(at, before=False) if shown.group == group), None)
