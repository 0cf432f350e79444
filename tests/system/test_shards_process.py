"""The archive read by worker processes that die: the warehouse is the same, and what kills them is named."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import active_children
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from newsetl import sources
from newsetl.archive import reader
from newsetl.pipeline import runners, shard_file, shards
from newsetl.pipeline.importing import files, job
from newsetl.pipeline.rebuild import RebuildResult
from newsetl.pipeline.retry_rejects import retry_rejects
from tests.support import archive_shards, replica_runs
from tests.support.archive_shards import rebuilt
from tests.support.commands import newsetl
from tests.support.held import TIMEOUT
from tests.support.replica_runs import rebuilt_contents, rows


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return archive_shards.fill(tmp_path_factory.mktemp("filled"), 40)


@pytest.fixture
def folder(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the data directory, to be read in several shards."""
    monkeypatch.setattr(shards, "SHARD_RECORDS", archive_shards.RECORDS)
    return copytree(filled, tmp_path / "data")


@contextmanager
def killing(file: str) -> Iterator[list[int]]:
    """Every worker that has this archive file open is killed, with "" every one; the processes that were."""
    killed: list[int] = []
    is_over = threading.Event()

    def kill() -> None:
        while not is_over.wait(0.002):
            for child in active_children():
                with suppress(OSError):
                    if child.pid and file in Path(f"/proc/{child.pid}/maps").read_text():
                        os.kill(child.pid, signal.SIGKILL)
                        killed.append(child.pid)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        is_over.set()
        thread.join()


def test_the_same_warehouse_whoever_dies(folder: Path) -> None:
    before, died = rebuilt_contents(folder), list[int]()

    def kill(done: RebuildResult) -> None:
        if not died:
            died.extend(child.pid for child in active_children() if child.pid)
            for pid in died:
                os.kill(pid, signal.SIGKILL)

    with runners.open_local_runner(2) as runner:
        done = rebuilt(folder, runner, on_progress=kill)
    assert len(died) == 2
    assert (done.failed, done.differing_tables) == ([], ())
    assert rebuilt_contents(folder) == before
    assert not shards.get_shard_folder(folder / "archive").exists()
    assert not [child for child in active_children() if child.pid in died]


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="tells by /proc which worker reads what")
def test_a_piece_that_kills_its_workers_is_named_and_the_rest_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, small = rebuilt_contents(folder), reader.list_files(folder / "archive")[1]
    with killing(small) as killed, runners.open_local_runner(2) as runner:
        done = rebuilt(folder, runner)
    assert done.is_old_kept
    assert rebuilt_contents(folder) == before
    assert len(set(killed)) >= runners.MAX_ATTEMPTS * len(done.failed) > 0
    assert all(small in piece and "its worker died by signal 9" in piece for piece in done.failed)
    assert not list(folder.glob("*.new*"))
    # What was read is not read again, and the warehouse can be had without the rest.
    read = list[Path]()

    def write(path: Path, *rest: Any) -> None:
        read.append(path)
        writing(path, *rest)

    writing = shard_file.write_entries
    monkeypatch.setattr(shard_file, "write_entries", write)
    with killing(small), runners.open_local_runner(2) as runner:
        forced = rebuilt(folder, runner, is_forced=True)
    assert not forced.is_old_kept
    assert len(forced.failed) == len(done.failed)
    rejected = rows(folder, "SELECT count(*), min(message) FROM open_rejects WHERE reason = 'parser_error'")
    assert rejected[0][0] > 0
    assert "died" in rejected[0][1]
    assert forced.captures == forced.captures_total
    assert not read
    whole = rebuilt(folder, runners.INLINE_RUNNER)
    assert len(read) == len(done.failed)
    assert not whole.failed
    assert rebuilt_contents(folder) == before


def test_an_import_whose_workers_die_lists_their_pages(folder: Path) -> None:
    declared = sources.load("stdaily").with_base_url(
        rows(folder, "SELECT home FROM sources")[0][0].rsplit("/web")[0]
    )
    place = folder.with_name("new")
    found = files.find_inputs([str(folder / "archive")])
    with (
        replica_runs.opened(place, declared) as warehouse,
        runners.open_local_runner(2) as runner,
        killing(""),
    ):
        done = job.import_files(
            declared, warehouse, place / "archive", found, clock=replica_runs.now, runner=runner
        )
    assert (done.summary.state, done.summary.new) == ("failed", 0)
    assert "its worker died" in done.errors[0]
    assert done.summary.rejected["parser_error"] > 30
    with replica_runs.opened(place, declared) as warehouse:
        again = retry_rejects(
            declared, warehouse, place / "archive", clock=replica_runs.now, is_network_allowed=False
        )
    assert again.from_archive >= 30


def started(*arguments: object) -> subprocess.Popen[str]:
    return replica_runs.newsetl(*arguments, start_new_session=True)


def test_the_commands_stop_with_their_workers_and_go_on(filled: Path, tmp_path: Path) -> None:
    folder = copytree(filled, tmp_path / "data")
    before = rebuilt_contents(folder)
    command = ("rebuild", "--data", folder, "--workers", 2)
    for number, to_all, status in ((signal.SIGINT, True, 130), (signal.SIGKILL, False, -9)):
        with started(*command) as process:
            deadline = time.monotonic() + TIMEOUT
            while not any(os.scandir(f"/proc/{process.pid}/task")) or _group(process.pid) < 3:
                assert time.monotonic() < deadline
                assert process.poll() is None, process.communicate()
                time.sleep(0.01)
            (os.killpg if to_all else os.kill)(process.pid, number)
            said = process.communicate(timeout=TIMEOUT)
        assert process.returncode == status, said
        while _group(process.pid):  # a worker whose newsetl is gone ends by itself
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert rebuilt_contents(folder) == before
    ended = newsetl(*command)
    assert ended.returncode == 0, ended.stderr
    assert "different from before: nothing" in ended.stdout


def _group(leader: int) -> int:
    """How many living processes are in the group."""
    found = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            found += int(group) == leader and state != "Z"
    return found
