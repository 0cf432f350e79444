"""Pages that are no article or damaged: each becomes a reject with its reason, or a correct article."""

import re
import warnings
from datetime import UTC, datetime

import pytest

from newsetl.model import Reject
from newsetl.reasons import Reason
from tests.support.page_factory import (
    HEAD,
    META,
    PAGE,
    STDAILY,
    TEXT,
    build_capture,
    parse_article,
    parse_response,
)

DAY_URL = "https://www.stdaily.com/web/English/2024-06/18/content_1964339.html"
MONTH_URL = "http://stdaily.com/English/ChinaNews/202201/ea4e9697af5443d6b77981e78196bfa6.shtml"


def build_soft_404() -> bytes:
    start, end = b"<html><head><title></title></head><body><div>x</div>", b"</body></html>"
    return start + b" " * (15175 - len(start) - len(end)) + end


REJECTED = {
    "empty": (b"", Reason.EMPTY_BODY),
    "blanks": (b" \r\n\t \x00", Reason.EMPTY_BODY),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10, Reason.NOT_HTML),
    "bytes": (bytes(range(256)) * 40, Reason.NOT_HTML),
    "no labels": ("<html><body><h1>Hello</h1>" + TEXT * 5 + "</body></html>", Reason.UNKNOWN_LAYOUT),
    "one line of text": ("just a line", Reason.UNKNOWN_LAYOUT),
    "removed page": ("<html><title>稿件详情</title><body><p>稿件详情</p></body></html>", Reason.REMOVED_PAGE),
    "soft 404": (build_soft_404(), Reason.SOFT_404),
    "blocked_by_waf": (
        '<html><head><title>302 Found</title><script src="/_fec_sbu/fec_wrapper.js"></script></head></html>',
        Reason.BLOCKED_BY_WAF,
    ),
    "a listing": (
        "<html><body><p>position: EnglishChannel > Experts in China</p>"
        "<ul><li><a href='/web/English/2024-06/18/content_1.html'>A</a></li></ul></body></html>",
        Reason.NOT_ARTICLE,
    ),
    "too large": (b"<html>" + b"x" * 50_000_000, Reason.TOO_LARGE),
    "no title": (f"<html><body>{META}{TEXT}</body></html>", Reason.NO_TITLE),
    "no text": (f"<html><body>{HEAD}{META}<p>Editor: 谢晚宁</p></body></html>", Reason.NO_TEXT),
    "no date": (PAGE.replace("2023-02-03 09:00:01", ""), Reason.NO_DATE),
    "impossible date": (PAGE.replace("2023-02-03", "2023-02-30"), Reason.BAD_DATE),
    "unreadable date": (PAGE.replace("2023-02-03 09:00:01", "last Friday"), Reason.BAD_DATE),
    "future date": (PAGE.replace("2023-02-03", "2027-02-03"), Reason.FUTURE_DATE),
    "before the source": (PAGE.replace("2023-02-03", "1970-01-01"), Reason.DATE_BEFORE_SOURCE),
    "noise in every charset": (b"<html>" + b"\xff\x81\xfe" * 900, Reason.UNDECODABLE),
}  # fmt: skip


@pytest.mark.parametrize("name", REJECTED)
def test_reject_reasons(name: str) -> None:
    body, reason = REJECTED[name]
    outcome = parse_response(body)
    assert isinstance(outcome, Reject), outcome
    assert (outcome.reason, outcome.capture_id is not None) == (reason, True), outcome.message
    assert outcome.message.strip()


def test_unchanged_page_is_an_article() -> None:
    parsed = parse_article(PAGE)
    assert (parsed.title, parsed.authors, parsed.editors) == (
        "Ice on the Wires",
        ("XIE Wanning",),
        ("谢晚宁",),
    )
    assert parsed.published_at == datetime(2023, 2, 3, 1, 0, 1, tzinfo=UTC)


def test_article_with_the_waf_script_is_no_challenge() -> None:
    page = PAGE.replace("<html>", '<html><head><script src="/_fec_sbu/fec_wrapper.js"></script></head>')
    assert parse_article(page).title == "Ice on the Wires"


