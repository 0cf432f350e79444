"""Four concurrent writers of a lake."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.support import lake_runs, postgres


@pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING)
@pytest.mark.skipif(not duckdb.__version__.startswith("1.5."), reason="extensions are for DuckDB 1.5")
def test_four_writers_and_a_reader_do_not_disturb_one_another(tmp_path: Path) -> None:
    lake = postgres.lake(tmp_path / "lake")
    lake_runs.write_and_read_concurrently(lake, tmp_path, writers=4, loads=3, pages=40)
