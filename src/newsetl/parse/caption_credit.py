"""Captions without their photo credit, and credits without their label."""

from __future__ import annotations

import re

# "Photo", "Image credit", "Foto", "© 2026": with a colon, or followed by "by" or "courtesy of".
_NOUNS = (
    r"(?:(?:file|lead|main|featured?|header|hero|cover|top)\s+)?"
    r"(?:photo(?:graph(?:ie|y)?)?|image|picture|pic|illustration|graphic|video|art(?:work)?|screenshot|fotograf[ií]a"
    r"|fotografie|foto|bild|imagen|imagem|zdj[eę]cie|afbeelding|immagine)s?"
)
_CREDIT_WORDS = (
    r"(?:credits?|cr[ée]dits?|cr[ée]ditos?|courtesy(?:\s+of)?|copyright|source|rights?|nachweis|quelle|rechte|cortes[ií]a"
    r"|photos?|fotos?|foto|imagen|imagem|by|von|par|por|di|de|from|via)"
)
_LABEL = (
    rf"(?:(?:{_NOUNS}|photographers?)(?:[\s/-]*{_CREDIT_WORDS})*\s*(?:[:：]|\.\.\.|…)\s*"
    rf"|{_NOUNS}(?:\s+{_CREDIT_WORDS})*\s+(?:by|courtesy\s+of|courtesy|via|©|credits?)\s+"
    r"|(?:credits?|cr[ée]dits?|cr[ée]ditos?|copyright|courtesy|source|quelle|fuente|fonte|bildquelle|bildnachweis)"
    r"(?:[\s/-]*(?:photos?|fotos?|images?|imagen|imagem|by))?\s*(?:[:：]|\.\.\.|…)\s*"
    r"|(?:photographed\s+by|courtesy\s+of|copyright|©|\(c\))\s*(?:(?:19|20)\d\d\s*,?\s*)?(?:by\s+)?"
    r"|(?:图片来源|图片|供图|摄影|摄|图|来源|写真|撮影|사진)\s*[:：/]\s*)"
)
_MAX_CREDIT = 120
_START = re.compile(rf"^[\s(\[（【|–—-]*(?:{_LABEL})+", re.IGNORECASE)
# In an element that is marked as a credit, a label needs no colon: "Photo Ana Weir".
_BARE_START = re.compile(
    rf"^[\s(\[（【|–—-]*(?:{_NOUNS}|credits?|copyright|photographers?)\s+(?=\W*[A-Z])", re.IGNORECASE
)
_IN_BRACKETS = re.compile(
    rf"\s*[(\[（【]\s*(?P<credit>(?:{_LABEL}|AP Photo/|Xinhua/)[^()（）\[\]]{{1,{_MAX_CREDIT}}})"
    r"[)\]）】]\.?\s*$",
    re.IGNORECASE,
)
_AT_END = re.compile(
    rf"(?:^|(?<=[.!?…。”\"’')|])|\s[|–—-])\s*(?P<credit>{_LABEL}[^.:：]{{1,{_MAX_CREDIT}}}(?:\.\w[^.:：]*)?)\.?\s*$",
    re.IGNORECASE,
)
_NAME = r"[A-Z][\w.’'-]*(?:\s+(?:[A-Z][\w.’'-]*|de|van|von|der|al|bin|da|di)){0,4}"
_AGENCY = (
    r"(?:[A-Z]{2,6}|Reuters|Getty(?: Images)?|Shutterstock|Bloomberg|Xinhua|Alamy|Press Association"
    r"|Associated Press|PA Wire|i?Stock|Anadolu|dpa)"
)
# "Ana Weir/AP" behind the last sentence of a caption.
_NAME_AT_END = re.compile(
    rf"(?<=[.!?…”\"])\s+[(\[]?(?P<credit>{_NAME}\s*/\s*{_AGENCY}(?:\s*/\s*{_AGENCY})*)[)\]]?\s*$"
)
_IS_AGENCY = re.compile(
    rf"{_AGENCY}(?:\s+(?:Images|Photo|News|Wire))?|The\s.+"
    r"|.*\b(?:Agency|Agence|Associated|Daily|Herald|Images?|Library|Magazine|Media|News|Photos?|Pictures|Post|Press|Stock"
    r"|Times|Tribune|Wire|University|Museum|Archive)\b.*"
)


def split_credit(caption: str, credit: str = "") -> tuple[str, str]:
    """Return the caption without its credit, and the credit's name.

    `credit` is the text that the page marks as a credit, a part of `caption` or apart from it.
    """
    if credit and credit != caption:
        caption = " ".join(caption.replace(credit, " ").split())
    if not credit:
        for pattern in (_IN_BRACKETS, _AT_END, _NAME_AT_END):
            if match := pattern.search(caption):
                caption, credit = caption[: match.start()].rstrip(" |–—-"), match["credit"]
                break
        else:
            return caption, ""
    elif credit == caption:
        caption = ""
    return caption, clean_credit(credit)


def clean_credit(credit: str) -> str:
    """Return the name in a credit: "Image credit: Ana Weir", "(Foto: Ana Weir)" and "Ana Weir/AP" are one."""
    stripped = _strip_brackets(credit)
    name = _START.sub("", stripped)
    if name == stripped:
        name = _BARE_START.sub("", stripped)
    name = _strip_brackets(name)
    parts = [part for part in (each.strip() for each in re.split(r"\s*/\s*", name)) if part]
    people = [part for part in parts if not _IS_AGENCY.fullmatch(part) and " " in part]
    if len(people) == 1 and len(parts) > 1:
        name = people[0]
    return name[:_MAX_CREDIT]


def _strip_brackets(text: str) -> str:
    text = text.strip(" |,;:–—-\u00a0")
    while len(text) > 1 and text[0] in "([（【" and text[-1] in ")]）】.":
        text = text.rstrip(".")[1:].rstrip(")]）】").strip()
    return text.rstrip(".") if not re.search(r"\b(?:[A-Z]|[JS]r|Inc|Co)\.$", text) else text
