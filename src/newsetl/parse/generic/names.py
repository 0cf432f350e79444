"""Names in printed authors. Texts that are no name of a person, desk or organisation are dropped."""

from __future__ import annotations

import re
import unicodedata

from newsetl.parse.generic.vocabulary import (
    BYLINE_NOUNS,
    BYLINE_VERBS,
    END_WORDS,
    INTERFACE_WORDS,
    PARTICLES,
    PLACEHOLDER_NAMES,
    PROSE_WORDS,
    RANK_WORDS,
    ROLE_WORDS,
)
from newsetl.text.whitespace import DEGREE, collapse_whitespace, normalise_letters

_MAX_NAME_CHARS, _MAX_NAME_WORDS, _MAX_NAMES = 60, 6, 20


# Labels before the names: `Written by`, `Posted on 3 May by`, `Author:`.
_LABEL = re.compile(
    rf"^[\s|•·—–:-]*(?:(?:(?:{BYLINE_VERBS})(?:\s+and\s+\w+)?\s+)?(?:on\s+.{{0,30}}\s)?by\b"
    rf"|(?:{BYLINE_NOUNS})(?=\s*[:|])|(?:about|meet)\s+the\s+author)\s*[:：|]?\s*",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
# End of the names in a line.
_NAMES_END = re.compile(
    rf"\s*(?:[|•·]|\s[—–-]\s|\b\d|\b{_MONTH}\s+\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    rf"|\b(?:{END_WORDS})\b|@|\(|\[|https?:|www\.).*",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:[,;/]|\s&\s|\s(?:and|with|und|et)\s)\s*", re.IGNORECASE)
# A title before a name, and a role or a degree after it.
_TITLE = re.compile(r"^(?:dr|mr|mrs|ms|prof|professor|sir|rev|fr)\.?\s+(?=\S+\s+\S)", re.IGNORECASE)
_ROLE = re.compile(rf"\b(?:{ROLE_WORDS})s?\b", re.IGNORECASE)
_DEGREE_LETTERS = re.compile(r"[A-Z][A-Za-z]?[A-Z.]+(?:\s[A-Z.]+)*|[JS]r\.?|I{2,3}|MA|BA|RN")
_TRAILING_DEGREES = re.compile(r"(?:,?\s+(?:ph\.?d|m\.?d|r\.?n|r\.?d|mba|jr)\.?)+$", re.IGNORECASE)
_TEAM = re.compile(
    r"\b(?:team|staff|editors|editorial|desk|board|group|agency|university|magazine|news|daily|times|press)\b",
    re.IGNORECASE,
)
_TEAM_SUFFIX = re.compile(r"\s(?:team|staff|desk|editors|editorial board|newsroom)$", re.IGNORECASE)
_INTERFACE_WORD = re.compile(rf"\b(?:{INTERFACE_WORDS})\b", re.IGNORECASE)
_PROSE_WORD = re.compile(rf"\b(?:{PROSE_WORDS})\b", re.IGNORECASE)
_BARE_ROLE = re.compile(rf"(?:(?:{RANK_WORDS})\s+)*(?:{ROLE_WORDS})s?", re.IGNORECASE)
_PLACEHOLDER_KEYS = frozenset(map(normalise_letters, PLACEHOLDER_NAMES))


def clean_stated_names(values: tuple[str, ...] | list[str]) -> list[str]:
    """Return at most 20 names from the values of an author field.

    Only URLs, placeholder names and interface words are dropped.
    """
    names: dict[str, str] = {}
    for value in values:
        text = collapse_whitespace(value)
        if " " not in text and _is_url(text):
            continue
        for part in _split_names(_cut_at_end(_LABEL.sub("", text))):
            name = _clean_name(part)
            is_short = 0 < len(name) <= _MAX_NAME_CHARS and len(name.split()) <= _MAX_NAME_WORDS
            if is_short and not (_is_placeholder(name) or _INTERFACE_WORD.search(name)):
                names.setdefault(normalise_letters(name), name)
    return list(names.values())[:_MAX_NAMES]


def extract_names(line: str, *, is_labelled: bool = False) -> list[str]:
    """Return at most 20 names from a visible line, up to the first text that is no name.

    `is_labelled` means that markup or a label marks the line as a byline.
    """
    text = collapse_whitespace(line)
    label = _LABEL.match(text)
    if label and label.end():
        text, is_labelled = text[label.end() :], True
    text = _cut_at_end(text)
    if not text or len(text) > 4 * _MAX_NAME_CHARS or _is_url(text):
        return []
    names: dict[str, str] = {}
    for part in _split_names(text):
        name = _clean_name(part)
        if not name:
            continue
        if not looks_like_name(name, is_labelled=is_labelled):
            break
        names.setdefault(normalise_letters(name), name)
    return list(names.values())[:_MAX_NAMES]


def is_login(name: str) -> bool:
    """Return True for a login name: jsmith, web-team2."""
    if " " in name or not name.isascii():
        return False
    return name.islower() or (not name[0].isupper() and re.search(r"[\d_-]", name[1:-1]) is not None)


def is_team(name: str) -> bool:
    """Return True for a name that ends as a team's does: The Quay Team, Editorial Staff."""
    return _TEAM_SUFFIX.search(name) is not None


def looks_like_name(name: str, *, is_labelled: bool) -> bool:
    """Return True for two to six capitalised words or particles, or one word if it is labelled."""
    words = name.split()
    if not 1 <= len(words) <= _MAX_NAME_WORDS or len(name) > _MAX_NAME_CHARS or _is_placeholder(name):
        return False
    if _INTERFACE_WORD.search(name) or _PROSE_WORD.search(name):
        return False
    if _ROLE.search(name) and not _TEAM.search(name):
        return False
    if len(words) == 1 and (not is_labelled or len(name) < 3):
        return False
    if not words[0][:1].isalpha() or re.search(r"[?!:<>{}=*#%$\"“”]|\.{2}", name):
        return False
    return all(
        _is_capitalised(word) or word.casefold() in PARTICLES or not word[:1].isalpha() for word in words
    )


def _is_capitalised(word: str) -> bool:
    first = next((char for char in word if char.isalpha()), " ")
    is_small_prefix = re.match(r"(?:d'|al-|o'|l')\w", word, re.IGNORECASE)
    return first.isupper() or unicodedata.category(first) == "Lo" or is_small_prefix is not None


def _cut_at_end(text: str) -> str:
    match = _NAMES_END.search(text)
    # An organisation's name may begin with a number: 3i Global.
    if match and match.start() == 0 and re.match(r"\d+\w*\s[A-Z]", text):
        match = _NAMES_END.search(text, 2)
    return (text[: match.start()] if match else text).strip(" ,;:|-–—.•·")


def _split_names(text: str) -> list[str]:
    """Split a line of names. Roles and degrees after a comma are dropped."""
    names: list[str] = []
    for part in _SPLIT.split(text):
        name = part.strip(" ,;:|-–—")
        if not name or DEGREE.fullmatch(name):
            continue
        # Capital letters after a name are a degree; alone they are an agency.
        is_degree = names and _DEGREE_LETTERS.fullmatch(name)
        is_role = _ROLE.search(name) and (names or len(name.split()) > 3) and not _TEAM.search(name)
        if not is_degree and not is_role:
            names.append(name)
    return names


def _clean_name(part: str) -> str:
    name = _TITLE.sub("", _LABEL.sub("", part))
    if len(name.split()) > 2:
        name = _TRAILING_DEGREES.sub("", name)
    name = name.strip(" ,;:|-–—•·\"“”'")
    return name if re.search(r"\b(?:[A-Z]|[JS]r)\.$", name) else name.rstrip(".")


def _is_placeholder(name: str) -> bool:
    key = normalise_letters(name)
    return not key or key in _PLACEHOLDER_KEYS or key.isdigit() or _BARE_ROLE.fullmatch(name) is not None


def _is_url(text: str) -> bool:
    return bool(re.search(r"https?:|www\.|//|@|^/|\.(?:html?|php|aspx?)\b", text, re.IGNORECASE))