CHINESE = PAGE.replace("XIE Wanning", "谢晚宁").replace("Frost", "霜 covered 的 wires. Frost")


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("gb2312", "utf-8"),
        ("gb2312", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-8", "gb18030"),
        ("utf-8", "utf-8-sig"),
        ("utf-8", "utf-16"),
        ("klingon", "utf-8"),
    ],
)
def test_charset_is_detected_despite_a_wrong_declaration(declared: str, encoding: str) -> None:
    page = CHINESE.replace("<html>", f'<html><head><meta charset="{declared}"></head>')
    outcome = parse_response(page.encode(encoding), charset=declared)
    assert not isinstance(outcome, Reject), outcome
    assert (outcome.authors, outcome.editors) == (("谢晚宁",), ("谢晚宁",))
    assert "霜" in outcome.text


def test_truncated_utf8_is_parsed() -> None:
    page = CHINESE.split("</p><p>Editor")[0].encode() + "谢".encode()[:2]
    assert parse_article(page).authors == ("谢晚宁",)
    middle = CHINESE.encode().replace("霜".encode(), "霜".encode()[:2])
    assert parse_article(middle).authors == ("谢晚宁",)


def test_date_from_the_url() -> None:
    bare = re.sub("<p>Source.*?</p>", "", PAGE)
    day, month = parse_article(bare, DAY_URL), parse_article(bare, MONTH_URL)
    assert (day.published_precision, day.found["published_at"]) == ("day", "address")
    assert day.published_at == datetime(2024, 6, 17, 16, tzinfo=UTC)
    assert month.published_precision == "month"
    assert month.published_at == datetime(2021, 12, 31, 16, tzinfo=UTC)


def test_date_correction_of_the_source() -> None:
    from dataclasses import replace

    source = replace(STDAILY, date_corrections={"2023-02-30 09:00:01": "2023-03-02 09:00:01"})
    parsed = parse_response(PAGE.replace("2023-02-03", "2023-02-30"), source=source)
    assert not isinstance(parsed, Reject)
    assert parsed.published_at == datetime(2023, 3, 2, 1, 0, 1, tzinfo=UTC)
    assert parsed.published_raw == "2023-02-30 09:00:01"


def test_parser_error_is_a_reject(monkeypatch: pytest.MonkeyPatch) -> None:
    from newsetl.pipeline import parse_page

    def raise_error(*_: object) -> None:
        raise ZeroDivisionError("a slip")

    monkeypatch.setattr(parse_page, "parse", raise_error)
    outcome = parse_response(PAGE)
    assert isinstance(outcome, Reject)
    assert (outcome.reason, outcome.message) == (Reason.PARSER_ERROR, "ZeroDivisionError: a slip")


PICTURE = '<p><img src="/a.jpg"{}></p>'


@pytest.mark.parametrize(
    ("page", "pictures"),
    [
        (PAGE.replace("<p>Frost", PICTURE.format(" width='²'") + "<p>Frost"), ["https://x.org/a.jpg"]),
        (PAGE.replace("<p>Frost", PICTURE.format(f" width='{'9' * 5000}'") + "<p>Frost"), ["https://x.org/a.jpg"]),
        (PAGE.replace("<p>Frost", PICTURE.format(" width='040px'") + "<p>Frost"), []),
        (PAGE.replace("<body>", "<body><base href='http://[::1'>" + PICTURE.format("")), []),
        (PAGE.replace("<p>Frost", "<base href='http://[::1'>" + PICTURE.format("") + "<p>Frost"), ["https://x.org/a.jpg"]),
        (PAGE.replace("<p>Frost", "<base href='/b/'><img src='c.jpg'><p>Frost"), ["https://x.org/b/c.jpg"]),
        (PAGE.replace("<p>Frost", "<img src='http://[::1'><p>Frost"), []),
    ],
    ids=["odd digit", "endless number", "small", "base above", "base", "good base", "URL"],
)  # fmt: skip
def test_invalid_attributes_are_ignored(page: str, pictures: list[str]) -> None:
    parsed = parse_article(page, "https://x.org/2.html")
    assert (parsed.title, [image.url for image in parsed.images]) == ("Ice on the Wires", pictures)


