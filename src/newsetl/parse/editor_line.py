"""The editor line of an article."""

from __future__ import annotations

import re

from newsetl.parse.label_patterns import CLOSE_BRACKET, COLON, OPEN_BRACKET, any_of, compiled
from newsetl.parse.name_lists import PARTICLES
from newsetl.sources.config import ParseConfig
from newsetl.text.whitespace import SENTENCE_END

_LONGEST_LINE = 120
_LONGEST_CHINESE = 6


class EditorLinePatterns:
    """The patterns of a source's editor lines."""

    def __init__(self, read: ParseConfig) -> None:
        editors = rf"(?:{any_of(read.editor_labels)}{COLON}|{any_of(read.edited_by_labels)}(?:{COLON}|\s+))"
        self._editor = compiled(rf"^{OPEN_BRACKET}?\s*{editors}(?P<names>[^\n]*?)\s*{CLOSE_BRACKET}?$")
        self._editor_glued = compiled(
            rf"(?<=[.!?。！？\"”)）])\s*{OPEN_BRACKET}?\s*{editors}(?P<names>[^.:：。]{{0,40}})$"
        )

    def fits(self, text: str) -> bool:
        """True for a line of the form of an editor line, whatever its length and names."""
        return self._editor.match(text) is not None

    def names(self, text: str) -> str | None:
        """The names of an editor line ("" if it has none); None if `text` is no such line."""
        found = self._editor.match(text) if len(text) <= _LONGEST_LINE else None
        return found.group("names") if found and not _is_speech(found.group("names")) else None

    def split_end(self, text: str) -> tuple[str, str | None]:
        """A paragraph without the editor that is glued to its end, and that editor."""
        found = self._editor_glued.search(text)
        if not found or _is_speech(found.group("names")):
            return text, None
        return text[: found.start()].rstrip(), found.group("names").strip(" ]】)）")

    def is_edited_by(self, text: str) -> bool:
        """True for an editor line without a colon, which may stand anywhere in the text."""
        return self.names(text) is not None and not re.search(r"[:：]", text)


def _is_speech(names: str) -> bool:
    """True if what follows "Editor:" is what an editor says: a sentence is no name."""
    if re.search(r"[.!?;]\s*\S*\s|[!?]$", names):
        return True
    if not SENTENCE_END.search(names):
        return False
    if re.search(r"[\u3400-\u9fff]", names):
        return any(len(name) > _LONGEST_CHINESE for name in re.split(r"[\s,，、]+", names.rstrip("。.")))
    words = names.split()
    small = [word for word in words if word[0].islower() and word not in (*PARTICLES, "and")]
    # In a page without capitals a sentence is known by its length alone.
    return len(words) == 1 or (len(small) >= 2 and (len(small) < len(words) or len(words) > 3))
