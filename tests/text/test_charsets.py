"""Charsets of pages: labels as browsers read them, and texts that no charset is declared for."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsetl import sources
from newsetl.db import checks
from newsetl.db.connection import open_connection
from newsetl.errors import ParseError
from newsetl.sources.generic import build_generic_source
from newsetl.text.charset import decode
from newsetl.text.charset_labels import get_default_codecs, resolve_label
from tests.support import factories
from tests.support.page_factory import parse_article

ENGLISH = "The mayor’s aide said “we’ll wait” — the café’s fee stays at £5, and that isn’t much…"
# One apostrophe in a sentence is the hardest case: as GBK, it is one Chinese character.
FEW = "The mayor’s aide hasn’t read the plan, and the town’s clerk didn’t ask for it."
RUSSIAN = "Совет гавани решил купить второе судно, и жители долго ждали этого решения."
CHINESE = "港口委员会星期二说，夜里的渡船五月开始运行，乘客等了很久。"
JAPANESE = "港の委員会は火曜日に、夜の船が五月から走ると言った。"
KOREAN = "항구 위원회는 화요일에 밤 배가 오월부터 다닌다고 말했다."


def page(text: str, *, head: str = "", lang: str = "en") -> str:
    return (
        f'<!doctype html><html lang="{lang}"><head>{head}<title>{text[:20]}</title></head>'
        f"<body><h1>{text[:20]}</h1><p>{text}</p></body></html>"
    )


@pytest.mark.parametrize("text", [ENGLISH, FEW])
@pytest.mark.parametrize(
    "declared", [None, "utf-8", "iso-8859-1", "latin1", "us-ascii", "x-cp1252", "klingon"]
)
def test_windows_1252_is_read_whatever_is_declared(text: str, declared: str | None) -> None:
    meta = f'<meta charset="{declared}">' if declared else ""
    original = page(text, head=meta)
    assert decode(original.encode("cp1252"), declared)[0] == original
    assert decode(original.encode("cp1252"), None, ("en",))[0] == original


@pytest.mark.parametrize("source", ["stdaily", "chinadaily"])
def test_windows_1252_of_a_chinese_publication(source: str) -> None:
    original = page(FEW)
    assert decode(original.encode("cp1252"), None, sources.load(source).languages)[0] == original


@pytest.mark.parametrize(
    ("text", "encoding", "lang"),
    [
        (CHINESE, "gbk", "zh-CN"),
        (CHINESE, "gb18030", "zh"),
        ("港口說，夜裡的渡船五月開始。", "big5", "zh-TW"),
        (JAPANESE, "shift_jis", "ja"),
        (JAPANESE, "euc_jp", "ja"),
        (KOREAN, "euc_kr", "ko"),
        (RUSSIAN, "cp1251", "ru"),
    ],
)
def test_the_language_of_a_page_gives_the_charset_that_it_does_not_declare(
    text: str, encoding: str, lang: str
) -> None:
    original = page(text, lang=lang)
    assert decode(original.encode(encoding), "utf-8")[0] == original


@pytest.mark.parametrize(
    ("text", "encoding", "label"),
    [
        (CHINESE, "gb18030", "x-gbk"),
        (CHINESE, "gb18030", "GB_2312"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "koi8"),
        (JAPANESE, "cp932", "x-sjis"),
        (KOREAN, "cp949", "ks_c_5601-1987"),
        (ENGLISH.replace("…", ""), "mac-roman", "x-mac-roman"),
        ("Şehir meclisi İzmir’de ığdır için toplandı.", "cp1254", "iso-8859-9"),
    ],
)
def test_labels_as_browsers_read_them(text: str, encoding: str, label: str) -> None:
    original = page(text, head=f'<meta charset="{label}">')
    assert decode(original.encode(encoding))[0] == original


def test_stray_bytes_in_utf8_stay_single() -> None:
    body = (
        page(ENGLISH)
        .encode()
        .replace(b"</body>", b"<p>the clerk\x92s list, M\xfcller, cut \xe2\x80</p></body>")
    )
    text, charset = decode(body)
    assert charset == "utf-8"
    assert ENGLISH in text
    assert "the clerk’s list, Müller, cut \ufffd<" in text


def test_stray_byte_in_chinese_stays_single() -> None:
    body = page(CHINESE, lang="zh").encode("gb18030").replace(b"</p>", b"\xff</p>")
    text, _ = decode(body)
    assert CHINESE in text


def test_utf16_without_a_byte_order_mark() -> None:
    original = page(ENGLISH)
    for encoding in ("utf-16-le", "utf-16-be"):
        assert decode(original.encode(encoding), "utf-16") == (original, encoding)


def test_text_without_any_sign_is_no_chinese() -> None:
    """Cyrillic of a page that says English is no Windows-1252 and no GB18030."""
    with pytest.raises(ParseError):
        decode(page(RUSSIAN).encode("cp1251"))


def test_labels_that_are_no_charset() -> None:
    for label in ("rot13", "idna", "utf-7", "base64", "klingon", "", "\x00", "none"):
        assert resolve_label(label) is None
    assert resolve_label(" UTF8 ") == "utf-8"
    assert resolve_label("Latin1") == resolve_label("ascii") == "cp1252"
    assert get_default_codecs("zh_TW")[0] == "big5hkscs"
    assert get_default_codecs("en") == ()


def test_article_in_windows_1252() -> None:
    article = parse_article(
        page(f"{ENGLISH} {FEW}").encode("cp1252"),
        "https://a.example/x",
        build_generic_source("https://a.example/x"),
    )
    assert article.text == f"{ENGLISH} {FEW}"


@pytest.mark.parametrize(
    ("text", "language", "is_damaged"),
    [
        ("The mayor抯 plan.", "en", True),
        ("The 揟own of Ayr.", "en", True),
        ("A price of \ufffd5.", "en", True),
        ("一个\ufffd字", "zh", True),
        ("The word 茶 means tea, as in 绿茶.", "en", False),
        ("用APP上 网", "zh", False),
    ],
)
def test_check_finds_damaged_text(tmp_path: Path, text: str, language: str, *, is_damaged: bool) -> None:
    path = tmp_path / "news.duckdb"
    warehouse, run_id = factories.opened(path)
    with warehouse:
        warehouse.load(
            factories.batch(factories.page(1, factories.web(1), text=text, language=language)), run_id=run_id
        )
    with open_connection(path, is_read_only=False) as connection:
        (finding,) = checks.run_checks(connection, files=("a.warc.gz",), names=["damaged_text"])
    assert finding.failing_rows == int(is_damaged), finding
