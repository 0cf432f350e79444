"""What the machine can do to a run: signals, a second run, a full disk, a folder that cannot be written."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest

from newsetl.archive import reader
from newsetl.db.connection import translate_errors
from newsetl.replica import MockServer
from newsetl.runtime import lock
from tests.support import replica_runs
from tests.support.commands import newsetl
from tests.support.held import TIMEOUT, Held

ARTICLES = 20


@pytest.fixture(scope="module")
def replica() -> Iterator[MockServer]:
    with replica_runs.served(ARTICLES) as served:
        yield served


@pytest.fixture(scope="module")
def wanted(replica: MockServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    folder = tmp_path_factory.mktemp("undisturbed")
    assert run(replica, folder)[0] == 0
    return replica_runs.contents(folder)


def command(replica: MockServer, folder: Path, *more: object) -> tuple[object, ...]:
    return ("ingest", "stdaily", "--base-url", replica.base_url, "--data", folder, *more)


def run(replica: MockServer, folder: Path, *more: object) -> tuple[int, str, str]:
    """Run the ingest in this process; return its exit status, output and errors."""
    ended = newsetl(*command(replica, folder, *more), batch_pages=7)
    return ended.returncode, ended.stdout, ended.stderr


def signalled(
    replica: MockServer, folder: Path, number: signal.Signals, *, is_repeated: bool = False
) -> tuple[int, str, str]:
    """Send the signal to an ingest that waits for the response of a page in the middle.

    The response comes after the signal; if that is repeated it never comes: the second one must end the run.
    """
    held = Held()
    replica.inject(held, at=re.escape(replica.site.listed_articles[ARTICLES // 2].paths[0]))
    try:
        with replica_runs.newsetl(*command(replica, folder)) as process:
            held.wait()
            process.send_signal(number)
            if is_repeated:
                assert process.stderr
                assert "a second Ctrl-C stops at once" in process.stderr.readline()
                process.send_signal(number)
            else:
                held.release()
            output, errors = process.communicate(timeout=TIMEOUT)
    finally:
        held.release()
        replica.clear_faults()
    return process.returncode, output, errors


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_lets_the_page_in_hand_be_finished(
    tmp_path: Path, replica: MockServer, wanted: dict[str, tuple[int, str]], number: signal.Signals
) -> None:
    began = len(replica.requests)
    status, output, errors = signalled(replica, tmp_path, number)
    assert status == 130
    assert "stopped after" in output
    assert "run it again" in errors
    assert reader.list_open_files(tmp_path / "archive") == ()
    status, _, errors = run(replica, tmp_path)
    # A long run reports its progress.
    other = [line for line in errors.splitlines() if not re.match(r"stdaily: \d+ pages fetched, ", line)]
    assert (status, other) == (0, [])
    assert replica_runs.contents(tmp_path) == wanted
    pages = [path for _, path in replica.requests[began:] if "content_" in path]
    assert len(pages) == len(set(pages))


def test_a_second_signal_stops_at_once_and_loses_nothing(
    tmp_path: Path, replica: MockServer, wanted: dict[str, tuple[int, str]]
) -> None:
    status, _, errors = signalled(replica, tmp_path, signal.SIGINT, is_repeated=True)
    assert status == 130, errors
    assert run(replica, tmp_path)[0] == 0
    assert replica_runs.contents(tmp_path) == wanted


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let SIGINT raise KeyboardInterrupt, also in a background job, whose shell ignores SIGINT."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_signal_in_the_middle_of_a_query_is_no_fault_of_the_warehouse(tmp_path: Path) -> None:
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    query = "SELECT sum(hash(a.range) + b.range) FROM range(1000000) a, range(20000) b"
    with ExitStack() as stack:
        connection = stack.enter_context(duckdb.connect())
        # Otherwise closing the connection can wait for the query's end.
        stack.callback(connection.interrupt)
        with pytest.raises(KeyboardInterrupt), translate_errors(tmp_path):
            connection.execute(query).fetchall()


def test_a_signal_while_a_table_is_handed_over_is_none_either(tmp_path: Path) -> None:
    class Table:
        def __arrow_c_stream__(self, _: object = None) -> object:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), translate_errors(tmp_path), duckdb.connect() as connection:
        connection.register("handed", Table())


def test_a_second_run_names_the_first_or_waits_for_it(tmp_path: Path, replica: MockServer) -> None:
    with lock.hold_lock(tmp_path):
        status, _, errors = run(replica, tmp_path, "--lock-timeout", "0.2")
        assert status == 2
        assert f"process {os.getpid()}, started 20" in errors
        assert "in use by" in errors
        assert errors.count("\n") == 1
        assert not (tmp_path / "archive").exists()
        process = replica_runs.newsetl(*command(replica, tmp_path, "--lock-timeout", "300"))
        assert process.stderr
        assert "waiting up to 300 s" in process.stderr.readline()
        assert process.poll() is None
    with process:
        process.communicate(timeout=TIMEOUT)
    assert process.returncode == 0


def test_a_lock_goes_with_its_process(tmp_path: Path, replica: MockServer) -> None:
    code = (
        "from newsetl.runtime import lock; from pathlib import Path; import time\n"
        f"with lock.hold_lock(Path({str(tmp_path)!r})):"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code + "\n print('held', flush=True); time.sleep(60)"],
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        holder.kill()
    with lock.hold_lock(tmp_path, timeout=1):
        assert f"process {os.getpid()}" in (tmp_path / "lock").read_text()


def limited(size: int) -> Callable[[], None]:
    """No file of the process may become larger: what a full disk does to it."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [5_000, 60_000, 200_000, 600_000])
