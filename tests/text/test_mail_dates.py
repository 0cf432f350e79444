"""Tests of times in mail and HTTP headers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from newsetl.fetch.throttle import parse_retry_after
from newsetl.text.mail_dates import parse_mail_date

MOMENT = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["Fri, 20 Nov 2026 10:00:00 GMT", "Fri, 20 Nov 26 11:00:00 +0100", "20 Nov 2026 10:00"]
)
def test_a_time_is_in_utc(text: str) -> None:
    assert parse_mail_date(text) == MOMENT


def test_a_time_without_a_zone_is_in_the_given_zone() -> None:
    zone = timezone(timedelta(hours=8))
    assert parse_mail_date("Fri, 20 Nov 2026 18:00:00", zone) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "Fri, 20 Nov 99999 10:00:00 GMT", "Fri, 20 Nov 2026 10:00:00 +99999999",
        "Fri, 31 Dec 9999 23:00:00 -2300", "Fri, 99 Foo 2026 99:99:99",
        "1 Jan 99999999999999999999 00:00:00", ", , ,",
    ],
)  # fmt: skip
def test_other_text_is_no_time(text: str) -> None:
    assert parse_mail_date(text) is None
    assert parse_retry_after({"retry-after": text}) is None


def test_a_retry_after_is_seconds_or_a_time() -> None:
    date = "Fri, 20 Nov 2026 10:00:00 GMT"
    assert parse_retry_after({"retry-after": "Fri, 20 Nov 2026 10:02:00", "date": date}) == 120
    assert parse_retry_after({"retry-after": "Fri, 20 Nov 2020 10:00:00 GMT", "date": date}) == 0
    assert parse_retry_after({"retry-after": "90"}) == 90
    assert parse_retry_after({"retry-after": "-5"}) is None
