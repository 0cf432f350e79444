"""Printed authors → names: better few than bad. What is no name of a person, desk or house is dropped."""

from __future__ import annotations

import re
import unicodedata

from newsetl.parse.generic.vocabulary import (
    CLOSING,
    NOBODY,
    NOUNS,
    PARTICLES,
    PROSE,
    RANKS,
    ROLES,
    TOOLS,
    VERBS,
)
from newsetl.text.whitespace import DEGREE, collapse_whitespace, normalise_letters

_LONGEST, _MOST_WORDS, _MOST_NAMES = 60, 6, 20


# What stands before the names, alone or one behind the other: `Written by`, `Posted on 3 May by`, `Author:`.
_LABEL = re.compile(
    rf"^[\s|•·—–:-]*(?:(?:(?:{VERBS})(?:\s+and\s+\w+)?\s+)?(?:on\s+.{{0,30}}\s)?by\b"
    rf"|(?:{NOUNS})(?=\s*[:|])|(?:about|meet)\s+the\s+author)\s*[:：|]?\s*",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
# What ends the names in a line.
_END = re.compile(
    rf"\s*(?:[|•·]|\s[—–-]\s|\b\d|\b{_MONTH}\s+\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    rf"|\b(?:{CLOSING})\b|@|\(|\[|https?:|www\.).*",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:[,;/]|\s&\s|\s(?:and|with|und|et)\s)\s*", re.IGNORECASE)
# A title before a name, and a role or a degree behind it.
_TITLE = re.compile(r"^(?:dr|mr|mrs|ms|prof|professor|sir|rev|fr)\.?\s+(?=\S+\s+\S)", re.IGNORECASE)
_ROLE = re.compile(rf"\b(?:{ROLES})s?\b", re.IGNORECASE)
_LETTERS = re.compile(r"[A-Z][A-Za-z]?[A-Z.]+(?:\s[A-Z.]+)*|[JS]r\.?|I{2,3}|MA|BA|RN")
_DEGREES_BEHIND = re.compile(r"(?:,?\s+(?:ph\.?d|m\.?d|r\.?n|r\.?d|mba|jr)\.?)+$", re.IGNORECASE)
_TEAM = re.compile(
    r"\b(?:team|staff|editors|editorial|desk|board|group|agency|university|magazine|news|daily|times|press)\b",
    re.IGNORECASE,
)
_OF_MANY = re.compile(r"\s(?:team|staff|desk|editors|editorial board|newsroom)$", re.IGNORECASE)
_TOOL = re.compile(rf"\b(?:{TOOLS})\b", re.IGNORECASE)
_PROSE = re.compile(rf"\b(?:{PROSE})\b", re.IGNORECASE)
_ROLE_ALONE = re.compile(rf"(?:(?:{RANKS})\s+)*(?:{ROLES})s?", re.IGNORECASE)
_NOBODY = frozenset(map(normalise_letters, NOBODY))


def clean_stated_names(values: tuple[str, ...] | list[str]) -> list[str]:
    """The names in values that a page states as its authors' in a field for them.

    Only what cannot be a name is dropped: addresses, nobody in particular, the page's tools.
    """
    names: dict[str, str] = {}
    for value in values:
        text = collapse_whitespace(value)
        if " " not in text and _is_url(text):
            continue
        for part in _split_names(_cut_at_end(_LABEL.sub("", text))):
            name = _clean_name(part)
            is_short = 0 < len(name) <= _LONGEST and len(name.split()) <= _MOST_WORDS
            if is_short and not (_is_nobody(name) or _TOOL.search(name)):
                names.setdefault(normalise_letters(name), name)
    return list(names.values())[:_MOST_NAMES]


def extract_names(line: str, *, is_labelled: bool = False) -> list[str]:
    """The names in a line that a reader sees: each must look like one, or the line is none.

    `is_labelled` if markup or a word says that the line is the authors'.
    """
    text = collapse_whitespace(line)
    label = _LABEL.match(text)
    if label and label.end():
        text, is_labelled = text[label.end() :], True
    text = _cut_at_end(text)
    if not text or len(text) > 4 * _LONGEST or _is_url(text):
        return []
    names: dict[str, str] = {}
    for part in _split_names(text):
        name = _clean_name(part)
        if not name:
            continue
        if not looks_like_name(name, is_labelled=is_labelled):
            break
        names.setdefault(normalise_letters(name), name)
    return list(names.values())[:_MOST_NAMES]


def is_login(name: str) -> bool:
    """True for a name that is one at a keyboard: jsmith, web-team2."""
    if " " in name or not name.isascii():
        return False
    return name.islower() or (not name[0].isupper() and re.search(r"[\d_-]", name[1:-1]) is not None)


def is_team(name: str) -> bool:
    """True for one that ends as no person's name does: The Quay Team, Editorial Staff."""
    return _OF_MANY.search(name) is not None


def looks_like_name(name: str, *, is_labelled: bool) -> bool:
    """True for two to five words in capitals or particles; for one where it is labelled as an author's."""
    words = name.split()
    if not 1 <= len(words) <= _MOST_WORDS or len(name) > _LONGEST or _is_nobody(name):
        return False
    if _TOOL.search(name) or _PROSE.search(name):
        return False
    if _ROLE.search(name) and not _TEAM.search(name):
        return False
    if len(words) == 1 and (not is_labelled or len(name) < 3):
        return False
    if not words[0][:1].isalpha() or re.search(r"[?!:<>{}=*#%$\"“”]|\.{2}", name):
        return False
    return all(_is_capital(word) or word.casefold() in PARTICLES or not word[:1].isalpha() for word in words)


def _is_capital(word: str) -> bool:
    first = next((char for char in word if char.isalpha()), " ")
    is_small_prefix = re.match(r"(?:d'|al-|o'|l')\w", word, re.IGNORECASE)
    return first.isupper() or unicodedata.category(first) == "Lo" or is_small_prefix is not None


def _cut_at_end(text: str) -> str:
    found = _END.search(text)
    # A house's name may begin with a number: 3i Global.
    if found and found.start() == 0 and re.match(r"\d+\w*\s[A-Z]", text):
        found = _END.search(text, 2)
    return (text[: found.start()] if found else text).strip(" ,;:|-–—.•·")


def _split_names(text: str) -> list[str]:
    """The pieces of a line of names; what follows a comma and is a role or a degree is none."""
    parts: list[str] = []
    for part in _SPLIT.split(text):
        piece = part.strip(" ,;:|-–—")
        if not piece or DEGREE.fullmatch(piece):
            continue
        # Letters behind a name are a degree; an agency's stand alone.
        is_degree = parts and _LETTERS.fullmatch(piece)
        is_role = _ROLE.search(piece) and (parts or len(piece.split()) > 3) and not _TEAM.search(piece)
        if not is_degree and not is_role:
            parts.append(piece)
    return parts


def _clean_name(part: str) -> str:
    name = _TITLE.sub("", _LABEL.sub("", part))
    if len(name.split()) > 2:
        name = _DEGREES_BEHIND.sub("", name)
    name = name.strip(" ,;:|-–—•·\"“”'")
    return name if re.search(r"\b(?:[A-Z]|[JS]r)\.$", name) else name.rstrip(".")


def _is_nobody(name: str) -> bool:
    key = normalise_letters(name)
    return not key or key in _NOBODY or key.isdigit() or _ROLE_ALONE.fullmatch(name) is not None


def _is_url(text: str) -> bool:
    return bool(re.search(r"https?:|www\.|//|@|^/|\.(?:html?|php|aspx?)\b", text, re.IGNORECASE))
