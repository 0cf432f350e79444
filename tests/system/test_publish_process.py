"""Readers in processes of their own, a full disk, and what README has of Python."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import threading
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from newsetl.db import publish
from newsetl.pipeline import batch_size, recover
from newsetl.runtime.data_folder import DataFolder
from tests.support import ROOT, replica_runs
from tests.support.data_directories import load_run
from tests.support.held import Held

# How many articles a reader sees, again and again, until its input ends; each new number is a line.
READER = """
import sys, threading, time
from pathlib import Path
from newsetl.query import reader
told = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), told.set()), daemon=True).start()
reads, longest, before = 0, 0.0, None
while not told.is_set():
    begun = time.monotonic()
    ((count,),) = reader.run_query(Path(sys.argv[1]), "SELECT count(*) FROM articles_flat").rows
    reads, longest = reads + 1, max(longest, time.monotonic() - begun)
    if count != before:
        print(count, flush=True)
    before = count
    told.wait(0.05)
print(f"{reads} {longest:.2f}")
"""
# Seconds: a limit for a test that hangs.
PATIENCE = 600


class Reader:
    """A process that reads the copy in a loop."""

    def __init__(self, path: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", READER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.lines: Queue[str] = Queue()
        self.counts: list[int] = []
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put("it has ended")

    def until(self, number: int) -> None:
        """Wait until it has seen at least so many articles."""
        while not self.counts or self.counts[-1] < number:
            self.counts.append(int(self.lines.get(timeout=PATIENCE)))

    def end(self) -> tuple[int, float]:
        """Return its number of reads and how many seconds the longest took, after it was told to end."""
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0
        self._thread.join()
        assert self.process.stdout
        self.process.stdout.close()
        reads, longest = self.lines.get_nowait().split()
        assert self.lines.get_nowait() == "it has ended"
        return int(reads), float(longest)


def test_readers_in_a_loop_never_fail_while_a_run_publishes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(batch_size, "BATCH_PAGES", 5)
    monkeypatch.setattr(publish, "MIN_INTERVAL_SECONDS", 0.0)
    monkeypatch.setattr(publish, "INTERVAL_FACTOR", 0)
    folder, held = DataFolder(tmp_path / "data"), Held(after=8)
    load_run(folder, 1)
    with replica_runs.served(20) as replica:
        replica.inject(held, at=".*content_.*")
        readers = [Reader(folder.published) for _ in range(2)]
        for reader in readers:
            reader.until(1)
        run = threading.Thread(
            target=replica_runs.ingest, args=(folder.path, replica_runs.source_of(replica))
        )
        run.start()
        try:
            # Every reader sees what was loaded before the run ends.
            for reader in readers:
                reader.until(2)
        finally:
            held.release()
            run.join()
        for reader in readers:
            reader.until(21)
        found = [reader.end() for reader in readers]
    for reader in readers:
        assert reader.counts == sorted(reader.counts)
        assert (reader.counts[0], reader.counts[-1]) == (1, 21)
        assert len(set(reader.counts)) > 2
    with capsys.disabled():
        sys.stdout.write(
            f"\n{sum(reads for reads, _ in found)} reads, 0 failed, "
            f"the longest took {max(longest for _, longest in found):.2f} s\n"
        )


def test_a_full_disk_leaves_the_copy_from_before(folder: DataFolder) -> None:
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        warehouse.connection.execute("CREATE TABLE more AS SELECT random() AS x FROM range(200000)")
    before, size = folder.published.read_bytes(), folder.warehouse.stat().st_size
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, size // 2))  # noqa: E731
    status, _, errors = replica_runs.ended("publish", "--data", folder.path, preexec_fn=limit)
    assert status == 2
    assert "not published" in errors
    assert "File too large" in errors
    assert errors.count("\n") == 1
    assert folder.published.read_bytes() == before
    assert not list(folder.path.glob("*.new*"))


def test_readmes_python_runs(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = (text for text in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "connect(" in text)
    monkeypatch.chdir(folder.path.parent)
    made: dict[str, Any] = {}
    exec(block, made)
    made["connection"].close()
    assert "articles" in capsys.readouterr().out
    assert made["table"].num_rows == 0


def test_the_door_costs_nothing_until_it_is_opened() -> None:
    code = (
        "import sys, newsetl; print([name for name in ('duckdb', 'pyarrow', 'typer') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
