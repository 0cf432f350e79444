"""The coverage table after forty random loads, against one that is made of everything."""

from __future__ import annotations

from pathlib import Path

from tests.support.coverage_loads import check_coverage
from tests.support.factories import Room


def test_days_made_anew_alone_give_the_ledger_that_all_would_give(tmp_path: Path) -> None:
    room = Room(tmp_path / "news.duckdb")
    spared, rows = check_coverage(room, range(40))
    room.warehouse.close()
    assert spared > 20
    assert rows > 100
