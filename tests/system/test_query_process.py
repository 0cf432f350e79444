"""A reader of a warehouse that another process holds."""

import subprocess
import sys
from pathlib import Path

import pytest

from newsetl.errors import WarehouseError
from newsetl.query import status
from tests.support import factories

HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); sys.stdin.read()"


@factories.of_file
def test_a_writer_in_another_process_is_named(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    warehouse, _ = factories.opened(path)
    warehouse.close()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            with pytest.raises(WarehouseError, match=f"PID {process.pid}"):
                status.load_status(path)
        finally:
            process.kill()
