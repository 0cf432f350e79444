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

from newsetl.model import NAMESPACE, CreditKind, MatchedPeople, MatchReason, NameMatch, Person
from newsetl.normalise import chinese_names
from newsetl.normalise.bylines import classify_name
from newsetl.normalise.chinese_names import PinyinName
from newsetl.sources.config import Source
from newsetl.text.whitespace import collapse_whitespace, normalise_letters, normalise_spelling

PrintedName = tuple[str, CreditKind]

_CHANNEL_FORM = re.compile(r"[A-Z]{2,}(?: [A-Z]{2,})? [A-Z][a-z]+(?:['’][a-z]+)?")


# How far each step can be trusted; a claim of several steps has their product.
_TRADITIONAL, _ORDER, _EITHER_ORDER, _WITH_ALTERNATIVES, _WITH_LESSER_ALTERNATIVES = 0.95, 0.9, 0.8, 0.5, 0.8
_PINYIN, _PINYIN_OF_ONE_SYLLABLE, _UNUSUAL_READING = 0.9, 0.8, 0.7


@dataclass(frozen=True, slots=True)
class _PersonKey:
    """A name's person by a key that all its names share, and the name in the channel's form."""

    key: str
    form: str
    reason: MatchReason = MatchReason.SPELLING
    confidence: float = 1.0
    chinese_name: str | None = None
    alternatives: tuple[str, ...] = ()


def match_people(names: Iterable[PrintedName], source: Source) -> MatchedPeople:
    """The people of `names`, which may come in any order and more than once."""
    printed = sorted(set(names))
    corrections = {normalise_spelling(name): canonical for name, canonical in source.people.items()}
    meant = {
        (name, kind): (canonical, _get_kind(canonical, kind, printed, source))
        if (canonical := corrections.get(normalise_spelling(name)))
        else (name, kind)
        for name, kind in printed
    }
    matches = _match_names({*meant.values()}, separate=corrections)
    claims, called = [], defaultdict[tuple[CreditKind, str], list[tuple[str, _PersonKey]]](list)
    for each in printed:
        name, kind = meant[each]
        match = matches[name, kind]
        called[kind, match.key].append((name, match))
        if normalise_spelling(each[0]) in corrections:
            match = replace(match, reason=MatchReason.CORRECTION, confidence=1.0, alternatives=())
        claims.append(
            NameMatch(
                *each, _person_id(source, kind, match.key), match.reason, match.confidence, match.alternatives
            )
        )
    told = {canonical for canonical in corrections.values() if not chinese_names.is_in_characters(canonical)}
    people = (
        Person(_person_id(source, kind, key), _choose_name(found, told), found[0][1].chinese_name, kind)
        for (kind, key), found in called.items()
    )
    return MatchedPeople(tuple(sorted(people, key=lambda person: person.person_id)), tuple(claims))


def _get_kind(canonical: str, kind: CreditKind, printed: list[PrintedName], source: Source) -> CreditKind:
    """A correction may make a person of a desk: its own kind is what the name is declared or printed as."""
    declared = classify_name(canonical, source)
    if declared != "person":
        return declared
    kinds = [other for name, other in printed if name == canonical]
    return kind if kind in kinds else min(kinds, default=declared)


def _person_id(source: Source, kind: CreditKind, key: str) -> UUID:
    return uuid5(NAMESPACE, f"{source.slug} {kind} {key}")


def _choose_name(found: list[tuple[str, _PersonKey]], corrected: Collection[str]) -> str:
    """What to call who is printed so: as a correction says, else by the best of the Latin spellings."""

    def rank(name: str, match: _PersonKey) -> tuple[object, ...]:
        form = match.form
        is_odd = form.islower(), form.isupper(), form.count(" ")
        return name not in corrected, chinese_names.is_in_characters(name), -match.confidence, is_odd, form

    name, match = min(found, key=lambda each: rank(*each))
    return name if name in corrected else match.form


def _match_names(
    names: Collection[PrintedName], *, separate: Collection[str]
) -> dict[PrintedName, _PersonKey]:
    matches: dict[PrintedName, _PersonKey] = {}
    characters: dict[str, str] = {}
    latin: dict[str, tuple[tuple[PinyinName, bool], ...]] = {}
    for name, kind in names:
        if kind != "person":
            matches[name, kind] = _PersonKey(normalise_letters(name) or normalise_spelling(name), name)
        elif normalise_spelling(name) in separate:
            matches[name, kind] = _match_separate(name)
        elif chinese_names.is_in_characters(name):
            characters[name] = chinese_names.to_simplified(name)
        elif candidates := chinese_names.parse_pinyin(name):
            latin[name] = candidates
        else:
            matches[name, kind] = _PersonKey(_printed_key(name), name)
    for name, simplified in characters.items():
        matches[name, "person"] = _match_characters(name, simplified)
    for name, match in _match_latin(latin, {*characters.values()}).items():
        matches[name, "person"] = match
    return matches


def _match_separate(name: str) -> _PersonKey:
    match = _PersonKey("", name)
    if chinese_names.is_in_characters(name):
        match = _match_characters(name, chinese_names.to_simplified(name))
    return replace(match, key=f"= {normalise_spelling(name)}")


def _printed_key(name: str) -> str:
    """What names have in common that are neither in characters nor in pinyin."""
    words = re.sub(r"[^\w\s]+", " ", re.sub(r"['’‘ʼ`]", "", name)).casefold().split()
    return (
        collapse_whitespace(name)
        if all(len(word) == 1 for word in words) or len(words) < 2
        else " ".join(words)
    )


def _match_characters(name: str, simplified: str) -> _PersonKey:
    is_same = "".join(name.split()).replace("•", "·") == simplified
    return _PersonKey(
        simplified,
        chinese_names.romanise(simplified),
        MatchReason.SPELLING if is_same else MatchReason.TRADITIONAL,
        1.0 if is_same else _TRADITIONAL,
        chinese_name=simplified,
    )


def _match_latin(
    latin: Mapping[str, tuple[tuple[PinyinName, bool], ...]], characters: Collection[str]
) -> dict[str, _PersonKey]:
    usual, other = defaultdict[PinyinName, list[str]](list), defaultdict[PinyinName, list[str]](list)
    for name in sorted(characters):
        for found, readings in zip((usual, other), chinese_names.list_pinyin_names(name), strict=True):
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
        form = name if is_guess or _CHANNEL_FORM.fullmatch(name) else reading.display_form
        alternatives = (*usual[reading], *other[reading])
        owners = usual[reading] or other[reading]
        if len(owners) == 1:
            (owner,) = owners
            confidence *= _PINYIN if len(chinese_names.split_name(owner)[1]) > 1 else _PINYIN_OF_ONE_SYLLABLE
            confidence *= 1.0 if usual[reading] else _UNUSUAL_READING
            confidence *= _WITH_LESSER_ALTERNATIVES if len(alternatives) > 1 else 1.0
            match = _PersonKey(
                owner, form, MatchReason.PINYIN, chinese_name=owner, alternatives=alternatives[1:]
            )
        else:
            reason = MatchReason.SPELLING if is_surname_first else MatchReason.ORDER
            confidence *= _WITH_ALTERNATIVES if alternatives else 1.0
            match = _PersonKey(f"{reading.surname} {reading.given}", form, reason, alternatives=alternatives)
        matches[name] = replace(match, confidence=round(confidence, 2))
    return matches