@pytest.mark.parametrize(
    ("url", "date", "reason"),
    [
        ("https://www.stdaily.com/web/English/0001-01/01/content_1.html", "", Reason.BAD_DATE),
        (f"https://www.stdaily.com/English/News/000101/{'a' * 32}.shtml", "", Reason.BAD_DATE),
        ("", "0001-01-01 00:00:00", Reason.BAD_DATE),
        ("", "0001-01-03 00:00:00", Reason.DATE_BEFORE_SOURCE),
        ("", "9999-12-31 23:59:59", Reason.FUTURE_DATE),
        ("http://[::1/2001-01/01/", "", Reason.NO_DATE),
    ],
)
def test_date_beyond_the_calendar_is_no_parser_error(url: str, date: str, reason: Reason) -> None:
    meta = META.replace("2023-02-03 09:00:01", date) if date else "<p>By XIE Wanning</p>"
    outcome = parse_response(PAGE.replace(META, meta), url)
    assert isinstance(outcome, Reject)
    assert outcome.reason == reason, outcome.message


def test_page_nested_too_deep_is_rejected() -> None:
    def build_nested(depth: int) -> str:
        return PAGE.replace(TEXT, f"{TEXT}{'<div>' * depth}<p>Below it all.</p>{'</div>' * depth}")

    assert parse_article(build_nested(1000)).text.endswith("Below it all.")
    outcome = parse_response(build_nested(3000))
    assert isinstance(outcome, Reject)
    assert (outcome.reason, "depth" in outcome.message) == (Reason.TOO_LARGE, True), outcome.message


def test_very_long_title_is_no_headline() -> None:
    head = f"<head><title>{'Ice - ' * 3000}</title></head>"
    page = PAGE.replace("<html>", f"<html>{head}")
    assert parse_article(page).title == "Ice on the Wires"
    outcome = parse_response(page.replace("<h1>Ice on the Wires</h1>", ""))
    assert isinstance(outcome, Reject)
    assert outcome.reason == Reason.NO_TITLE


XML = '<?xml version="1.0" encoding="gb18030"?>\n'


@pytest.mark.parametrize("body", [XML.encode() + CHINESE.encode("gb18030"), (XML + CHINESE).encode()])
def test_xhtml_raises_no_warning(body: bytes) -> None:
    from newsetl.discover.listing_pages import parse_html

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parsed = parse_article(body)
        assert "霜" in parse_html(build_capture(body)).get_text()
        assert parse_html(build_capture(b"https://www.stdaily.com/index.html")).get_text() == ""
    assert "霜" in parsed.text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>The café’s “quotes”</p>…".encode()[:-1], "The café’s “quotes”\ufffd"),
        (b"<p>\xff" + "新闻，霜降以后".encode() * 20 + b"</p>", "\ufffd" + "新闻，霜降以后" * 20),
        ("<p>新闻，霜降以后</p>".encode("gbk"), "新闻，霜降以后"),
        ('<meta charset="gb2312"><p>朱镕基与霜</p>'.encode("gbk"), "朱镕基与霜"),
        (b"<div>" * 3_000 + b"deep" + b"</div>" * 3_000, "deep"),
    ],
)
def test_damaged_listing_is_parsed_as_far_as_possible(body: bytes, text: str) -> None:
    from newsetl.discover.listing_pages import parse_html

    assert parse_html(build_capture(body)).get_text().removesuffix("\ufffd") == text.removesuffix("\ufffd")


def test_listing_keeps_classes_as_strings_at_any_depth() -> None:
    from newsetl.discover.listing_pages import parse_html

    row = '<p class="news row">one</p>'
    for body in (row, "<div>" * 3_000 + row + "</div>" * 3_000):
        parsed = parse_html(build_capture(body)).select_one("p.row")
        assert parsed
        assert parsed["class"] == "news row"
