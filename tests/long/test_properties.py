"""Many pages spoilt at random: each is an article or a reject. NEWSETL_FUZZ_PAGES sets how many."""

from __future__ import annotations

import os

from tests.support.spoilt_pages import read_spoilt, read_spoilt_of_no_source

PAGES = int(os.environ.get("NEWSETL_FUZZ_PAGES", "1500"))


def test_a_spoilt_page_is_an_article_or_a_reject() -> None:
    outcomes = read_spoilt(PAGES)
    assert outcomes["article"] > PAGES / 4
    assert len(outcomes) > 5


def test_a_spoilt_page_of_no_source_is_an_article_or_a_reject() -> None:
    outcomes = read_spoilt_of_no_source(PAGES // 10)
    assert outcomes["article"] > PAGES / 20
