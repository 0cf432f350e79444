"""Which printed names are one person of a source: claims, each with its reason and its strength. Pure.

A name in characters is a person; the same in traditional characters is the same person. A name in Latin
letters that reads as a Chinese one is claimed by the name in characters that is spelled so. Where several are
spelled so (张伟, 章伟), the Latin name is none of them: it is a person of its own, at half the strength, with
the others as its rivals, until a correction tells. A usual reading goes before an unusual one (单 is Shan
before it is Dan). Without any characters the spellings of one surname and given name are one person.

A name in one case that may begin or end with its surname (Lan Tian) begins with it, as the channel prints
names, unless only the other order is somebody's; both ways the claim is weaker. Any other name is matched in
any case and punctuation (Ann O'Neal, ANN ONEAL), one of a single word or of initials only exactly.

Desks and organisations are kinds of their own: they match among themselves, by letters and digits.
A correction of the source overrules all this. What it names as canonical counts as printed; a name corrected
to itself is a person apart, whom no other spelling reaches.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from newsetl.model import NAMESPACE, Claim, CreditKind, People, Person, Why
from newsetl.normalise import chinese_names
from newsetl.normalise.bylines import kind_of
from newsetl.normalise.chinese_names import Reading
from newsetl.sources.config import Source
from newsetl.text.whitespace import letters, single_blanks, spelling

Printed = tuple[str, CreditKind]

_CHANNEL_FORM = re.compile(r"[A-Z]{2,}(?: [A-Z]{2,})? [A-Z][a-z]+(?:['’][a-z]+)?")


# How far each step can be trusted; a claim of several steps has their product.
_TRADITIONAL, _ORDER, _EITHER_ORDER, _RIVALS, _LESSER_RIVALS = 0.95, 0.9, 0.8, 0.5, 0.8
_PINYIN, _PINYIN_OF_ONE_SYLLABLE, _UNUSUAL_READING = 0.9, 0.8, 0.7


@dataclass(frozen=True, slots=True)
class _Match:
    """A name's person by a key that all its names share, and the name in the channel's form."""

    key: str
    form: str
    reason: Why = Why.SPELLING
    confidence: float = 1.0
    chinese_name: str | None = None
    alternatives: tuple[str, ...] = ()


def identify(names: Iterable[Printed], source: Source) -> People:
    """The people of `names`, which may come in any order and more than once."""
    printed = sorted(set(names))
    corrections = {spelling(name): canonical for name, canonical in source.people.items()}
    meant = {
        (name, kind): (canonical, _kind(canonical, kind, printed, source))
        if (canonical := corrections.get(spelling(name)))
        else (name, kind)
        for name, kind in printed
    }
    matches = _matched({*meant.values()}, apart=corrections)
    claims, called = [], defaultdict[tuple[CreditKind, str], list[tuple[str, _Match]]](list)
    for each in printed:
        name, kind = meant[each]
        match = matches[name, kind]
        called[kind, match.key].append((name, match))
        if spelling(each[0]) in corrections:
            match = replace(match, reason=Why.CORRECTION, confidence=1.0, alternatives=())
        claims.append(
            Claim(
                *each, _person_id(source, kind, match.key), match.reason, match.confidence, match.alternatives
            )
        )
    told = {canonical for canonical in corrections.values() if not chinese_names.is_characters(canonical)}
    people = (
        Person(_person_id(source, kind, key), _name(found, told), found[0][1].chinese_name, kind)
        for (kind, key), found in called.items()
    )
    return People(tuple(sorted(people, key=lambda person: person.person_id)), tuple(claims))


def _kind(canonical: str, kind: CreditKind, printed: list[Printed], source: Source) -> CreditKind:
    """A correction may make a person of a desk: its own kind is what the name is declared or printed as."""
    declared = kind_of(canonical, source)
    if declared != "person":
        return declared
    kinds = [other for name, other in printed if name == canonical]
    return kind if kind in kinds else min(kinds, default=declared)


def _person_id(source: Source, kind: CreditKind, key: str) -> UUID:
    return uuid5(NAMESPACE, f"{source.slug} {kind} {key}")


def _name(found: list[tuple[str, _Match]], told: Collection[str]) -> str:
    """What to call who is printed so: as a correction says, else by the best of the Latin spellings."""

    def rank(name: str, match: _Match) -> tuple[object, ...]:
        form = match.form
        is_odd = form.islower(), form.isupper(), form.count(" ")
        return name not in told, chinese_names.is_characters(name), -match.confidence, is_odd, form

    name, match = min(found, key=lambda each: rank(*each))
    return name if name in told else match.form


def _matched(names: Collection[Printed], *, apart: Collection[str]) -> dict[Printed, _Match]:
    matches: dict[Printed, _Match] = {}
    characters: dict[str, str] = {}
    latin: dict[str, tuple[tuple[Reading, bool], ...]] = {}
    for name, kind in names:
        if kind != "person":
            matches[name, kind] = _Match(letters(name) or spelling(name), name)
        elif spelling(name) in apart:
            matches[name, kind] = _apart(name)
        elif chinese_names.is_characters(name):
            characters[name] = chinese_names.simplified(name)
        elif candidates := chinese_names.latin(name):
            latin[name] = candidates
        else:
            matches[name, kind] = _Match(_as_printed(name), name)
    for name, simplified in characters.items():
        matches[name, "person"] = _in_characters(name, simplified)
    for name, match in _in_latin(latin, {*characters.values()}).items():
        matches[name, "person"] = match
    return matches


def _apart(name: str) -> _Match:
    match = _Match("", name)
    if chinese_names.is_characters(name):
        match = _in_characters(name, chinese_names.simplified(name))
    return replace(match, key=f"= {spelling(name)}")


def _as_printed(name: str) -> str:
    """What names have in common that are neither in characters nor in pinyin."""
    words = re.sub(r"[^\w\s]+", " ", re.sub(r"['’‘ʼ`]", "", name)).casefold().split()
    return single_blanks(name) if all(len(word) == 1 for word in words) or len(words) < 2 else " ".join(words)


def _in_characters(name: str, simplified: str) -> _Match:
    is_same = "".join(name.split()).replace("•", "·") == simplified
    return _Match(
        simplified,
        chinese_names.channel_form(simplified),
        Why.SPELLING if is_same else Why.TRADITIONAL,
        1.0 if is_same else _TRADITIONAL,
        chinese_name=simplified,
    )


def _in_latin(
    latin: Mapping[str, tuple[tuple[Reading, bool], ...]], characters: Collection[str]
) -> dict[str, _Match]:
    usual, other = defaultdict[Reading, list[str]](list), defaultdict[Reading, list[str]](list)
    for name in sorted(characters):
        for found, readings in zip((usual, other), chinese_names.readings(name), strict=True):
            for reading in readings:
                found[reading].append(name)
    known = {*usual, *other}
    known |= {candidates[0][0] for candidates in latin.values() if len(candidates) == 1}
    matches = {}
    for name, candidates in latin.items():
        somebodys = [each for each in candidates if each[0] in known]
        leading = [each for each in somebodys if each[1]]
        reading, is_surname_first = (leading or (somebodys if len(somebodys) == 1 else candidates))[0]
        confidence = 1.0 if is_surname_first else _ORDER
        confidence *= 1.0 if len(candidates) == 1 else _EITHER_ORDER
        is_guess = len(candidates) > 1 and not somebodys
        form = name if is_guess or _CHANNEL_FORM.fullmatch(name) else reading.channel_form
        alternatives = (*usual[reading], *other[reading])
        owners = usual[reading] or other[reading]
        if len(owners) == 1:
            (owner,) = owners
            confidence *= _PINYIN if len(chinese_names.divided(owner)[1]) > 1 else _PINYIN_OF_ONE_SYLLABLE
            confidence *= 1.0 if usual[reading] else _UNUSUAL_READING
            confidence *= _LESSER_RIVALS if len(alternatives) > 1 else 1.0
            match = _Match(owner, form, Why.PINYIN, chinese_name=owner, alternatives=alternatives[1:])
        else:
            reason = Why.SPELLING if is_surname_first else Why.ORDER
            confidence *= _RIVALS if alternatives else 1.0
            match = _Match(f"{reading.surname} {reading.given}", form, reason, alternatives=alternatives)
        matches[name] = replace(match, confidence=round(confidence, 2))
    return matches
