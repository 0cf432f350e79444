"""Lists of persons' names in a line."""

from __future__ import annotations

import re

PARTICLES = frozenset(
    ["al", "bin", "da", "de", "del", "den", "der", "di", "du", "el", "ibn", "la", "le", "van", "von"]
)


class NameLists:
    """Tests for lists of names. `unsplit_names` are desks and publications, whose names are never split."""

    def __init__(self, unsplit_names: tuple[str, ...]) -> None:
        self._unsplit_names = {name.casefold() for name in unsplit_names}

    def is_name_list(self, text: str, *, is_lower: bool) -> bool:
        """Return True if `text` is a list of names only. With `is_lower` they may be in lower case."""
        names = [name for name in re.split(r"\s*(?:[,、&]|\band\b)\s*", text, flags=re.IGNORECASE) if name]
        return bool(names) and all(
            _is_name(name, is_lower=is_lower) or name.casefold() in self._unsplit_names for name in names
        )

    def is_unsplit_name(self, text: str) -> bool:
        """Return True for the name of a desk or a publication."""
        return text.casefold() in self._unsplit_names


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
