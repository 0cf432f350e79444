"""Property tests of metadata lines, dates, bylines, URLs and corrupted pages."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from newsetl.errors import NormaliseError
from newsetl.model import Article, Reject
from newsetl.normalise.bylines import build_credits, split_names
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.text.dates import parse_date
from newsetl.text.whitespace import normalise_letters
from tests.support.spoilt_pages import (
    FETCHED_AT,
    SOURCE,
    pages,
    read,
    read_any,
    read_spoilt,
    read_spoilt_of_no_source,
)

ZONE = SOURCE.timezone
ARTICLE_URL = "https://www.stdaily.com/web/English/2026-08/22/content_1.html"
# tests/long parses more pages.
PAGES = 300

FIRST = st.sampled_from(["Long", "Chen", "Wang", "Zoë", "Ana-María", "O'Neil", "Anders", "Andrea", "Ming"])
LAST = st.sampled_from(["YUN", "CHUNYOU", "McLoud", "de Vries", "Sandoval", "Xiaoxia", "HAND", "Ferdinand"])
NAME = st.tuples(FIRST, LAST).map(" ".join) | st.sampled_from(["王晓夏", "毕文婷"])
NAMES = st.lists(NAME, min_size=1, max_size=4, unique_by=normalise_letters)
WORD = st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True)
AGENCY = st.lists(WORD, min_size=1, max_size=3).map(" ".join) | st.sampled_from(["新华社", "CGTN", "Xinhua"])
TIME = st.integers(0, 9 * 365 * 86_400 - 86_400 * 60).map(
    lambda seconds: datetime(2018, 1, 1, tzinfo=ZONE) + timedelta(seconds=seconds)
)
BLANK = st.sampled_from(["", " ", "  ", "\xa0", "\u3000"])


@st.composite
def metadata_lines(draw: st.DrawFn, agency: str, time: datetime, author: str) -> str:
    """Draw a metadata line with varying spaces, colons, separators and capitals."""

    def label(name: str) -> str:
        printed = draw(st.sampled_from([name, name.upper(), name.lower()]))
        return f"{printed}{draw(BLANK)}{draw(st.sampled_from([':', '：']))}{draw(BLANK)}"

    bar = draw(st.sampled_from([" | ", "|", "\xa0|\xa0", " ｜ ", "丨"]))
    return f"{label('Source')}{agency}{bar}{time:%Y-%m-%d %H:%M:%S}{bar}{label('Author')}{author}"


@settings(max_examples=150, deadline=None)
@given(st.data(), AGENCY, TIME, NAMES)
def test_a_metadata_line_is_parsed_in_every_form(
    data: st.DataObject, agency: str, time: datetime, names: list[str]
) -> None:
    assume(not re.search(r"(?i)source|author|editor|by$|photo", agency))
    line = data.draw(metadata_lines(agency, time, " & ".join(names)))
    text = "\n".join(["A Headline of Some Words", line, *("A paragraph that says something. " * 3,) * 2])
    found = read(text.encode())
    assert isinstance(found, Article), (line, found)
    assert found.title == "A Headline of Some Words"
    assert found.agency is not None
    assert normalise_letters(found.agency) == normalise_letters(agency), line
    assert found.published_at == time.astimezone(UTC), line
    assert found.published_precision == "second"
    assert list(found.authors) == names, line
    assert "Source" not in found.text


FORMS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d %H:%M:%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
)


@given(TIME, st.sampled_from(FORMS), BLANK, BLANK, st.sampled_from(["", ".0", ":756"]))
def test_a_date_is_read_in_every_form(
    time: datetime, form: str, before: str, after: str, thousandth: str
) -> None:
    parsed = parse_date(f"{before}{time.strftime(form)}{thousandth}{after}", ZONE)
    assert parsed.at == time.astimezone(UTC)
    assert parsed.precision == "second"
    minute, day = form.removesuffix(":%S"), re.split(r"[ T]", form)[0]
    assert parse_date(time.strftime(minute), ZONE).at == parsed.at - timedelta(seconds=time.second)
    only_day = parse_date(time.strftime(day), ZONE)
    assert (only_day.at.astimezone(ZONE).date(), only_day.precision) == (time.date(), "day")


@given(st.text(max_size=40) | st.from_regex(r"\d{1,5}[-/.年]\d{1,3}[-/.月]\d{1,3}.{0,12}", fullmatch=True))
def test_a_text_that_is_no_date_is_rejected_as_bad_date(raw: str) -> None:
    try:
        at, reason = parse_date(raw, ZONE).at, Reason.BAD_DATE
    except NormaliseError as error:
        at, reason = FETCHED_AT, error.reason
    assert (at.tzinfo, reason) == (UTC, Reason.BAD_DATE)


@given(NAMES, st.sampled_from([" & ", " and ", "、", ", ", ",", "，", " AND ", "; ", "&"]))
def test_joined_names_are_split_again(names: list[str], joint: str) -> None:
    assert [name for name, _ in split_names(joint.join(names), SOURCE)] == names


@given(st.text(max_size=60) | st.lists(NAME | st.sampled_from(list(" &,、;|.:()")), max_size=8).map("".join))
def test_any_byline_has_distinct_names_numbered_from_one(printed: str) -> None:
    credits = build_credits("author", (printed,), SOURCE)
    assert [credit.position for credit in credits] == list(range(1, len(credits) + 1))
    names = [credit.name for credit in credits]
    assert len(names) == len(set(names))
    assert all(name.strip() for name in names)


@given(
    st.dates(date(2018, 1, 1), date(2026, 11, 23)),
    st.integers(1, 10**7 - 1),
    st.sampled_from(["web", "hashed", "dated"]),
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(SOURCE.hosts),
    st.sampled_from(["", "?from=timeline", "?utm_source=x&spm=1", "#top", "?a=b"]),
)
def test_an_article_has_one_canonical_url(
    day: date, number: int, form: str, scheme: str, host: str, tail: str
) -> None:
    path = {
        "web": f"/web/English/{day:%Y-%m/%d}/content_{number}.html",
        "hashed": f"/English/News/{day:%Y%m}/{number:032x}.shtml",
        "dated": f"/English/News/{day:%Y-%m/%d}/content_{number}.shtml",
    }[form]
    url = f"{scheme}://{host}{path}{tail}"
    canonical = urls.canonicalise(SOURCE, url)
    assert canonical == f"https://{SOURCE.host}{path}"
    assert urls.canonicalise(SOURCE, canonical) == canonical
    assert urls.is_article(SOURCE, url)
    found = urls.match_form(SOURCE, url)
    assert found is not None
    assert found.name == form
    days = urls.get_days(SOURCE, url)
    assert days is not None
    assert days[0] <= day <= days[1]
    assert (days[0] == days[1]) is (form != "hashed") or day == days[0] == days[1]


def test_a_corrupted_page_is_an_article_or_a_reject() -> None:
    outcomes = read_spoilt(PAGES)
    assert outcomes["article"] > PAGES / 4
    assert len(outcomes) > 5


def test_a_corrupted_page_without_source_is_an_article_or_a_reject() -> None:
    outcomes = read_spoilt_of_no_source(PAGES // 4)
    assert outcomes["article"] > PAGES // 4 / 2


def test_an_uncorrupted_page_is_an_article_or_a_soft_404() -> None:
    for url, body in pages()[:-3]:
        found = read(body, url)
        assert isinstance(found, Article) or found.reason in (Reason.SOFT_404, Reason.REMOVED_PAGE), url


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from(["utf-8", None, "gbk", "utf-7", "idna", "rot13"]),
)
def test_any_bytes_are_an_article_or_a_reject(body: bytes, charset: str | None) -> None:
    for page in (body, b"<html><body><h1>Title</h1><p>" + body + b"</p></body></html>"):
        for found in (read(page, ARTICLE_URL, charset), read_any(page, ARTICLE_URL, charset)):
            assert isinstance(found, Article) or found.reason is not Reason.PARSER_ERROR, found


@pytest.mark.parametrize("depth", [100, 1_000, 20_000])
def test_a_deeply_nested_page_is_a_reject(depth: int) -> None:
    body = b"<div>" * depth + b"text" + b"</div>" * depth
    for found in (read(body, ARTICLE_URL), read_any(body, ARTICLE_URL)):
        assert isinstance(found, Reject)
        assert found.reason is not Reason.PARSER_ERROR, found.message