def test_a_full_disk_is_a_clear_error_and_the_next_run_is_fine(
    tmp_path: Path, replica: MockServer, wanted: dict[str, tuple[int, str]], size: int
) -> None:
    status, output, errors = replica_runs.ended(*command(replica, tmp_path), preexec_fn=limited(size))
    assert status in (1, 2)
    assert "File too large" in output + errors, output + errors
    assert "Traceback" not in errors
    status, _, errors = run(replica, tmp_path)
    assert status == 0, errors
    assert replica_runs.contents(tmp_path) == wanted
    assert all(not isinstance(each, Exception) for each in reader.iterate_captures(tmp_path / "archive"))


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    """A folder in which nothing can be written, for root neither."""
    folder = tmp_path / "locked"
    folder.mkdir()
    if os.geteuid():
        folder.chmod(0o500)
        yield folder
        folder.chmod(0o700)
        return
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", folder], check=False).returncode:
        pytest.skip("root can write everywhere, and no file system can be mounted here")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_folder_that_cannot_be_written_is_a_clear_error(read_only: Path, replica: MockServer) -> None:
    for folder in (read_only, read_only / "deeper"):
        status, _, errors = run(replica, folder)
        assert status == 2
        assert "cannot be written" in errors
        assert errors.count("\n") == 1


def test_an_archive_that_cannot_be_made_fails_the_run(tmp_path: Path, replica: MockServer) -> None:
    (tmp_path / "archive").write_text("no folder")
    status, output, errors = run(replica, tmp_path)
    assert status == 1, errors
    assert "cannot be written" in output
    (tmp_path / "archive").unlink()
    assert run(replica, tmp_path)[0] == 0


def test_a_warehouse_that_another_program_holds_is_named(tmp_path: Path, replica: MockServer) -> None:
    with duckdb.connect(tmp_path / "work.duckdb") as notebook:
        notebook.execute("SELECT 1")
        # In this process the two would share the open file.
        status, _, errors = replica_runs.ended(*command(replica, tmp_path))
        assert status == 2
        assert f"PID {os.getpid()}" in errors
        assert errors.count("\n") == 1
    (tmp_path / "work.duckdb").unlink(missing_ok=True)
    assert run(replica, tmp_path)[0] == 0
