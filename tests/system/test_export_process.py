"""`newsetl export` as a process that may write no more."""

import resource
from pathlib import Path

from tests.support import factories
from tests.support.factories import batch, page, web
from tests.support.processes import newsetl


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    warehouse, run_id = factories.opened(tmp_path / "data" / "news.duckdb")
    with warehouse:
        warehouse.load(batch(*(page(n, web(n), text="A word. " * 100) for n in range(9))), run_id=run_id)
    into = tmp_path / "into"
    into.mkdir()
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (900, 900))  # noqa: E731
    words = ("export", "--format", "csv", "-o", into / "x", "--data", tmp_path / "data")
    words += ("--partition-by", "month")
    done = newsetl(*words, cwd=tmp_path, preexec_fn=limit)
    assert done.returncode == 2
    assert done.stderr.startswith(f"newsetl: cannot write {into / '.x.newsetl-new'}")
    assert done.stderr.endswith(": File too large\n")
    assert list(into.iterdir()) == []
