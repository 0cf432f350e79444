"""Splitting of printed bylines into credits."""

from __future__ import annotations

import html
import re
from functools import lru_cache

from newsetl.model import Credit, CreditKind, Role
from newsetl.sources.config import Source
from newsetl.text.whitespace import DEGREE, PLACE, normalise_letters

_COMMA = re.compile(r"\s*[,，、;；]\s*")
_AND = re.compile(r"\s+and\s+|\s*(?<!\b[A-Z])&\s*|\s*&(?![A-Z]\b)\s*", re.IGNORECASE)
_AND_OUTSIDE = re.compile(r"^\s*(?:and\s+|&)|(?:\s+and|&)\s*$", re.IGNORECASE)
_AROUND = " |,;:.。[]【】"
_INITIAL_LAST = re.compile(rf"\b(?:[JS]r|[A-Z])\.[{re.escape(_AROUND)}]*$")
_BEFORE_JUNIOR = re.compile(r"\s*[,，]\s*(?=[JS]r\b)", re.IGNORECASE)
_LAST_DOT = re.compile(r"(?<!\b[A-Z])(?<!\b[JS]r)\.$")
_FULL_NAME = re.compile(r"(?:^|[,;&]|\band)\s*[^\W\d_][\w.'’-]*(?:\s+[^\W\d_][\w.'’-]*){1,3}$", re.IGNORECASE)
_WORD = re.compile(r"\w+")
_IN_CHARACTERS = re.compile(r"[\u3400-\u9fff·•\s]+")
_CHINESE = re.compile(r"[\u3400-\u9fff·]{2,}(?:\s+[\u3400-\u9fff·]{2,})+")


def resolve_agency(printed: str, source: Source) -> str:
    """Return the name that the source declares for an agency, or else the name as printed.

    Case, whitespace and punctuation are ignored. A Chinese name is in simplified characters: 科技日報 is
    科技日报.
    """
    return _resolve_declared(printed, source) or _simplify(printed)


def _resolve_declared(printed: str, source: Source) -> str | None:
    return _names_by_key(tuple(source.agencies.items())).get(_normalised_key(printed))


# The same names recur in many articles.
@lru_cache(maxsize=4096)
def _normalised_key(name: str) -> str:
    return normalise_letters(_simplify(name))


def _simplify(name: str) -> str:
    """Return a name in Chinese characters in simplified ones, and any other name unchanged."""
    if name.isascii() or not _IN_CHARACTERS.fullmatch(name):
        return name
    # Imported late: the tables of characters take a while to load.
    from newsetl.normalise.chinese_names import to_simplified  # noqa: PLC0415

    simplified = to_simplified(name)
    return simplified if normalise_letters(simplified) != normalise_letters(name) else name


@lru_cache(maxsize=64)
def _names_by_key(agencies: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {_normalised_key(form): name for form, name in agencies}


@lru_cache(maxsize=64)
def _normalised_keys(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_normalised_key, names))


@lru_cache(maxsize=64)
def _casefold_all(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word.casefold() for word in words)


def split_names(printed: str, source: Source) -> tuple[tuple[str, CreditKind], ...]:
    """Split `printed` into distinct names with their kinds, in printed order.

    Names are separated by `&`, `and`, commas and semicolons, in their Chinese forms as well. Desks and
    publication names are never split. A name with an organisation word is not split at `and` or `&`.
    Academic degrees and places after a name are dropped.
    """
    text = html.unescape(printed).strip(_AROUND)
    # The dot of an initial or of "Jr." belongs to the name.
    text += "." if _INITIAL_LAST.search(printed) else ""
    text = _BEFORE_JUNIOR.sub(" ", text)
    names: dict[str, CreditKind] = {}
    for part in _split(text, source):
        name = _LAST_DOT.sub("", part.strip(" :;|").lstrip("."))
        if name and not DEGREE.fullmatch(name):
            names.setdefault(_resolve_declared(name, source) or name, classify_name(name, source))
    return tuple(names.items())


@lru_cache(maxsize=64)
def _unsplit_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    patterns = (r"\s+".join(map(re.escape, name.split())) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<!\w)({'|'.join(patterns) or '(?!)'})(?!\w)", re.IGNORECASE)


def _split(text: str, source: Source) -> list[str]:
    # Every second segment is a desk or a publication name.
    segments = _unsplit_pattern((*source.desks, *source.publication_names)).split(text)
    parts: list[str] = []
    for index, segment in enumerate(segments):
        if index % 2:
            parts.append(segment)
            continue
        for item in _COMMA.split(_drop_places(segment)):
            stripped = _AND_OUTSIDE.sub("", f" {item} ").strip()
            if _has_organisation_word(stripped, source):
                parts.append(stripped)
            else:
                parts += _AND.split(stripped)
    return [name for part in parts for name in (part.split() if _CHINESE.fullmatch(part.strip()) else [part])]


def _drop_places(text: str) -> str:
    """Drop the places after full names: `LI Ming in Beijing`."""
    return PLACE.sub(lambda match: "" if _FULL_NAME.search(text[: match.start()]) else match.group(), text)


def _has_organisation_word(name: str, source: Source) -> bool:
    return not _casefold_all(source.organisation_words).isdisjoint(
        word.casefold() for word in _WORD.findall(name)
    )


def classify_name(name: str, source: Source) -> CreditKind:
    """Return the kind of a single name by the desks, publication names and words of the source."""
    key = _normalised_key(name)
    if key in _normalised_keys(source.desks):
        return "desk"
    if key in _normalised_keys(source.publication_names) or _has_organisation_word(name, source):
        return "organisation"
    return "person"


def build_credits(role: Role, printed: tuple[str, ...], source: Source) -> tuple[Credit, ...]:
    """Build the credits for the names in the strings `printed`, numbered from 1 in printed order."""
    names: dict[str, CreditKind] = {}
    for text in printed:
        for name, kind in split_names(text, source):
            # A single word in a photo credit is an agency, such as VCG or XINHUA.
            is_agency = role == "photographer" and " " not in name and name.isascii()
            names.setdefault(name, "organisation" if is_agency else kind)
    return tuple(Credit(name, role, position, kind) for position, (name, kind) in enumerate(names.items(), 1))
