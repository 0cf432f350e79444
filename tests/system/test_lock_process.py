"""Lock of a data directory between two processes."""

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


def test_a_waiting_process_gets_the_name_of_the_holder(tmp_path: Path) -> None:
    notices: list[str] = []
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, tmp_path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdin
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    notice = f"{tmp_path}: in use by -c {tmp_path} (process {holder.pid}, started "
    with (
        pytest.raises(WarehouseError) as rejected,
        lock.hold_lock(tmp_path, timeout=0.2, on_wait=notices.append),
    ):
        pass
    assert str(rejected.value).startswith(notice)
    assert str(rejected.value).endswith(f"waited 0.2 s; {lock.ADVICE}")
    assert notices == []

    def release(line: str) -> None:
        notices.append(line)
        holder.communicate("go\n")

    with lock.hold_lock(tmp_path, timeout=600, on_wait=release):
        assert str(os.getpid()) in (tmp_path / lock.LOCK_FILE).read_text()
    (line,) = notices
    assert (line.startswith(notice), line.endswith("; waiting up to 600 s")) == (True, True)
