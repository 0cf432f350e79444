"""Names in printed authors. Texts that are no name of a person, desk or organisation are dropped."""

from __future__ import annotations

import html
import re
import unicodedata

from newsetl.parse.generic.vocabulary import (
    BYLINE_NOUNS,
    BYLINE_VERBS,
    CAPITAL_AGENCIES,
    END_WORDS,
    INTERFACE_WORDS,
    NAME_WORDS,
    OPENING_WORDS,
    PARTICLES,
    PLACEHOLDER_NAMES,
    PROSE_WORDS,
    RANK_WORDS,
    ROLE_WORDS,
)
from newsetl.text.whitespace import DEGREE, PLACE, collapse_whitespace, normalise_letters

_MAX_NAME_CHARS, _MAX_NAME_WORDS, _MAX_NAMES = 60, 6, 20


# Labels before the names: `Written by`, `Posted on 3 May by`, `Author:`.
_LABEL = re.compile(
    rf"^[\s|•·—–:-]*(?:(?:(?:{BYLINE_VERBS})(?:\s+and\s+\w+)?\s+)?(?:on\s+.{{0,30}}\s)?by\b"
    rf"|(?:{BYLINE_NOUNS})(?=\s*[:|])|(?:about|meet)\s+the\s+author)\s*[:：|]?\s*",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
# Labels without a colon in other languages: `Von Ada Cole`, but not `Von Miller`.
FOREIGN_LABEL = re.compile(
    r"^(?:[Vv]on(?=\s[^\W\d_a-z]\S+\s[^\W\d_a-z])|[Pp]ar|[Pp]or|[Dd]oor|[Aa]utor|[Aa]uteur|[Aa][fv])\s+"
    r"(?=[^\W\d_a-z])"
)
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
# End of the names in a line. A bracket within a name is no end: `Ada (Bea) Cole`.
_NAMES_END = re.compile(
    rf"(?:\s+on\b)?\s*(?:[|•·]|\s[—–-]\s|\b\d|\b{_MONTH}\s+\d|\b(?P<word>{_WEEKDAY}|{END_WORDS})\b|\S*@"
    r"|\((?!\w+\)\s[A-Z])|\[|https?:|www\.)",
    re.IGNORECASE,
)
_NAME_START = re.compile(r".*(?:[,;/&]|\s(?:and|with|und|et)\s)\s*", re.IGNORECASE | re.DOTALL)
_NAME_FOLLOWS = re.compile(
    rf"\s*(?:$|[;/&|•·—–(@]|,(?!\s*(?:\d|{_MONTH}\s))|\s-\s|(?:and|with|und|et|in)\s)", re.IGNORECASE
)
_SURNAME_FOLLOWS = re.compile(rf"\s+(?!(?i:{_MONTH})(?:\W|$))(?P<surname>[^\W\d_a-z][\w.'’-]+)")
_SPLIT = re.compile(
    r"\s*(,\s*(?:and|with|und|et|&)\s|[,;/]|\s&\s|\s(?:and|with|und|et)\s|\s(?:y|e)\s(?=\S+\s\S))\s*",
    re.IGNORECASE,
)
_LAST_AND = re.compile(r"[\s,]+(?:and|with|und|et|&)$", re.IGNORECASE)
# A title before a name, and a role or a degree after it.
_TITLE = re.compile(r"^(?:dr|mr|mrs|ms|prof|professor|sir|rev|fr)\.?\s+(?=\S+\s+\S)", re.IGNORECASE)
_ROLE = re.compile(rf"\b(?:{ROLE_WORDS})s?\b", re.IGNORECASE)
# At most five letters a word: `MD`, `Ph.D`, `RDN, LD`, `FAAD`.
_DEGREE_LETTERS = re.compile(r"[A-Z][A-Za-z]?[A-Z.]{1,4}(?:[\s-][A-Z.]{1,5})*|MA|BA|RN")
_TRAILING_DEGREES = re.compile(r"(?:,?\s+(?:ph\.?d|m\.?d|r\.?n|r\.?d|mba)\.?)+$", re.IGNORECASE)
# The dot of an initial or of `Jr.` belongs to the name.
_LAST_DOT = re.compile(r"\b(?:[A-Z]|[JS]r|[JS]R)\.$")
_BEFORE_JUNIOR = re.compile(r"\s*,\s*(?=(?:[JSjs]r\b\.?|I{2,3}|IV)\s*(?:[,;/&|]|and\s|$))")
_TEAM = re.compile(
    r"\b(?:team|staff|editors|editorial|desk|board|group|agency|university|magazine|news|daily|times|press)\b",
    re.IGNORECASE,
)
_TEAM_SUFFIX = re.compile(r"\s(?:team|staff|desk|editors|editorial board|newsroom)$", re.IGNORECASE)
_INTERFACE_WORD = re.compile(rf"\b(?:{INTERFACE_WORDS})\b", re.IGNORECASE)
_ORDINARY_WORD = re.compile(rf"\b(?:{INTERFACE_WORDS}|{PROSE_WORDS})\b", re.IGNORECASE)
_BARE_ROLE = re.compile(rf"(?:(?:{RANK_WORDS})\s+)*(?:{ROLE_WORDS})s?", re.IGNORECASE)
_TRAILING_ROLE = re.compile(rf"\s(?:(?:{RANK_WORDS})\s)+(?:{ROLE_WORDS})s?$", re.IGNORECASE)
_OPENING_WORD = re.compile(rf"(?:{OPENING_WORDS})", re.IGNORECASE)
_NAME_WORD = re.compile(rf"(?:{NAME_WORDS})", re.IGNORECASE)
# Given names that are words of prose too.
_GIVEN_NAMES = frozenset({"will", "can"})
_PLACEHOLDER_KEYS = frozenset(map(normalise_letters, PLACEHOLDER_NAMES))


def clean_stated_names(values: tuple[str, ...] | list[str]) -> list[str]:
    """Return at most 20 names from the values of an author field.

    Only URLs, placeholder names and texts of the interface are dropped.
    """
    names: dict[str, str] = {}
    for value in values:
        # Some pages escape names twice.
        text = collapse_whitespace(html.unescape(value))
        if " " not in text and _is_url(text):
            continue
        for part in _split_names(_cut_at_end(_LABEL.sub("", text))):
            name = _clean_name(part)
            is_short = 0 < len(name) <= _MAX_NAME_CHARS and len(name.split()) <= _MAX_NAME_WORDS
            if is_short and not (_is_placeholder(name) or _is_interface_text(name, _INTERFACE_WORD)):
                names.setdefault(normalise_letters(name), name)
    return list(names.values())[:_MAX_NAMES]


def extract_names(line: str, *, is_labelled: bool = False, is_marked: bool = False) -> list[str]:
    """Return at most 20 names from a visible line, up to the first text in lower case.

    Capitalised texts that are no name are skipped. `is_labelled` means that markup or a label marks the line
    as a byline. `is_marked` means that markup does; then the names may be in lower case.
    """
    text = collapse_whitespace(html.unescape(line))
    label = _LABEL.match(text)
    if label and label.end():
        text, is_labelled = text[label.end() :], True
    elif is_marked:
        text = FOREIGN_LABEL.sub("", text)
    text = PLACE.sub("", _cut_at_end(text))
    if not text or len(text) > 4 * _MAX_NAME_CHARS or _is_url(text):
        return []
    names: dict[str, str] = {}
    is_after_gap = False
    for part in _split_names(text):
        name = _clean_name(part)
        if not name:
            continue
        if looks_like_name(name, is_labelled=is_labelled) or (is_marked and _is_lower_name(name)):
            if not is_after_gap or " " in name:
                names.setdefault(normalise_letters(name), name)
        elif _is_capitalised(name):
            is_after_gap = True
        else:
            break
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
    """Return True for two to six capitalised words or particles, or one word if it is labelled.

    A labelled name may contain an ordinary word: Will Cole, Ada Page.
    """
    words = name.split()
    if not 1 <= len(words) <= _MAX_NAME_WORDS or len(name) > _MAX_NAME_CHARS or _is_placeholder(name):
        return False
    if _is_interface_text(name, _ORDINARY_WORD) if is_labelled else _ORDINARY_WORD.search(name):
        return False
    if _ROLE.search(name) and not _TEAM.search(name):
        return False
    is_agency = name.isupper() and name.casefold() in CAPITAL_AGENCIES
    if len(words) == 1 and not (is_labelled and (len(name) > 2 or is_agency)):
        return False
    if not words[0][:1].isalpha() or re.search(r"[?!:<>{}=*#%$\"“”]|\.{2}", name):
        return False
    return all(
        _is_capitalised(word) or word.casefold() in PARTICLES or not word[:1].isalpha() for word in words
    )


def _is_interface_text(name: str, ordinary_word: re.Pattern[str]) -> bool:
    """Return True for a text with ordinary words that is no name.

    A name has one ordinary word at most, capitalised, beside one or two other words, and begins with none of
    OPENING_WORDS.
    """
    words = name.split()
    ordinary = [
        word
        for index, word in enumerate(words)
        if ordinary_word.fullmatch(word.strip(".,")) and (index or word.casefold() not in _GIVEN_NAMES)
    ]
    if not ordinary or is_team(name):
        return False
    others = [
        word for word in words if word not in ordinary and word.casefold() not in PARTICLES and len(word) > 1
    ]
    return (
        not others
        or len(ordinary) > 1
        or len(words) > 3
        or not ordinary[0][0].isupper()
        or _NAME_WORD.fullmatch(ordinary[0].rstrip(".")) is None
        or _OPENING_WORD.fullmatch(words[0]) is not None
    )


def _is_lower_name(name: str) -> bool:
    """Return True for two or three words in lower case that may be a name."""
    words = name.split()
    return (
        2 <= len(words) <= 3
        and name.islower()
        and all(re.fullmatch(r"[^\W\d_]{2,}[\w'’.-]*|(?:[^\W\d_]\.)+", word) for word in words)
        and not (_ORDINARY_WORD.search(name) or _ROLE.search(name) or _TEAM.search(name))
        and not (PARTICLES.issuperset(words) or _is_placeholder(name))
    )


def _is_capitalised(word: str) -> bool:
    first = next((char for char in word if char.isalpha()), " ")
    is_small_prefix = re.match(r"(?:d['’]|al-|o['’]|l['’])\w", word, re.IGNORECASE)
    return first.isupper() or unicodedata.category(first) == "Lo" or is_small_prefix is not None


def _cut_at_end(text: str) -> str:
    start = 0
    while match := _NAMES_END.search(text, start):
        # An organisation's name may begin with a number: 3i Global.
        if match.start() == 0 and re.match(r"\d+\w*\s[A-Z]", text):
            start = 2
        elif match["word"] and _is_in_name(text, match):
            start = match.end()
        else:
            text = text[: match.start()]
            break
    text = _LAST_AND.sub("", text).strip(" ,;:|-–—•·")
    return text if _LAST_DOT.search(text) else text.rstrip(".")


def _is_in_name(text: str, match: re.Match[str]) -> bool:
    """Return True if the word that may end a line of names is part of a name: Ada Last, Sunday Cole."""
    word, preceding = match["word"], text[: match.start("word")]
    if " " in word or not word[0].isupper() or word.casefold().endswith("ed"):
        return False
    if start := _NAME_START.match(preceding):
        preceding = preceding[start.end() :]
    names = preceding.split()
    if not names:
        surname = _SURNAME_FOLLOWS.match(text, match.end())
        return surname is not None and not (
            _OPENING_WORD.fullmatch(word) or _ORDINARY_WORD.fullmatch(surname["surname"])
        )
    is_given_name = len(names) == 1 and names[0][0].isupper() and not _OPENING_WORD.fullmatch(names[0])
    return is_given_name and _NAME_FOLLOWS.match(text, match.end()) is not None


def _split_names(text: str) -> list[str]:
    """Split a line of names. Roles and degrees after a comma, and single words after these, are dropped."""
    names: list[str] = []
    is_after_role = False
    separators_and_parts = ["", *_SPLIT.split(_BEFORE_JUNIOR.sub(" ", text))]
    for separator, part in zip(separators_and_parts[::2], separators_and_parts[1::2], strict=True):
        name = _drop_role(part.strip(" ,;:|-–—"))
        if not name or DEGREE.fullmatch(name):
            continue
        is_degree = (
            names
            and separator == ","
            and _DEGREE_LETTERS.fullmatch(name)
            and name.casefold() not in CAPITAL_AGENCIES
            and not (" " in name and names[0].isupper())
        )
        is_role = _ROLE.search(name) and (names or len(name.split()) > 3) and not _TEAM.search(name)
        is_after_role = bool(is_role) or (is_after_role and " " not in name)
        if not is_degree and not is_after_role:
            names.append(name)
    return names


def _drop_role(name: str) -> str:
    """Drop a role with its rank from the end: Ada Cole Staff Writer."""
    without_role = _TRAILING_ROLE.sub("", name)
    return without_role if " " in without_role else name


def _clean_name(part: str) -> str:
    name = _TITLE.sub("", _LABEL.sub("", part))
    if len(name.split()) > 2:
        name = _TRAILING_DEGREES.sub("", name)
    name = name.strip(" ,;:|-–—•·\"“”'")
    return name if _LAST_DOT.search(name) else name.rstrip(".")


def _is_placeholder(name: str) -> bool:
    key = normalise_letters(name)
    return not key or key in _PLACEHOLDER_KEYS or key.isdigit() or _BARE_ROLE.fullmatch(name) is not None


def _is_url(text: str) -> bool:
    return bool(re.search(r"https?:|www\.|//|@|^/|\.(?:html?|php|aspx?)\b", text, re.IGNORECASE))
