"""Two processes that want to write in one folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsetl.errors import WarehouseError
from newsetl.runtime import lock

HOLDER = """
import sys, pathlib
from newsetl.runtime import lock
with lock.hold_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_who_waits_is_told_for_whom(tmp_path: Path) -> None:
    told: list[str] = []
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    by = f"{tmp_path}: in use by -c {tmp_path} (process {holder.pid}, started "
    with (
        pytest.raises(WarehouseError) as rejected,
        lock.hold_lock(tmp_path, timeout=0.2, on_wait=told.append),
    ):
        pass
    assert str(rejected.value).startswith(by)
    assert str(rejected.value).endswith(f"waited 0.2 s; {lock.ADVICE}")
    assert told == []

    def release(line: str) -> None:
        told.append(line)
        holder.communicate("go\n")

    with lock.hold_lock(tmp_path, timeout=600, on_wait=release):
        assert str(os.getpid()) in (tmp_path / lock.LOCK_FILE).read_text()
    (line,) = told
    assert (line.startswith(by), line.endswith("; waiting up to 600 s")) == (True, True)
