"""Lists of persons' names in a line."""

from __future__ import annotations

import re

PARTICLES = frozenset(
    ["al", "bin", "da", "de", "del", "den", "der", "di", "du", "el", "ibn", "la", "le", "van", "von"]
)


class NameLists:
    """Tests for lists of names. `whole_names` are desks and papers, never split."""

    def __init__(self, whole_names: tuple[str, ...]) -> None:
        self._whole_names = {name.casefold() for name in whole_names}

    def is_name_list(self, text: str, *, is_lower: bool) -> bool:
        """True if `text` is nothing but names; `is_lower` allows them in lower case."""
        each = [name for name in re.split(r"\s*(?:[,、&]|\band\b)\s*", text, flags=re.IGNORECASE) if name]
        return bool(each) and all(
            _is_name(name, is_lower=is_lower) or name.casefold() in self._whole_names for name in each
        )

    def is_unsplit_name(self, text: str) -> bool:
        """True for a desk's or the paper's own name, as a page's head prints it."""
        return text.casefold() in self._whole_names


def _is_name(name: str, *, is_lower: bool) -> bool:
    words = name.split()
    if not 1 <= len(words) <= 6 or len(name) > 60:
        return False
    if not name.isascii() and re.fullmatch(r"[\u3400-\u9fff·\s]{2,12}", name):
        return True
    return all(
        re.fullmatch(r"[^\W\d_][\w.'’()-]*", word) and (is_lower or word[0].isupper() or word in PARTICLES)
        for word in words
    )
