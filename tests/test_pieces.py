"""The archive in pieces: whoever reads them, and whoever dies over them, the warehouse is the same."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from multiprocessing import active_children
from pathlib import Path
from shutil import copytree
from types import NoneType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints
from uuid import UUID, uuid5

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsetl.archive import reader, writer
from newsetl.db import compare
from newsetl.db.connection import open_connection
from newsetl.errors import ConfigError
from newsetl.model import NAMESPACE, Capture
from newsetl.pipeline import dataclass_parquet, reparse, runners, shards
from newsetl.pipeline.importing import files, job
from newsetl.pipeline.rebuild import RebuildResult, rebuild
from newsetl.pipeline.runners import ShardRunner
from newsetl.pipeline.shard_entries import ShardEntry
from newsetl.replica import MockSite, article_pages
from newsetl.runtime.data_folder import DataFolder
from tests.support import replica_runs
from tests.support.replica_runs import ingest, rows, source_of

HOME = "https://www.stdaily.com"
CHANNEL = MockSite(articles=60, since=date(2022, 8, 1), until=date(2024, 4, 20))
AT = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def anything(hint: Any) -> st.SearchStrategy[Any]:
    """Whatever a field of this type may hold, halves of surrogate pairs included."""
    origin, arguments = get_origin(hint), get_args(hint)
    if is_dataclass(hint):
        hints = get_type_hints(hint)
        return st.builds(hint, **{each.name: anything(hints[each.name]) for each in fields(hint)})
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(hint)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin:
        several = [anything(each) for each in arguments if each is not ...]
        return {
            UnionType: lambda: st.one_of(*several),
            dict: lambda: st.dictionaries(*several, max_size=2),
            tuple: lambda: (
                st.tuples(*several) if ... not in arguments else st.lists(several[0], max_size=2).map(tuple)
            ),
        }[origin]()
    plain: dict[Any, st.SearchStrategy[Any]] = {
        str: st.text(st.characters(), max_size=4) | st.just("half a pair \ud83d"),
        int: st.integers(-(1 << 63), (1 << 63) - 1),
        bool: st.booleans(),
        bytes: st.binary(max_size=8),
        UUID: st.uuids(),
        NoneType: st.none(),
        date: st.dates(),
        datetime: st.timedeltas(timedelta(days=-40000), timedelta(days=40000)).map(AT.__add__),
    }
    return plain[hint]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(anything(ShardEntry), max_size=3))
def test_what_is_read_back_is_what_was_written(tmp_path: Path, entries: list[ShardEntry]) -> None:
    dataclass_parquet.write_records(tmp_path / "x.parquet", ShardEntry, entries)
    assert list(dataclass_parquet.read_records(tmp_path / "x.parquet", ShardEntry)) == entries


def capture(number: int, path: str, body: bytes) -> Capture:
    url = HOME + path
    headers = (("Content-Type", "text/html; charset=utf-8"), ("ETag", f'"{number}"'))
    at = AT + timedelta(seconds=number)
    return Capture(
        uuid5(NAMESPACE, url), "stdaily", "article", url, url, at, 200, headers, "utf-8", body, body
    )


def test_every_kind_of_page_comes_through_a_piece(tmp_path: Path) -> None:
    """Each story of the replica, and each page that is none: its piece has what reading it gives."""
    from tests.support.page_factory import STDAILY

    stories = CHANNEL.listed_articles
    none = {"soft_404": article_pages.render_soft_404(), "removed_page": article_pages.render_removed()}
    with writer.ArchiveWriter(tmp_path / "archive", started_at=AT, software="a test") as out:
        stored = []
        for number, story in enumerate(stories):
            path = story.paths[0]
            page = article_pages.render_article(
                story, path, HOME, stories[:5], number, CHANNEL.unlisted_articles
            ).encode()
            stored.append(out.store(capture(number, path, none.get(story.rejected or "") or page)))
    found = [(each.file or "", each.offset or 0, each.fetched_at) for each in stored]
    whole, *others = shards.build_shards(tmp_path / "archive", shards.build_page_ranges(STDAILY, found))
    assert not others
    shards.write_shard(whole)
    ((*entries,),) = shards.load_entries(whole)
    assert entries == list(shards.parse_shard(whole))
    assert [each.capture.capture_id for each in entries if each.capture] == [x.capture_id for x in stored]
    assert {each.reject.reason for each in entries if each.reject} == {"soft_404", "removed_page"}
    assert sum(each.article is not None for each in entries) == len(stories) - 3
    assert all(each.capture.size and not each.capture.body for each in entries if each.capture)
    # A file that is no piece is made again; one for another parser is refused.
    whole.path.write_bytes(b"torn")
    assert shards.load_entries(whole) == (entries,)
    with pytest.raises(ConfigError, match="install the same everywhere"):
        shards.write_shard(replace(whole, parser_id="0"))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs, the second small, with refusals, a changed story and a damaged record."""
    folder = tmp_path_factory.mktemp("filled")
    with replica_runs.served(100, since=date(2026, 1, 25), until=date(2026, 3, 20)) as replica:
        story = replica.site.list_newest(40)[-1]
        replica.broken = frozenset({"/web/English/node_474.html", story.paths[0]})
        ingest(folder, source_of(replica))
        replica.site.edit(replica.site.list_newest(3)[2])
        replica.site.add(3)
        ingest(folder, source_of(replica))
    first = reader.list_files(folder / "archive")[0]
    ((at,),) = rows(
        folder, f"SELECT \"offset\" FROM captures WHERE file = '{first}' ORDER BY ALL LIMIT 1 OFFSET 30"
    )
    path = folder / "archive" / first
    raw = bytearray(path.read_bytes())
    raw[at + 50 : at + 60] = b"\x00" * 10
    path.write_bytes(raw)
    rebuilt(folder, runners.INLINE_RUNNER, is_forced=True)
    assert rows(folder, "SELECT count(*) FROM open_rejects WHERE reason = 'archive_corrupt'") == [(1,)]
    return folder


