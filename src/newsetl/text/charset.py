"""Bytes → text: the charset that the bytes bear out, not the one that the page claims."""

from __future__ import annotations

import codecs
import re

from newsetl.errors import ParseError
from newsetl.reasons import Reason

_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\x0b\x0c\r\x1b")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"\x7fELF",
    b"Rar!",
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What pages call GB2312 is decoded by browsers as GBK; GB18030 holds both (WHATWG Encoding, section 4.2).
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
}
# A page with more broken characters than one in fifty is not text that anybody can use.
_BROKEN_SHARE = 0.02


def decode(body: bytes, declared: str | None = None) -> tuple[str, str]:
    """The text of `body` and the charset that was used.

    `declared` is the Content-Type's charset. Order: byte-order mark; UTF-8 if all of it is valid (a
    false claim of GB2312 is common); the declared charset, the page's own <meta>, GB18030; UTF-8 with
    replaced characters where few are broken, as at the end of a page that was cut off.
    Raises ParseError with reason empty_body, binary or undecodable.
    """
    if not body.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise ParseError(Reason.EMPTY_BODY, "the response has no body")
    for bom, name in _BOMS:
        if body.startswith(bom):
            return _check_decoded(body.decode(name, errors="replace"), name)
    if body.startswith(_MAGIC) or _is_binary(body):
        raise ParseError(Reason.NOT_HTML, "the response is not text but a binary file")
    try:
        # Not final: a character that is cut off at the end does not disprove UTF-8.
        return codecs.getincrementaldecoder("utf-8")().decode(body), "utf-8"
    except UnicodeDecodeError:
        pass
    claims = [declared or "", *(found.decode("ascii") for found in _META.findall(body[:4096]))]
    for name in [*claims, "gb18030"]:
        try:
            codec = codecs.lookup(_SUPERSETS.get(name.lower(), name)).name
            text = body.decode(codec)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
        if _is_plausible(text):
            return text, codec
    return _check_decoded(body.decode("utf-8", errors="replace"), "utf-8")


def _is_binary(body: bytes) -> bool:
    head = body[:4096]
    return len(head) - len(head.translate(None, _CONTROL)) > len(head) * 0.02


def _is_plausible(text: str) -> bool:
    # Private-use and C1 characters are what a wrong table leaves behind.
    strange = sum("\ue000" <= char <= "\uf8ff" or "\x80" <= char <= "\x9f" for char in text)
    return strange <= len(text) * _BROKEN_SHARE


def _check_decoded(text: str, charset: str) -> tuple[str, str]:
    if text.count("\ufffd") > len(text) * _BROKEN_SHARE:
        raise ParseError(Reason.UNDECODABLE, "the text is broken in every charset that was tried")
    return text, charset
