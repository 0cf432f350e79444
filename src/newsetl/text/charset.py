"""Decoding of HTML bodies with charset detection."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable

from newsetl.errors import ParseError
from newsetl.reasons import Reason
from newsetl.text.charset_labels import get_default_codecs, resolve_label

_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\x0b\x0c\r\x1b")
_META = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_XML = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w:.-]+)", re.IGNORECASE)
# Languages that a page states: <html lang="zh-CN">, <meta http-equiv="content-language" content="zh">.
_LANGUAGE = re.compile(
    rb"<html[^>]{0,300}?\slang\s*=\s*[\"']?\s*([A-Za-z]{2}[\w-]*)"
    rb"|<meta[^>]{0,100}?(?:content-language|og:locale)[\"']?[^>]{0,40}?\scontent\s*=\s*[\"']?\s*([A-Za-z]{2}[\w-]*)",
    re.IGNORECASE,
)
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
_HEAD_BYTES = 4096
# A text with more than one broken character in fifty is unusable.
_BROKEN_SHARE = 0.02
_MULTIBYTE = frozenset({"gb18030", "big5hkscs", "cp932", "euc_jp", "cp949", "iso2022_jp"})
# Latin script has single bytes above ASCII, other scripts have whole words of them.
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")
_WORD_BYTES, _MAX_WORD_SHARE = 4, 0.3
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_CJK_RUN = re.compile(r"[\u3400-\u9fff\uac00-\ud7af\u3040-\u30ff]+")
# A Windows-1252 apostrophe or quotation mark read as GBK swallows the next letter: "didn抰", "揟he".
_CJK_IN_WORD = re.compile(
    r"(?<=[A-Za-z])[\u3400-\u9fff](?![\u3400-\u9fff])|(?<![\u3400-\u9fff])[\u3400-\u9fff](?=[A-Za-z])"
)
# Bytes that `surrogateescape` leaves. A single one in Latin script is of Windows-1252.
_STRAY = re.compile("[\udc80-\udcff]+")
_LATIN_STRAY = re.compile("(?<=[\x00-\x7f])[\udc80-\udcff](?=[\x00-\x7f]|$)")
_TAGS = re.compile(r"<(script|style)\b.*?</\1\s*>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def decode(body: bytes, declared: str | None = None, languages: Iterable[str] = ()) -> tuple[str, str]:
    """Decode `body`. Return the text and the name of the charset used.

    `declared` is the charset of the Content-Type header, `languages` are those of the source. The charsets
    are tried in this order:

    1. the byte-order mark, and UTF-16 by its NUL bytes;
    2. UTF-8, as pages in UTF-8 often declare GB2312. A few bytes that are not UTF-8 are decoded one by one;
    3. the declared charset, then those of the page's <meta> tags, each by its WHATWG label;
    4. the default charset of the page's or the source's language, such as GB18030 of Chinese;
    5. Windows-1252 for a text in Latin script;
    6. UTF-8 with replaced characters if few are broken.

    Raise ParseError with reason empty_body, not_html or undecodable.
    """
    if not body.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise ParseError(Reason.EMPTY_BODY, "the response has no body")
    for bom, name in _BOMS:
        if body.startswith(bom):
            return _check_decoded(body.decode(name, errors="replace"), name)
    if (utf16 := _detect_utf16(body)) is not None:
        return _check_decoded(body.decode(utf16, errors="replace"), utf16)
    if body.startswith(_MAGIC) or _is_binary(body):
        raise ParseError(Reason.NOT_HTML, "the response is a binary file")
    head = body[:_HEAD_BYTES]
    xml = _XML.match(head)
    names = [*_META.findall(head), *([xml[1]] if xml else [])]
    labels = (declared or "", *(name.decode("ascii", "replace") for name in names))
    declared_codecs = list(dict.fromkeys(filter(None, map(resolve_label, labels))))
    if "iso2022_jp" in declared_codecs and b"\x1b$" in body:
        # The bytes of ISO-2022-JP are ASCII, which is UTF-8 too.
        return body.decode("iso2022_jp", errors="replace"), "iso2022_jp"
    if (utf8_text := _decode_utf8(body)) is not None:
        return utf8_text, "utf-8"
    stated = [(one or two).decode("ascii") for one, two in _LANGUAGE.findall(head)]
    defaults = [name for language in (*stated, *languages) for name in get_default_codecs(language)]
    for name in dict.fromkeys((*declared_codecs, *defaults, "cp1252")):
        if (decoded := _try_codec(body, name)) is not None:
            return decoded, name
    return _check_decoded(body.decode("utf-8", errors="replace"), "utf-8")


def _decode_utf8(body: bytes) -> str | None:
    """Decode `body` as UTF-8, and stray bytes one by one. Return None if most of it is not UTF-8."""
    try:
        # An incremental decoder accepts a truncated character at the end of the body.
        return codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        text = body.decode("utf-8", errors="surrogateescape")
    if 2 * sum(map(len, _STRAY.findall(text))) > len(_NON_ASCII.findall(text)):
        return None
    return _STRAY.sub("\ufffd", _LATIN_STRAY.sub(_decode_stray, text))


def _try_codec(body: bytes, name: str) -> str | None:
    """Decode `body` by the codec `name`. Return None if the text is not plausible in it."""
    if name.startswith(("utf", "iso2022")):
        return None
    if name in _MULTIBYTE:
        text = body.decode(name, errors="replace")
        foreign = len(_NON_ASCII.findall(text))
        is_broken = text.count("\ufffd") > foreign * _BROKEN_SHARE
        return text if not is_broken and _is_plausible(text) and not _has_cjk_in_words(text) else None
    if name == "cp1252":
        runs = list(map(len, _HIGH_BYTES.findall(body)))
        if sum(run for run in runs if run >= _WORD_BYTES) > sum(runs) * _MAX_WORD_SHARE:
            return None
    text = body.decode(name, errors="newsetl_c1")
    return text if _is_plausible(text) else None


def _decode_c1(error: UnicodeError) -> tuple[str, int]:
    """Decode undefined bytes of a single-byte charset as C1 control characters, as browsers do."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("newsetl_c1", _decode_c1)


def _decode_stray(match: re.Match[str]) -> str:
    return match[0].encode("utf-8", "surrogateescape").decode("cp1252", errors="replace")


def _detect_utf16(body: bytes) -> str | None:
    """Return the byte order of UTF-16 without a byte-order mark, or None: every second byte is NUL."""
    head = body[:_HEAD_BYTES]
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) // 4 or min(even, odd) > len(head) // 50:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _is_binary(body: bytes) -> bool:
    head = body[:_HEAD_BYTES]
    return len(head) - len(head.translate(None, _CONTROL)) > len(head) * 0.02


def _is_plausible(text: str) -> bool:
    # Private-use and C1 control characters are signs of a wrong charset.
    suspicious = sum("\ue000" <= char <= "\uf8ff" or "\x80" <= char <= "\x9f" for char in text)
    return suspicious <= len(_NON_ASCII.findall(text)) * _BROKEN_SHARE


def _has_cjk_in_words(text: str) -> bool:
    """Return True if most CJK texts are one character inside or beside an English word."""
    return 2 * len(_CJK_IN_WORD.findall(text)) > len(_CJK_RUN.findall(text))


def _check_decoded(text: str, charset: str) -> tuple[str, str]:
    visible = _TAGS.sub("", text)
    if visible.count("\ufffd") > len(visible) * _BROKEN_SHARE:
        raise ParseError(Reason.UNDECODABLE, "the text is broken in every charset tried")
    return text, charset
