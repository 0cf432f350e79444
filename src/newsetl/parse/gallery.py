"""Pictures and captions, each caption to the picture that it stands beside."""

from __future__ import annotations

from dataclasses import dataclass

from newsetl.model import Image
from newsetl.wording import letters

# Beyond that it is no article's gallery, and nothing is paired.
_MOST = 300


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

    def picture(self, url: str, caption: str | None, credit: str | None, group: int) -> None:
        self._shown.append(_Shown(url, caption or None, credit, group))

    def caption(self, caption: str | None, credit: str | None, group: int) -> None:
        self._shown.append(_Shown(None, caption, credit, group))

    def is_caption(self, text: str) -> bool:
        return any(
            letters(shown.caption) and letters(shown.caption) == letters(text) for shown in self._shown
        )

    def images(self) -> tuple[Image, ...]:
        captions = [shown for shown in self._shown if shown.url is None]
        if len(self._shown) > _MOST:
            captions = []
        for caption in captions:
            self._give(caption, self._same(caption))
        for caption in captions:
            self._give(caption, self._beside(caption))
        for caption in captions:
            self._give(caption, next(iter(reversed(self._free(caption, before=True))), None))
        return tuple(
            Image(shown.url, shown.caption, shown.credit)
            for shown in self._shown
            if shown.url is not None or not shown.is_told
        )

    @staticmethod
    def _give(caption: _Shown, picture: _Shown | None) -> None:
        if picture is not None and not caption.is_told:
            picture.caption = picture.caption or caption.caption
            picture.credit = caption.credit or picture.credit
            caption.is_told = picture.is_told = True

    def _free(self, caption: _Shown, *, before: bool) -> list[_Shown]:
        """Pictures that wait for this caption, before or after it. A bare mark goes to any picture."""
        at = self._shown.index(caption)
        return [
            shown
            for shown in (self._shown[:at] if before else self._shown[at + 1 :])
            if shown.url is not None
            and not shown.is_told
            and (caption.caption is None or shown.caption is None)
        ]

    def _same(self, caption: _Shown) -> _Shown | None:
        """The picture whose attribute has the same caption."""
        wanted = letters(caption.caption)
        waiting = (shown for shown in self._shown if shown.url is not None and not shown.is_told)
        return next((shown for shown in waiting if wanted and letters(shown.caption) == wanted), None)

    def _beside(self, caption: _Shown) -> _Shown | None:
        """One with no paragraph between: before, with as many left as captions wait, else after."""
        before = [shown for shown in self._free(caption, before=True) if shown.group == caption.group]
        at = self._shown.index(caption)
        waiting = 0
        for shown in self._shown[at:]:
            if shown.url is not None or shown.group != caption.group:
                break
            waiting += not shown.is_told
        if before:
            return before[-min(waiting, len(before))]
        return next((s for s in self._free(caption, before=False) if s.group == caption.group), None)
