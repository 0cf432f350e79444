"""A process that dies, or finds the disk full, in the middle of its loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from newsetl.db.writer import Warehouse
from tests.support import ROOT, factories

FULL = """
import resource, sys
from pathlib import Path
from tests.support import factories
from newsetl.errors import WarehouseError
warehouse, run_id = factories.opened(Path(sys.argv[1]))
warehouse.load(factories.batch(factories.page(1, factories.web(1))), run_id=run_id)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    for n in range(2, 50):
        text = factories.hashlib.sha512(str(n).encode()).hexdigest() * 5000
        page = factories.page(n, factories.web(n), title=str(n), text=text)
        warehouse.load(factories.batch(page), run_id=run_id)
except WarehouseError as error:
    print(error)
"""


@factories.of_file
def test_a_disk_that_takes_no_more_is_one_line_and_what_was_loaded_stays(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ran.stdout.startswith(f"{path}: ")
    assert len(ran.stdout.splitlines()) == 1
    with Warehouse(path) as warehouse:
        assert warehouse.connection.execute("SELECT count(*) > 0 FROM articles").fetchall() == [(True,)]


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.support import factories
warehouse, run_id = factories.opened(Path(sys.argv[1]))
for n in range(1, 4):
    warehouse.load(factories.batch(factories.page(n, factories.web(n), title=str(n))), run_id=run_id)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_process_that_is_killed_leaves_what_it_loaded(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    ran = subprocess.run([sys.executable, "-c", KILLED, str(path)], cwd=ROOT, check=False)
    assert ran.returncode == -9
    with Warehouse(factories.place(path)) as warehouse:
        assert warehouse.connection.execute("SELECT count(*) FROM articles").fetchall() == [(3,)]
