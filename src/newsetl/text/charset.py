"""Decoding of HTML bodies with charset detection."""

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
# Browsers decode GB2312 as GBK, and GB18030 is a superset of both (WHATWG Encoding, section 4.2).
_SUPERSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "ascii": "cp1252",
}
# A text with more than one broken character in fifty is unusable.
_BROKEN_SHARE = 0.02


def decode(body: bytes, declared: str | None = None) -> tuple[str, str]:
    """Decode `body`. Return the text and the name of the charset used.

    `declared` is the charset of the Content-Type header. Charsets are tried in this order: the byte-order
    mark; UTF-8, as pages in UTF-8 often declare GB2312; the declared charset; the charsets of the page's
    <meta> tags; GB18030; and UTF-8 with replaced characters if few characters are broken, for example in a
    truncated page. Raise ParseError with reason empty_body, not_html or undecodable.
    """
    if not body.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise ParseError(Reason.EMPTY_BODY, "the response has no body")
    for bom, name in _BOMS:
        if body.startswith(bom):
            return _check_decoded(body.decode(name, errors="replace"), name)
    if body.startswith(_MAGIC) or _is_binary(body):
        raise ParseError(Reason.NOT_HTML, "the response is a binary file")
    try:
        # An incremental decoder accepts a truncated character at the end of the body.
        return codecs.getincrementaldecoder("utf-8")().decode(body), "utf-8"
    except UnicodeDecodeError:
        pass
    declarations = [declared or "", *(name.decode("ascii") for name in _META.findall(body[:4096]))]
    for name in [*declarations, "gb18030"]:
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
    # Private-use and C1 control characters are signs of a wrong charset.
    suspicious = sum("\ue000" <= char <= "\uf8ff" or "\x80" <= char <= "\x9f" for char in text)
    return suspicious <= len(text) * _BROKEN_SHARE


def _check_decoded(text: str, charset: str) -> tuple[str, str]:
    if text.count("\ufffd") > len(text) * _BROKEN_SHARE:
        raise ParseError(Reason.UNDECODABLE, "the text is broken in every charset tried")
    return text, charset