@pytest.fixture
def folder(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, read in some dozen pieces."""
    monkeypatch.setattr(shards, "SHARD_RECORDS", 20)
    return copytree(filled, tmp_path / "data")


def rebuilt(folder: Path, runner: ShardRunner, **options: Any) -> RebuildResult:
    return rebuild(DataFolder(folder), clock=replica_runs.now, runner=runner, **options)


def held(folder: Path) -> dict[str, tuple[int, str]]:
    with open_connection(folder / "work.duckdb", is_read_only=True) as connection:
        return compare.compute_rebuilt_digests(connection)


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


@pytest.mark.parametrize("kind", runners.RUNNER_KINDS)
def test_the_same_warehouse_whoever_reads_and_whoever_dies(folder: Path, kind: str) -> None:
    before, died = held(folder), list[int]()

    def kill(done: RebuildResult) -> None:
        if not died:
            died.extend(child.pid for child in active_children() if child.pid)
            for pid in died:
                os.kill(pid, signal.SIGKILL)

    with runners.open_local_runner(2, kind) as runner:
        done = rebuilt(folder, runner, on_progress=kill)
    assert len(died) == (2 if kind == "processes" else 0)
    assert (done.failed, done.differing_tables) == ([], ())
    assert held(folder) == before
    assert not shards.get_shard_folder(folder / "archive").exists()
    assert not [child for child in active_children() if child.pid in died]


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="tells by /proc which worker reads what")
def test_a_piece_that_kills_its_workers_is_named_and_the_rest_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, small = held(folder), reader.list_files(folder / "archive")[1]
    with killing(small) as killed, runners.open_local_runner(2) as runner:
        done = rebuilt(folder, runner)
    assert done.is_old_kept
    assert held(folder) == before
    assert len(set(killed)) >= runners.MAX_ATTEMPTS * len(done.failed) > 0
    assert all(small in piece and "its worker died by signal 9" in piece for piece in done.failed)
    assert not list(folder.glob("*.new*"))
    # What was read is not read again, and the warehouse can be had without the rest.
    read = list[Path]()

    def write(path: Path, *rest: Any) -> None:
        read.append(path)
        writing(path, *rest)

    writing = dataclass_parquet.write_records
    monkeypatch.setattr(dataclass_parquet, "write_records", write)
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
    assert held(folder) == before


def test_reparse_and_import_with_workers_give_what_they_give_alone(folder: Path) -> None:
    from newsetl import sources

    declared = sources.load("stdaily").with_base_url(
        rows(folder, "SELECT home FROM sources")[0][0].rsplit("/web")[0]
    )
    # Nothing is read of a page's pictures: then today's parser finds all of them.
    worse = replace(declared, parse=replace(declared.parse, photo_labels=(), editor_labels=()))
    rebuilt(folder, runners.INLINE_RUNNER, is_forced=True, declared=[worse])
    alone, together = folder, copytree(folder, folder.with_name("together"))
    for place, workers in ((alone, 1), (together, 2)):
        with (
            replica_runs.opened(place, declared) as warehouse,
            runners.open_local_runner(workers) as runner,
        ):
            made = reparse.find_changes(declared, warehouse, place / "archive", runner=runner)
            assert made.fields["credits"] > 60
            assert made.unreadable == 0
            assert shards.get_shard_folder(place / "archive").exists()
            reparse.load_changes(made, declared, warehouse, place / "archive", clock=replica_runs.now)
        assert not shards.get_shard_folder(place / "archive").exists()
    assert replica_runs.contents(alone) == replica_runs.contents(together)
    # The archive is a WARC file like any other: another newsetl takes it in.
    found = files.find_inputs([str(alone / "archive")])
    made, at = [], replica_runs.now()
    for place, workers in ((folder.with_name("one"), 1), (folder.with_name("two"), 2)):
        with replica_runs.opened(place, declared) as warehouse, runners.open_local_runner(workers) as runner:
            done = job.import_files(
                declared, warehouse, place / "archive", found, clock=lambda: at, runner=runner
            )
            made.append((done.summary.new, done.summary.discovered, done.summary.rejected, done.errors))
    assert made[0] == made[1]
    assert made[0][0] >= 100
    assert replica_runs.contents(folder.with_name("one")) == replica_runs.contents(folder.with_name("two"))


def test_an_import_whose_workers_die_lists_their_pages(folder: Path) -> None:
    from newsetl import sources

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
    assert done.summary.rejected["parser_error"] > 100
    from newsetl.pipeline.retry_rejects import retry_rejects

    with replica_runs.opened(place, declared) as warehouse:
        again = retry_rejects(
            declared, warehouse, place / "archive", clock=replica_runs.now, is_network_allowed=False
        )
    assert again.from_archive >= 100


def started(*arguments: object) -> subprocess.Popen[str]:
    return replica_runs.newsetl(*arguments, start_new_session=True)


def test_the_commands_stop_with_their_workers_and_go_on(filled: Path, tmp_path: Path) -> None:
    folder = copytree(filled, tmp_path / "data")
    before = held(folder)
    command = ("rebuild", "--data", folder, "--workers", 2)
    for number, to_all, status in ((signal.SIGINT, True, 130), (signal.SIGKILL, False, -9)):
        with started(*command) as process:
            deadline = time.monotonic() + 60
            while not any(os.scandir(f"/proc/{process.pid}/task")) or _group(process.pid) < 3:
                assert time.monotonic() < deadline
                assert process.poll() is None, process.communicate()
                time.sleep(0.01)
            (os.killpg if to_all else os.kill)(process.pid, number)
            said = process.communicate(timeout=60)
        assert process.returncode == status, said
        while _group(process.pid):  # a worker whose newsetl is gone ends by itself
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert held(folder) == before
    status, output, errors = replica_runs.ended(*command)
    assert status == 0, errors
    assert "different from before: nothing" in output
    status, _, errors = replica_runs.ended(*command, "--runner", "dask")
    assert (status, errors.count("\n")) == (2, 1)
    assert "threads and processes" in errors


def _group(leader: int) -> int:
    """How many living processes are in the group."""
    found = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, group = stat.read_text().rpartition(")")[2].split()[:3]
            found += int(group) == leader and state != "Z"
    return found
