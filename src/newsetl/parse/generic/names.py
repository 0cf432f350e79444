"""Printed authors → names: better few than bad. What is no name of a person, desk or house is dropped."""

from __future__ import annotations

import re
import unicodedata

from newsetl.wording import DEGREE, letters, single_blanks

_LONGEST, _MOST_WORDS, _MOST_NAMES = 60, 6, 20
_LABEL = re.compile(
    r"^[\s|•·—–:-]*(?:(?:(?:story|article|words?|text|posted|written|reviewed|reported|published|created|contributed"
    r"|report|review|analysis|opinion|guest post|authored|submitted|uploaded|compiled|produced)(?:\s+and\s+\w+)?\s+)?by\b"
    r"|(?:(?:written|posted|published)\s+)?(?:on\s+.{0,30}\s)?by\b"
    r"|(?:author|authors|writer|writers|reporter|reporters|correspondent|contributors?|columnist|blogger|words|text|from"
    r"|author\(s\)|about the authors?|meet the author|posted|written|von|par|por|di)(?=\s*[:|])|(?:about|meet) the author)\s*[:：|]?\s*",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
# What ends the names in a line.
_END = re.compile(
    rf"\s*(?:[|•·\n\r\t]|\s[—–-]\s|\b\d|\b{_MONTH}\s+\d|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"
    r"|\b(?:published|updated|posted|modified|last|reviewed|edited|photographs?|photos?|illustrat(?:ed|ions?)|read more|follow"
    r"|share|comments?|minutes?|for the|special to|is an?|has been|was an?|bio|twitter|about|tags|filed under|in association)\b"
    r"|@|\(|\[|https?:|www\.).*",
    re.IGNORECASE | re.DOTALL,
)
_SPLIT = re.compile(r"\s*(?:[,;/]|\s&\s|\s(?:and|with|und|et)\s)\s*", re.IGNORECASE)
# A title before a name, and a role behind it.
_TITLE = re.compile(r"^(?:dr|mr|mrs|ms|prof|professor|sir|rev|fr)\.?\s+(?=\S+\s+\S)", re.IGNORECASE)
_ROLE = re.compile(
    r"\b(?:writer|editor|reporter|correspondent|journalist|columnist|contributor|author|producer|photographer|analyst"
    r"|director|manager|officer|president|founder|co-?founder|ceo|cto|cfo|cmo|head of|chief|specialist|strategist|consultant"
    r"|engineer|developer|designer|marketer|expert|fellow|professor|lecturer|researcher|intern|associate|assistant|executive"
    r"|coordinator|blogger|freelancer?|owner|advisor|adviser|therapist|dietitian|nutritionist|physician)s?\b",
    re.IGNORECASE,
)
# Words of pages' tools, which stand beside names; none is in a name.
_NONE = re.compile(
    r"\b(?:ago|minutes?|hours?|days?|email|e-mail|read|reads|reading|share|subscribe|follow|sign|click|view|views|more|all|posts"
    r"|comments?|home|menu|search|login|log|newsletter|cookies?|privacy|copyright|rights|reserved|loading|about|contact|profile"
    r"|advertisement|advertising|sponsored|print|bookmark|save|tweet|facebook|twitter|linkedin|instagram|pinterest|whatsapp|reply"
    r"|page|website|web|article|articles|author|authors|written|published|updated|last|this|these|that|your|you|we|us|our|how|why"
    r"|what|when|where|is|are|was|were|has|have|can|will|not|for|to|on|with|at|from|as|by|image|photo|photos|getty|caption|credit"
    r"|category|categories|tags?|related|latest|popular|trending|next|previous|news|archive|archives|bio|biography|disclosure"
    r"|reviewed|checked|fact|medically|edited|story|stories|learn|see|download|free|shop|buy|best|top|guide)\b",
    re.IGNORECASE,
)
# Who is nobody in particular.
_NOBODY = frozenset(
    letters(name)
    for name in (
        "admin", "administrator", "author", "authors", "editor", "editors", "staff", "staff writer", "staff writers", "staff reporter",
        "staff reporters", "web staff", "guest", "guest author", "guest writer", "guest contributor", "guest blogger", "guest post",
        "contributor", "contributors", "contributing writer", "contributed", "unknown", "anonymous", "none", "null", "undefined",
        "nan", "webmaster", "web master", "user", "wordpress", "root", "test", "n/a", "na", "no author", "by", "written by", "name",
        "super admin", "superuser", "site admin", "newsroom", "online desk", "press release", "news desk", "web desk", "default",
        "default author", "various", "various authors", "person", "organization", "author name", "reporter", "reporters",
        "special correspondent", "our correspondent", "wp admin", "wpengine", "siteadmin", "content", "marketing", "self", "true", "false",
    )
)  # fmt: skip
_PARTICLES = frozenset(
    "the de da di del della des du van von der den ten ter la le el al bin ibn abu of y e st zu zum af av dos das do los las ap san mc o d".split()
)
_TEAM = re.compile(r"\b(?:team|staff|editors|editorial|desk|board|group|agency|university|magazine|news|daily|times|press)\b", re.I)


def stated_names(values: tuple[str, ...] | list[str]) -> list[str]:
    """The names in values that a page states as its authors' in a field for them.

    Only what cannot be a name is dropped: addresses, nobody in particular, the page's tools.
    """
    names: dict[str, str] = {}
    for value in values:
        text = _cut(_LABEL.sub("", single_blanks(value)))
        if not text or _is_address(text):
            continue
        for part in _parts(text):
            name = _cleaned(part)
            if name and not _is_nobody(name) and len(name) <= _LONGEST and len(name.split()) <= _MOST_WORDS:
                names.setdefault(letters(name), name)
    return list(names.values())[:_MOST_NAMES]


def printed_names(line: str, *, is_labelled: bool = False) -> list[str]:
    """The names in a line that a reader sees: each must look like one, or the line is none.

    `is_labelled` if markup or a word says that the line is the authors'.
    """
    text = single_blanks(line)
    label = _LABEL.match(text)
    if label and label.end():
        text, is_labelled = text[label.end() :], True
    text = _cut(text)
    if not text or len(text) > 4 * _LONGEST or _is_address(text):
        return []
    names: dict[str, str] = {}
    for part in _parts(text):
        name = _cleaned(part)
        if not name:
            continue
        if not looks_like_name(name, is_labelled=is_labelled):
            break
        names.setdefault(letters(name), name)
    return list(names.values())[:_MOST_NAMES]


def is_login(name: str) -> bool:
    """True for a name that is one at a keyboard: jsmith, web-team2."""
    return " " not in name and name.isascii() and (name.islower() or any(char.isdigit() or char in "_-" for char in name[1:-1]) and not name[0].isupper())


def looks_like_name(name: str, *, is_labelled: bool) -> bool:
    """True for two to five words in capitals or particles; for one where it is labelled as an author's."""
    words = name.split()
    if not 1 <= len(words) <= _MOST_WORDS or len(name) > _LONGEST or _is_nobody(name) or _NONE.search(name):
        return False
    if _ROLE.search(name) and not _TEAM.search(name):
        return False
    if len(words) == 1 and (not is_labelled or len(name) < 3):
        return False
    if not words[0][:1].isalpha() or re.search(r"[?!:<>{}=*#%$\"“”]|\.{2}", name):
        return False
    return all(_is_capital(word) or word.casefold() in _PARTICLES or not word[:1].isalpha() for word in words)


def _is_capital(word: str) -> bool:
    first = next((char for char in word if char.isalpha()), "")
    return first.isupper() or unicodedata.category(first or " ") == "Lo" or bool(re.match(r"(?:d'|al-|o'|l')\w", word, re.I))


def _cut(text: str) -> str:
    found = _END.search(text)
    # A house's name may begin with a number: 3i Global.
    if found and found.start() == 0 and re.match(r"\d+\w*\s[A-Z]", text):
        found = _END.search(text, 2)
    return (text[: found.start()] if found else text).strip(" ,;:|-–—.•·")


def _parts(text: str) -> list[str]:
    """The pieces of a line of names; what follows a comma and is a role or a degree is none."""
    parts: list[str] = []
    for part in _SPLIT.split(text):
        cleaned = part.strip(" ,;:|-–—")
        if not cleaned or DEGREE.fullmatch(cleaned) or re.fullmatch(r"[A-Z][A-Za-z]?[A-Z.]+(?:\s[A-Z.]+)*|[JS]r\.?|I{2,3}|MA|BA|RN", cleaned):
            # A degree stands behind a name; an agency's letters stand alone.
            if cleaned and not parts and not DEGREE.fullmatch(cleaned):
                parts.append(cleaned)
            continue
        if _ROLE.search(cleaned) and (parts or len(cleaned.split()) > 3) and not _TEAM.search(cleaned):
            continue
        parts.append(cleaned)
    return parts


def _cleaned(part: str) -> str:
    name = _LABEL.sub("", part)
    name = _TITLE.sub("", name)
    name = re.sub(r"(?:,?\s+(?:ph\.?d|m\.?d|r\.?n|r\.?d|mba|jr)\.?)+$", "", name, flags=re.I) if len(name.split()) > 2 else name
    name = name.strip(" ,;:|-–—•·\"“”'")
    return name.rstrip(".") if not re.search(r"\b(?:[A-Z]|[JS]r)\.$", name) else name


def _is_nobody(name: str) -> bool:
    key = letters(name)
    return not key or key in _NOBODY or key.isdigit()


def _is_address(text: str) -> bool:
    return bool(re.search(r"https?:|www\.|//|@|^/|\.(?:html?|php|aspx?)\b", text, re.IGNORECASE))
