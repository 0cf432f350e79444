"""Network faults with real effects: one of each outcome. tests/long has all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import network_faults
from tests.support.network_faults import CASES, ONE, Campaign, Case

SELECTED = {
    ONE + "503 twice",
    ONE + "503, Retry-After: a date 2 seconds on",
    ONE + "429, Retry-After: an hour",
    ONE + "reset in mid-body each time",
    ONE + "body dripping, byte by byte",
    ONE + "gzip bomb of 100 MB",
    "all articles: the firewall's page, for an hour",
    "listings: shrunk to two rows, and the sitemap: 503",
}


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    with network_faults.campaign(tmp_path_factory.mktemp("calm")) as runs:
        yield runs


def select_cases() -> list[Case]:
    """Return the cases named in SELECTED."""
    cases = [case for case in CASES if case.name in SELECTED]
    assert len(cases) == len(SELECTED)
    return cases


@pytest.mark.parametrize("case", select_cases(), ids=lambda case: case.name)
def test_a_fault(case: Case, campaign: Campaign, tmp_path: Path) -> None:
    campaign.check(case, tmp_path)
