"""Editor line of an article."""

from __future__ import annotations

import re

from newsetl.parse.label_patterns import (
    CLOSE_BRACKET,
    COLON,
    OPEN_BRACKET,
    build_alternation,
    compile_pattern,
)
from newsetl.parse.name_lists import PARTICLES
from newsetl.sources.config import ParseConfig
from newsetl.text.whitespace import SENTENCE_END

_MAX_LINE_CHARS = 120
_MAX_CHINESE_NAME_CHARS = 6


class EditorLinePatterns:
    """Editor-line patterns of one source."""

    def __init__(self, config: ParseConfig) -> None:
        with_colon, as_words = map(build_alternation, (config.editor_labels, config.edited_by_labels))
        labels = rf"(?:{with_colon}{COLON}|{as_words}(?:{COLON}|\s+))"
        self._editor_pattern = compile_pattern(
            rf"^{OPEN_BRACKET}?\s*{labels}(?P<names>[^\n]*?)\s*{CLOSE_BRACKET}?$"
        )
        self._glued_editor_pattern = compile_pattern(
            rf"(?<=[.!?。！？\"”)）])\s*{OPEN_BRACKET}?\s*{labels}(?P<names>[^.:：。]{{0,40}})$"
        )

    def has_form(self, text: str) -> bool:
        """Return True for a line with an editor label, of any length and with any names."""
        return self._editor_pattern.match(text) is not None

    def match_names(self, text: str) -> str | None:
        """Return the names of an editor line, "" if it has none, or None if `text` is no editor line."""
        match = self._editor_pattern.match(text) if len(text) <= _MAX_LINE_CHARS else None
        return match.group("names") if match and not _is_speech(match.group("names")) else None

    def split_editor(self, text: str) -> tuple[str, str | None]:
        """Split an editor line from the end of a paragraph. Return the paragraph and the editor or None."""
        match = self._glued_editor_pattern.search(text)
        if not match or _is_speech(match.group("names")):
            return text, None
        return text[: match.start()].rstrip(), match.group("names").strip(" ]】)）")

    def is_edited_by(self, text: str) -> bool:
        """Return True for an editor line without a colon, which may be anywhere in the text."""
        return self.match_names(text) is not None and not re.search(r"[:：]", text)


def _is_speech(names: str) -> bool:
    """Return True if the text after "Editor:" is a sentence of an interview, not names."""
    if re.search(r"[.!?;]\s*\S*\s|[!?]$", names):
        return True
    if not SENTENCE_END.search(names):
        return False
    if re.search(r"[\u3400-\u9fff]", names):
        return any(
            len(name) > _MAX_CHINESE_NAME_CHARS for name in re.split(r"[\s,，、]+", names.rstrip("。."))
        )
    words = names.split()
    lowercase = [word for word in words if word[0].islower() and word not in (*PARTICLES, "and")]
    # On a page all in lower case only the length tells a sentence from names.
    return len(words) == 1 or (len(lowercase) >= 2 and (len(lowercase) < len(words) or len(words) > 3))
