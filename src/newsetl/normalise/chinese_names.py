"""Conversion between Chinese names in characters and in pinyin."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import product

import opencc
from pypinyin import lazy_pinyin

from newsetl.normalise.surnames import COMPOUND_SURNAMES, FINALS, GIVEN_READINGS, SURNAME_READINGS, SURNAMES

_SYLLABLE = "|".join(f"{initial}(?:{finals.replace(' ', '|')})" for initial, finals in FINALS.items())
_ONE_WORD = re.compile(rf"(?:{_SYLLABLE}){{1,3}}")
_SURNAME_WORD = re.compile(rf"(?:{_SYLLABLE}){{1,2}}")

_CHARACTERS = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff〇·•\s]+")
# OpenCC takes these for traditional characters, but names in simplified print have them as well.
_ALSO_SIMPLIFIED = frozenset("昇")


@dataclass(frozen=True, slots=True, order=True)
class PinyinName:
    """Surname and given name in lower-case pinyin without tone marks or spaces; ü is written v."""

    surname: str
    given: str

    @property
    def display_form(self) -> str:
        """The name as SURNAME Given, with yu for ü."""
        surname, given = (re.sub(r"(?<=[ln])v", "yu", part) for part in (self.surname, self.given))
        return f"{surname.upper()} {given.capitalize()}"


def is_in_characters(name: str) -> bool:
    """Return True if the name has only Chinese characters, middle dots and spaces."""
    return bool(_CHARACTERS.fullmatch(name)) and not name.isspace()


def to_simplified(name: str) -> str:
    """Convert a name in Chinese characters to simplified characters, without spaces.

    A name is converted only if it has a character that simplified print never uses; 乾 and 於 occur in both.
    """
    name = re.sub(r"\s+", "", unicodedata.normalize("NFC", name)).replace("•", "·")
    folded = _converter().convert(name)
    if len(folded) != len(name):
        return name
    pairs = tuple(zip(name, folded, strict=True))
    if not any(old != new and old not in _ALSO_SIMPLIFIED and not _is_simplified(old) for old, new in pairs):
        return name
    return "".join(old if old in _ALSO_SIMPLIFIED else new for old, new in pairs)


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _is_simplified(character: str) -> bool:
    try:
        return bool(character.encode("gb2312"))
    except UnicodeEncodeError:
        return False


@cache
def _surname_readings(surname: str) -> tuple[str, ...]:
    """Return the pinyin readings of a surname, the usual one first."""
    return SURNAME_READINGS.get(surname) or ("".join(lazy_pinyin(surname)),)


@cache
def _known_surnames() -> tuple[frozenset[str], frozenset[str]]:
    """Return the readings of all surnames, and the readings of the compound surnames."""
    single, compound = (
        frozenset(reading for surname in surnames for reading in _surname_readings(surname))
        for surnames in (SURNAMES, COMPOUND_SURNAMES)
    )
    return single | compound, compound


def list_pinyin_names(characters: str) -> tuple[frozenset[PinyinName], frozenset[PinyinName]]:
    """List the pinyin forms of a name in simplified characters: the usual forms, and the other forms.

    The other forms have unusual readings of the characters, another split of the name, or u for ü. Both
    sets are empty unless the name has two to four characters and no middle dot.
    """
    if not 2 <= len(characters) <= 4 or "·" in characters:
        return frozenset(), frozenset()
    surname, given = split_name(characters)
    usual = {PinyinName(reading, "".join(lazy_pinyin(given))) for reading in _surname_readings(surname)}
    syllables = [{*GIVEN_READINGS.get(character, ()), *lazy_pinyin(character)} for character in given]
    other = {
        PinyinName(reading, "".join(parts))
        for reading in {*_surname_readings(surname), "".join(lazy_pinyin(surname))}
        for parts in product(*syllables)
    }
    if len(surname) == 2 or len(characters) == 4:  # 欧 阳明; 陈王 晓明
        parts = (characters[: 3 - len(surname)], characters[3 - len(surname) :])
        other.add(PinyinName(*("".join(lazy_pinyin(part)) for part in parts)))
    # Older passports and many newspapers write LU for 吕.
    other |= {
        PinyinName(name.surname.replace("v", "u"), name.given.replace("v", "u")) for name in usual | other
    }
    return frozenset(usual), frozenset(other - usual)


def split_name(characters: str) -> tuple[str, str]:
    """Split a name in simplified characters into surname and given name."""
    length = 2 if characters[:2] in COMPOUND_SURNAMES and len(characters) > 2 else 1
    return characters[:length], characters[length:]


def romanise(characters: str) -> str:
    """Write a name in simplified characters in pinyin, as SURNAME Given."""
    usual, _ = list_pinyin_names(characters)
    if not usual:
        return " ".join("".join(lazy_pinyin(part)).capitalize() for part in characters.split("·"))
    first = _surname_readings(split_name(characters)[0])[0]
    return min(usual, key=lambda name: (name.surname != first, name)).display_form


def parse_pinyin(name: str) -> tuple[tuple[PinyinName, bool], ...]:
    """Parse a name in Latin letters as pinyin. Return the candidates, the most likely first.

    Each candidate comes with True if its surname is first. A surname in capitals leaves one candidate.
    Otherwise the first or the last one or two words may be the surname, if such a surname exists. A single
    word and a name with an initial have no candidate.
    """
    words = [re.sub(r"['’‘ʼ`\-‐‑–]", "", word) for word in _strip_tones(name).split()]
    plain = [_replace_lyu(word.lower()) for word in words]
    if not 2 <= len(words) <= 4 or not all(len(word) > 1 and _ONE_WORD.fullmatch(word) for word in plain):
        return ()
    capitals = [word.isupper() for word in words]
    is_marked, candidates = len(set(capitals)) == 2, []
    for is_first, count in ((True, 2), (True, 1), (False, 2), (False, 1)):
        if len(words) <= count:
            continue
        surname, given = (plain[:count], plain[count:]) if is_first else (plain[-count:], plain[:-count])
        candidate = PinyinName("".join(surname), "".join(given))
        if not _SURNAME_WORD.fullmatch(candidate.surname) or not _ONE_WORD.fullmatch(candidate.given):
            continue
        surname_capitals = [True] * count + [False] * (len(words) - count)
        is_in_capitals = capitals == (surname_capitals if is_first else surname_capitals[::-1])
        if is_in_capitals if is_marked else candidate.surname in _known_surnames()[count - 1]:
            candidates.append((candidate, is_first))
    return tuple(candidates)


def _strip_tones(name: str) -> str:
    """Remove tone marks from `name`, and write ü as v."""
    decomposed = unicodedata.normalize("NFKD", name)
    unmarked = re.sub(r"(?!(?<=[uUvV])\u0308)[\u0300-\u036f]", "", decomposed)
    return re.sub(r"[uU]\u0308", lambda match: "v" if match[0][0] == "u" else "V", unmarked)


def _replace_lyu(word: str) -> str:
    """Replace lyu and lue by lv and lve, and nyu by nv: passports write LYU for LÜ."""
    return re.sub(r"^nyu", "nv", word).replace("lyu", "lv").replace("lue", "lve")
