"""Runs under every network fault. docs/politeness-and-failures.md has the table of their results.

NEWSETL_WRITE_DOCS=1 rewrites it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT, network_faults
from tests.support.network_faults import CASES, Campaign, Case

DOCS = ROOT / "docs" / "politeness-and-failures.md"
BEGIN, END = "<!-- network: written by tests/long/test_network_faults.py -->", "<!-- network: end -->"

seen: dict[str, tuple[str, ...]] = {}


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    with network_faults.campaign(tmp_path_factory.mktemp("calm")) as made:
        yield made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault(case: Case, campaign: Campaign, tmp_path: Path) -> None:
    seen[case.name] = campaign.check(case, tmp_path)


def test_the_table_in_the_docs_is_what_was_seen() -> None:
    if len(seen) < len(CASES):
        pytest.skip("needs the whole file: the table is made of all its runs")
    head = ("Fault", "Run ended", "Articles", "Rejected", "Responses at the URL", "Message", "Next run")
    rows = [head, ("---",) * len(head), *((name, *cells) for name, cells in seen.items())]
    table = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)
    before, begin, rest = DOCS.read_text(encoding="utf-8").partition(BEGIN)
    found, end, after = rest.partition(END)
    assert begin, DOCS
    assert end, DOCS
    if os.environ.get("NEWSETL_WRITE_DOCS"):
        DOCS.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")
    else:
        assert found.strip() == table, "run the file with NEWSETL_WRITE_DOCS=1, then look at the difference"
