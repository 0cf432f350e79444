"""Chinese names in characters and in Latin letters: what a printed one may be in the other. Pure."""

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
# To OpenCC these are traditional; in names they stand in simplified print as well.
_ALSO_SIMPLIFIED = frozenset("昇")


@dataclass(frozen=True, slots=True, order=True)
class PinyinName:
    """A surname and a given name in small letters without marks or blanks; ü is v."""

    surname: str
    given: str

    @property
    def display_form(self) -> str:
        """As the channel prints it: SURNAME Given."""
        surname, given = (re.sub(r"(?<=[ln])v", "yu", part) for part in (self.surname, self.given))
        return f"{surname.upper()} {given.capitalize()}"


def is_in_characters(name: str) -> bool:
    """True if the name is written in Chinese characters alone."""
    return bool(_CHARACTERS.fullmatch(name)) and not name.isspace()


def to_simplified(name: str) -> str:
    """A name in characters without blanks, in simplified ones.

    Only a name with a character that simplified print never has is traditional: 乾 and 於 are both.
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
    """How the surname is read, apart from how its characters can be."""
    return SURNAME_READINGS.get(surname) or ("".join(lazy_pinyin(surname)),)


@cache
def _known_surnames() -> tuple[frozenset[str], frozenset[str]]:
    """Readings of the surnames that may be one word, and of those that may be two."""
    single, compound = (
        frozenset(reading for surname in surnames for reading in _surname_readings(surname))
        for surnames in (SURNAMES, COMPOUND_SURNAMES)
    )
    return single | compound, compound


def list_pinyin_names(characters: str) -> tuple[frozenset[PinyinName], frozenset[PinyinName]]:
    """What a name in simplified characters is in Latin letters: by its usual readings, and by others.

    The others are those that its characters have elsewhere, and u for ü. Nothing for what is not two to
    four characters.
    """
    if not 2 <= len(characters) <= 4 or "·" in characters:
        return frozenset(), frozenset()
    surname, given = split_name(characters)
    usual = {PinyinName(read, "".join(lazy_pinyin(given))) for read in _surname_readings(surname)}
    each = [{*GIVEN_READINGS.get(character, ()), *lazy_pinyin(character)} for character in given]
    other = {
        PinyinName(read, "".join(parts))
        for read in {*_surname_readings(surname), "".join(lazy_pinyin(surname))}
        for parts in product(*each)
    }
    if len(surname) == 2 or len(characters) == 4:  # 欧 阳明; 陈王 晓明
        parts = (characters[: 3 - len(surname)], characters[3 - len(surname) :])
        other.add(PinyinName(*("".join(lazy_pinyin(part)) for part in parts)))
    # Passports had LU for 吕 for long, and many papers still have.
    other |= {
        PinyinName(read.surname.replace("v", "u"), read.given.replace("v", "u")) for read in usual | other
    }
    return frozenset(usual), frozenset(other - usual)


def split_name(characters: str) -> tuple[str, str]:
    """Surname and given name of a name in simplified characters."""
    length = 2 if characters[:2] in COMPOUND_SURNAMES and len(characters) > 2 else 1
    return characters[:length], characters[length:]


def romanise(characters: str) -> str:
    """A name in simplified characters as the channel would print it in Latin letters."""
    usual, _ = list_pinyin_names(characters)
    if not usual:
        return " ".join("".join(lazy_pinyin(part)).capitalize() for part in characters.split("·"))
    first = _surname_readings(split_name(characters)[0])[0]
    return min(usual, key=lambda read: (read.surname != first, read)).display_form


def parse_pinyin(name: str) -> tuple[tuple[PinyinName, bool], ...]:
    """What a name in Latin letters may be as a Chinese one, the likeliest first, and if the surname leads.

    Where the surname is in capitals there is one reading. Else the surname comes first, or last, if such a
    surname exists. A name of one word, or with an initial, has no reading.
    """
    words = [re.sub(r"['’‘ʼ`\-‐‑–]", "", word) for word in _strip_tones(name).split()]
    plain = [_replace_lyu(word.lower()) for word in words]
    if not 2 <= len(words) <= 4 or not all(len(word) > 1 and _ONE_WORD.fullmatch(word) for word in plain):
        return ()
    capitals = [word.isupper() for word in words]
    is_marked, found = len(set(capitals)) == 2, []
    for is_first, count in ((True, 2), (True, 1), (False, 2), (False, 1)):
        if len(words) <= count:
            continue
        surname, given = (plain[:count], plain[count:]) if is_first else (plain[-count:], plain[:-count])
        reading = PinyinName("".join(surname), "".join(given))
        if not _SURNAME_WORD.fullmatch(reading.surname) or not _ONE_WORD.fullmatch(reading.given):
            continue
        leading = [True] * count + [False] * (len(words) - count)
        is_there = capitals == (leading if is_first else leading[::-1])
        if is_there if is_marked else reading.surname in _known_surnames()[count - 1]:
            found.append((reading, is_first))
    return tuple(found)


def _strip_tones(name: str) -> str:
    """Without the marks of tones; ü stays."""
    decomposed = unicodedata.normalize("NFKD", name)
    without = re.sub(r"(?!(?<=[uUvV])\u0308)[\u0300-\u036f]", "", decomposed)
    return re.sub(r"[uU]\u0308", lambda found: "v" if found[0][0] == "u" else "V", without)


def _replace_lyu(word: str) -> str:
    """LYU is how passports write LÜ."""
    return re.sub(r"^nyu", "nv", word).replace("lyu", "lv").replace("lue", "lve")
