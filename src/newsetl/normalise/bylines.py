"""Printed names → credits: split where several stand, whole where one name holds an `and`."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from newsetl.model import Credit, CreditKind, Role
from newsetl.sources.config import Source
from newsetl.text.whitespace import DEGREE, normalise_letters

_COMMA = re.compile(r"\s*[,，、;；]\s*")
_AND = re.compile(r"\s+and\s+|\s*(?<!\b[A-Z])&\s*|\s*&(?![A-Z]\b)\s*", re.IGNORECASE)
_AND_OUTSIDE = re.compile(r"^\s*(?:and\s+|&)|(?:\s+and|&)\s*$", re.IGNORECASE)
_AROUND = " |,;:.。[]【】"
_INITIAL_LAST = re.compile(rf"\b(?:[JS]r|[A-Z])\.[{re.escape(_AROUND)}]*$")
_BEFORE_JUNIOR = re.compile(r"\s*[,，]\s*(?=[JS]r\b)", re.IGNORECASE)
_LAST_DOT = re.compile(r"(?<!\b[A-Z])(?<!\b[JS]r)\.$")
_WORD = re.compile(r"\w+")
# The same names come with every article.
_normalised_key = lru_cache(maxsize=4096)(normalise_letters)
_CHINESE = re.compile(r"[\u3400-\u9fff·]{2,}(?:\s+[\u3400-\u9fff·]{2,})+")


def resolve_agency(printed: str, source: Source) -> str:
    """The source's own name for an agency, else the name as printed. Case, blanks and dots do not count."""
    return _names_by_key(tuple(source.agencies.items())).get(_normalised_key(printed), printed)


@lru_cache(maxsize=64)
def _names_by_key(agencies: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {_normalised_key(form): name for form, name in agencies}


@lru_cache(maxsize=64)
def _keys(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_normalised_key, names))


@lru_cache(maxsize=64)
def _casefold_all(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def split_names(printed: str, source: Source) -> tuple[tuple[str, CreditKind], ...]:
    """The names in `printed`, in order and each once, with their kind.

    Split at `&`, `and`, `、` and `,`. Desks and the paper's own names stay whole, and a name with an
    organisation's word is not split at its `and` or `&`. A degree is no name.
    """
    text = html.unescape(printed).strip(_AROUND)
    # The dot of an initial or of "Jr." is the name's.
    text += "." if _INITIAL_LAST.search(printed) else ""
    text = _BEFORE_JUNIOR.sub(" ", text)
    made: dict[str, CreditKind] = {}
    for part in _split(text, source):
        name = _LAST_DOT.sub("", part.strip(" :;|").lstrip("."))
        if name and not DEGREE.fullmatch(name):
            made.setdefault(resolve_agency(name, source), classify_name(name, source))
    return tuple(made.items())


@lru_cache(maxsize=64)
def _unsplit_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    patterns = (r"\s+".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)({'|'.join(patterns) or '(?!)'})(?!\w)", re.IGNORECASE)


def _split(text: str, source: Source) -> list[str]:
    # Every second piece is a desk or one of the paper's own names.
    pieces = _unsplit_pattern((*source.desks, *source.publication_names)).split(text)
    parts: list[str] = []
    for index, piece in enumerate(pieces):
        if index % 2:
            parts.append(piece)
            continue
        for among_commas in _COMMA.split(piece):
            cleared = _AND_OUTSIDE.sub("", f" {among_commas} ").strip()
            if _has_organisation_word(cleared, source):
                parts.append(cleared)
            else:
                parts += _AND.split(cleared)
    return [name for part in parts for name in (part.split() if _CHINESE.fullmatch(part.strip()) else [part])]


def _has_organisation_word(name: str, source: Source) -> bool:
    return not _casefold_all(source.organisation_words).isdisjoint(
        word.casefold() for word in _WORD.findall(name)
    )


def classify_name(name: str, source: Source) -> CreditKind:
    """What a single name stands for, as far as the source's desks, own names and words tell."""
    same = _normalised_key(name)
    if same in _keys(source.desks):
        return "desk"
    if same in _keys(source.publication_names) or _has_organisation_word(name, source):
        return "organisation"
    return "person"


def build_credits(role: Role, printed: tuple[str, ...], source: Source) -> tuple[Credit, ...]:
    """Credits for all the names in the strings `printed`, numbered from 1 in their order."""
    names: dict[str, CreditKind] = {}
    for text in printed:
        for name, kind in split_names(text, source):
            # A picture is credited to a house by its initials: VCG, XINHUA.
            initials = role == "photographer" and " " not in name and name.isascii()
            names.setdefault(name, "organisation" if initials else kind)
    return tuple(Credit(name, role, place, kind) for place, (name, kind) in enumerate(names.items(), 1))
