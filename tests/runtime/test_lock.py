"""Lock of a data directory: one writer at a time, and reports on its holder."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from newsetl.errors import WarehouseError
from newsetl.runtime import lock


def test_a_second_writer_gets_the_name_of_the_first_and_the_directory_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices: list[str] = []
    command = " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
    notice = f"{tmp_path}: in use by {command} (process {os.getpid()}, started "
    with ExitStack() as first:
        first.enter_context(lock.hold_lock(tmp_path))
        with (
            pytest.raises(WarehouseError) as rejected,
            lock.hold_lock(tmp_path, timeout=0.2, on_wait=notices.append),
        ):
            pass
        assert str(rejected.value).startswith(notice)
        assert str(rejected.value).endswith(f"waited 0.2 s; {lock.ADVICE}")
        assert notices == []
        monkeypatch.setattr(lock, "NOTICE_SECONDS", 0.0)

        def release(line: str) -> None:
            notices.append(line)
            (tmp_path / lock.LOCK_FILE).write_text("the first")
            first.close()

        with lock.hold_lock(tmp_path, timeout=600, on_wait=release):
            assert str(os.getpid()) in (tmp_path / lock.LOCK_FILE).read_text()
            assert "the first" not in (tmp_path / lock.LOCK_FILE).read_text()
        (line,) = notices
        assert (line.startswith(notice), line.endswith("; waiting up to 600 s")) == (True, True)
