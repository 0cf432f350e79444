"""Matching of printed names to the people of a source, each match with a reason and a confidence.

Names in Chinese characters: each name is one person, in simplified and traditional characters alike.

Names in pinyin: such a name is matched to the name in characters with this spelling. If several names in
characters have the spelling (张伟, 章伟), the pinyin name is a person of its own until a correction decides.
Its confidence is halved, and those names are the alternatives. Usual readings precede unusual readings (单 is
Shan rather than Dan). Without names in characters, all spellings of a surname and given name are one person.

Order of a pinyin name: a name in one case may begin or end with its surname (Lan Tian). The surname is taken
to be first, unless only the other order is the name of a known person. The confidence is lower in both cases.

Other names are matched without regard to case and punctuation (Ann O'Neal, ANN ONEAL). A single word or a
name of initials must match exactly. Desks and organisations are matched by letters and digits, each within
its kind, in simplified and traditional characters alike.

A correction in the source file overrides these rules. The canonical name of a correction counts as printed. A
name that is corrected to itself is a separate person that matches no other spelling.
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

# SURNAME Given, as `PinyinName.display_form` writes names.
_DISPLAY_FORM = re.compile(r"[A-Z]{2,}(?: [A-Z]{2,})? [A-Z][a-z]+(?:['’][a-z]+)?")


# Confidence of each step; a match of several steps has their product.
_TRADITIONAL, _ORDER, _EITHER_ORDER, _WITH_ALTERNATIVES, _WITH_LESSER_ALTERNATIVES = 0.95, 0.9, 0.8, 0.5, 0.8
_PINYIN, _PINYIN_OF_ONE_SYLLABLE, _UNUSUAL_READING = 0.9, 0.8, 0.7


@dataclass(frozen=True, slots=True)
class _PersonKey:
    """Key of a person, shared by all names of the person, and the name in the form SURNAME Given."""

    key: str
    form: str
    reason: MatchReason = MatchReason.SPELLING
    confidence: float = 1.0
    chinese_name: str | None = None
    alternatives: tuple[str, ...] = ()


def match_people(names: Iterable[PrintedName], source: Source) -> MatchedPeople:
    """Match `names`, in any order and with duplicates allowed, to the people of `source`."""
    printed = sorted(set(names))
    corrections = {normalise_spelling(name): canonical for name, canonical in source.people.items()}
    corrected_names = {
        (name, kind): (canonical, _get_kind(canonical, kind, printed, source))
        if (canonical := corrections.get(normalise_spelling(name)))
        else (name, kind)
        for name, kind in printed
    }
    matches = _match_names({*corrected_names.values()}, separate=corrections)
    name_matches = []
    names_of_person = defaultdict[tuple[CreditKind, str], list[tuple[str, _PersonKey]]](list)
    for each in printed:
        name, kind = corrected_names[each]
        match = matches[name, kind]
        names_of_person[kind, match.key].append((name, match))
        if normalise_spelling(each[0]) in corrections:
            match = replace(match, reason=MatchReason.CORRECTION, confidence=1.0, alternatives=())
        name_matches.append(
            NameMatch(
                *each,
                _build_person_id(source, kind, match.key),
                match.reason,
                match.confidence,
                match.alternatives,
            )
        )
    latin_corrections = {name for name in corrections.values() if not chinese_names.is_in_characters(name)}
    people = (
        Person(
            _build_person_id(source, kind, key),
            _choose_name(named, latin_corrections),
            named[0][1].chinese_name,
            kind,
        )
        for (kind, key), named in names_of_person.items()
    )
    return MatchedPeople(tuple(sorted(people, key=lambda person: person.person_id)), tuple(name_matches))


def _get_kind(canonical: str, kind: CreditKind, printed: list[PrintedName], source: Source) -> CreditKind:
    """Return the kind of a corrected name, as declared or as printed; a correction may change the kind."""
    declared = classify_name(canonical, source)
    if declared != "person":
        return declared
    kinds = [other for name, other in printed if name == canonical]
    return kind if kind in kinds else min(kinds, default=declared)


def _build_person_id(source: Source, kind: CreditKind, key: str) -> UUID:
    return uuid5(NAMESPACE, f"{source.slug} {kind} {key}")


def _choose_name(named: list[tuple[str, _PersonKey]], corrected: Collection[str]) -> str:
    """Choose the name of a person: the name in a correction, or else the best Latin spelling."""

    def rank(name: str, match: _PersonKey) -> tuple[object, ...]:
        form = match.form
        is_odd = form.islower(), form.isupper(), form.count(" ")
        return name not in corrected, chinese_names.is_in_characters(name), -match.confidence, is_odd, form

    name, match = min(named, key=lambda each: rank(*each))
    return name if name in corrected else match.form


def _match_names(
    names: Collection[PrintedName], *, separate: Collection[str]
) -> dict[PrintedName, _PersonKey]:
    matches: dict[PrintedName, _PersonKey] = {}
    characters: dict[str, str] = {}
    latin: dict[str, tuple[tuple[PinyinName, bool], ...]] = {}
    for name, kind in names:
        if kind != "person":
            matches[name, kind] = _match_organisation(name)
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


def _match_organisation(name: str) -> _PersonKey:
    """Return the key of a desk or an organisation; its name is in simplified characters."""
    simplified = chinese_names.to_simplified(name) if chinese_names.is_in_characters(name) else name
    key = normalise_letters(simplified) or normalise_spelling(name)
    if key == (normalise_letters(name) or normalise_spelling(name)):
        return _PersonKey(key, name)
    return _PersonKey(key, simplified, MatchReason.TRADITIONAL, _TRADITIONAL)


def _match_separate(name: str) -> _PersonKey:
    match = _PersonKey("", name)
    if chinese_names.is_in_characters(name):
        match = _match_characters(name, chinese_names.to_simplified(name))
    return replace(match, key=f"= {normalise_spelling(name)}")


def _printed_key(name: str) -> str:
    """Return the key of a name that is neither in characters nor in pinyin."""
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
        for names, forms in zip((usual, other), chinese_names.list_pinyin_names(name), strict=True):
            for form in forms:
                names[form].append(name)
    known_names = {*usual, *other}
    known_names |= {candidates[0][0] for candidates in latin.values() if len(candidates) == 1}
    matches = {}
    for name, candidates in latin.items():
        known = [each for each in candidates if each[0] in known_names]
        surname_first = [each for each in known if each[1]]
        pinyin, is_surname_first = (surname_first or (known if len(known) == 1 else candidates))[0]
        confidence = 1.0 if is_surname_first else _ORDER
        confidence *= 1.0 if len(candidates) == 1 else _EITHER_ORDER
        is_guess = len(candidates) > 1 and not known
        display_form = name if is_guess or _DISPLAY_FORM.fullmatch(name) else pinyin.display_form
        alternatives = (*usual[pinyin], *other[pinyin])
        chinese = usual[pinyin] or other[pinyin]
        if len(chinese) == 1:
            (chinese_name,) = chinese
            given_name = chinese_names.split_name(chinese_name)[1]
            confidence *= _PINYIN if len(given_name) > 1 else _PINYIN_OF_ONE_SYLLABLE
            confidence *= 1.0 if usual[pinyin] else _UNUSUAL_READING
            confidence *= _WITH_LESSER_ALTERNATIVES if len(alternatives) > 1 else 1.0
            match = _PersonKey(
                chinese_name,
                display_form,
                MatchReason.PINYIN,
                chinese_name=chinese_name,
                alternatives=alternatives[1:],
            )
        else:
            reason = MatchReason.SPELLING if is_surname_first else MatchReason.ORDER
            confidence *= _WITH_ALTERNATIVES if alternatives else 1.0
            key = f"{pinyin.surname} {pinyin.given}"
            match = _PersonKey(key, display_form, reason, alternatives=alternatives)
        matches[name] = replace(match, confidence=round(confidence, 2))
    return matches
