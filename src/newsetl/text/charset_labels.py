"""Charset labels, as browsers resolve them (WHATWG Encoding Standard, section 4.2)."""

from __future__ import annotations

import codecs

# Labels that Python does not know, or that browsers read as another charset than Python.
_LABELS = {
    label: codec
    for codec, labels in {
        "utf-8": "unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8 utf8mb3 utf8mb4 utf-8mb4",
        "cp1252": "x-cp1252 x-user-defined x-ansi ansi iso-8859-1-windows-3.1-latin-1 cp-1252 win-1252",
        "cp1250": "x-cp1250",
        "cp1251": "x-cp1251 win-1251 cp-1251",
        "cp1253": "x-cp1253",
        "cp1254": "x-cp1254",
        "cp1255": "x-cp1255",
        "cp1256": "x-cp1256",
        "cp1257": "x-cp1257",
        "cp1258": "x-cp1258",
        "cp874": "dos-874 windows-874",
        "cp866": "csibm866",
        "iso8859-6": "iso-8859-6-e iso-8859-6-i csiso88596e csiso88596i",
        "iso8859-7": "sun_eu_greek",
        "iso8859-8": "iso-8859-8-e iso-8859-8-i csiso88598e csiso88598i logical visual",
        "koi8-r": "koi koi8",
        "koi8-u": "koi8-ru",
        "mac-roman": "x-mac-roman csmacintosh",
        "mac-cyrillic": "x-mac-cyrillic x-mac-ukrainian",
        "gb18030": "x-gbk gb_2312 x-gb2312 gb-18030 chinese csgb2312",
        "big5hkscs": "cn-big5 x-x-big5 big5-eten",
        "cp932": "x-sjis windows-31j x-ms-cp932",
        "euc_jp": "x-euc-jp cseucpkdfmtjapanese",
        "cp949": "windows-949 korean ksc_5601 x-windows-949",
        "utf-16-le": "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff",
        "utf-16-be": "unicodefffe",
    }.items()
    for label in labels.split()
}
# Python's codecs that browsers replace by a superset.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "hz": "gb18030",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "johab": "cp949",
    "utf-16": "utf-16-le",
    "utf-8-sig": "utf-8",
}
# Python's codecs that are no charset of a web page.
_FOREIGN = frozenset({"utf-7", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "mbcs", "oem"})
# Charset of pages that declare none, by the page's language (HTML, section 13.2.3.2).
_DEFAULTS = {
    "ar": ("cp1256",), "fa": ("cp1256",), "bg": ("cp1251",), "mk": ("cp1251",), "ru": ("cp1251",),
    "sr": ("cp1251",), "uk": ("cp1251",), "be": ("cp1251",), "el": ("cp1253",), "he": ("cp1255",),
    "ja": ("cp932", "euc_jp"), "ko": ("cp949",), "th": ("cp874",), "vi": ("cp1258",), "tr": ("cp1254",),
    "cs": ("cp1250",), "sk": ("cp1250",), "hu": ("cp1250",), "pl": ("cp1250",), "sl": ("cp1250",),
    "hr": ("cp1250",), "et": ("cp1257",), "lt": ("cp1257",), "lv": ("cp1257",),
    "zh": ("gb18030", "big5hkscs"),
}  # fmt: skip


def resolve_label(label: str) -> str | None:
    """Return the name of the codec that a browser uses for `label`, or None for an unknown label."""
    label = label.strip(" \t\r\n\f\"'").lower()
    try:
        info = codecs.lookup(_LABELS.get(label, label))
    except (LookupError, ValueError):
        return None
    name = info.name
    # The attribute is private but stable: a codec such as rot13 turns text into text.
    if name in _FOREIGN or not getattr(info, "_is_text_encoding", True):
        return None
    return _SUPERSETS.get(name, name)


def get_default_codecs(language: str) -> tuple[str, ...]:
    """Return the codecs of undeclared pages in `language`, an ISO 639 code or a tag such as zh-TW."""
    main, _, region = language.lower().replace("_", "-").partition("-")
    names = _DEFAULTS.get(main, ())
    return names[::-1] if main == "zh" and region in ("tw", "hk", "mo", "hant", "hant-tw") else names
