"""Normalisation of printed text: whitespace, invisible characters, letters and spelling."""

from __future__ import annotations

import html
import re
import unicodedata

# Academic degrees and titles beside a name.
DEGREE = re.compile(
    r"(?:(?:ph\.?\s?d|d\.?\s?phil|ed\.?d|[dmb]\.?sc|m\.?d|j\.?d|m\.?b\.?a|[mb]\.[as]|prof(?:essor)?|dr)\.?"
    r"|副?教授|博士|研究员|院士)",
    re.IGNORECASE,
)
# A place after a name: `Ada Cole in New York`, `Bea Hill in Washington, D.C.`
PLACE = re.compile(
    r"\s+(?:in|IN)\s+(?=[^\W\d_a-z])[^\d,;/&|]+?(?:,\s*(?:(?:[A-Z]\.){2,}|[A-Z][\w.]+(?=\s*(?:,|$)|\s+(?:and|with|AND)\s)))?"
    r"(?=\s*(?:[,;/&|]|$)|\s+(?:and|with|AND)\s)"
)
# End of a sentence, perhaps followed by a closing quotation mark.
SENTENCE_END = re.compile(r"[.!?。！？…][\"”’')）]*$")


_ZERO_WIDTH_CHARACTERS = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"
# Whitespace beyond ASCII, and zero-width characters. Since Unicode 6.3, U+180E is no whitespace for Python.
INVISIBLE = (
    "\u0085\u00a0\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029"
    f"\u202f\u205f\u3000{_ZERO_WIDTH_CHARACTERS}"
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_MAX_ESCAPES = 3
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ASCII_NON_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())
_NON_LETTERS = re.compile(r"[\W_]+")
_ZERO_WIDTH = re.compile(f"[{_ZERO_WIDTH_CHARACTERS}]")
_VISIBLE = re.compile(rf"[^\s{INVISIBLE}]")


def collapse_whitespace(text: str) -> str:
    """Collapse each run of whitespace in `text` to one space, and remove zero-width characters.

    Whitespace includes line ends, no-break spaces and ideographic spaces.
    """
    if not text.isascii():
        text = _ZERO_WIDTH.sub("", text).replace("\u180e", " ")
    return " ".join(text.split())


def unescape_entities(text: str) -> str:
    """Decode the character references in `text`, also those that were escaped twice or three times."""
    for _ in range(_MAX_ESCAPES):
        if _ENTITY.search(text) is None:
            break
        text = html.unescape(text)
    return text


def is_blank(text: str) -> bool:
    """Return True if `text` has nothing but whitespace and zero-width characters."""
    return _VISIBLE.search(text) is None


def replace_unprintable(text: str) -> str:
    """Replace control and bidirectional characters by U+FFFD, so that `text` is safe to print."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def count_words(text: str) -> int:
    """Count the words of `text`, as blanks separate them; a Chinese or Japanese character is a word."""
    if text.isascii():
        return len(text.split())
    characters = _CJK.findall(text)
    if not characters:
        return len(text.split())
    return len(characters) + sum(any(map(str.isalnum, token)) for token in _CJK.sub(" ", text).split())


def normalise_letters(text: str | None) -> str:
    """Return the letters and digits of `text`, casefolded, to compare printed forms."""
    if not text:
        return ""
    # bytes.translate is fast and removes most characters; the regular expression removes the rest.
    letters = text.encode("utf-8", "surrogatepass").translate(None, _ASCII_NON_LETTERS)
    if text.isascii():
        return letters.decode().lower()
    return _NON_LETTERS.sub("", letters.decode("utf-8", "surrogatepass")).casefold()


def normalise_spelling(name: str) -> str:
    """Return the casefolded name with whitespace collapsed, as the key of a correction."""
    return collapse_whitespace(unicodedata.normalize("NFC", name)).casefold()
