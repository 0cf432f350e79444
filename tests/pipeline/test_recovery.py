"""Recovery of crashed runs without new requests, and discovery after an incomplete run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from newsetl.archive import reader
from newsetl.model import Window
from newsetl.pipeline import recover
from newsetl.pipeline.summary import RunSummary
from newsetl.replica import listings
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source
from tests.support import factories, replica_runs
from tests.support.factories import NOON
from tests.support.replica_runs import Failing, ingest, rows, source_of


class _Crash(BaseException):
    """Exception that no stage raises or catches."""


@pytest.fixture(scope="module")
def replica() -> Iterator[Failing]:
    with replica_runs.served(24) as served:
        yield served


@pytest.fixture(scope="module")
def expected(replica: Failing, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """Return the contents of a warehouse after an undisturbed run."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert ingest(folder, source_of(replica)).state == "completed"
    return replica_runs.contents(folder)


def crash(folder: Path, source: Source, *, after: int) -> None:
    """Let a run crash after so many pages, none of them loaded."""

    def on_progress(summary: RunSummary) -> None:
        if summary.fetched == after:
            raise _Crash

    with pytest.raises(_Crash):
        ingest(folder, source, on_progress=on_progress)


@pytest.fixture(scope="module")
def crashed_run(replica: Failing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let a run crash after fifteen pages; return its data directory."""
    folder = tmp_path_factory.mktemp("crashed")
    crash(folder, source_of(replica), after=15)
    return folder


@pytest.fixture
def open_file(crashed_run: Path, tmp_path: Path) -> Path:
    """Copy the crashed run's data directory to `tmp_path`; return its open archive file."""
    shutil.copytree(crashed_run, tmp_path, dirs_exist_ok=True)
    (file,) = (tmp_path / "archive").rglob("*.open")
    return file


def recover_folder(folder: Path) -> list[recover.RecoveredRun]:
    """Open the data directory for writing; return the runs that this recovers."""
    runs: list[recover.RecoveredRun] = []
    with recover.open_warehouse(DataFolder(folder), clock=replica_runs.now, on_recovered=runs.append):
        pass
    return runs


def test_archived_pages_are_loaded_without_a_request(
    tmp_path: Path, open_file: Path, replica: Failing, expected: dict[str, tuple[int, str]]
) -> None:
    assert replica_runs.unpublished(
        tmp_path, "SELECT count(*), (SELECT any_value(state) FROM runs) FROM articles"
    ) == [(0, "running")]
    request_count = len(replica.requests)
    (run,) = recover_folder(tmp_path)
    assert len(replica.requests) == request_count
    assert (run.source, run.articles + run.rejects) == ("stdaily", 15)
    assert not open_file.exists()
    assert open_file.with_name(open_file.name.removesuffix(".open")).is_file()
    ((state, error, ids),) = rows(
        tmp_path, "SELECT state, error, (SELECT list(DISTINCT run_id) FROM captures) = [run_id] FROM runs"
    )
    assert (state, ids) == ("failed", True)
    assert "process died" in error
    assert recover_folder(tmp_path) == []
    assert ingest(tmp_path, source_of(replica)).state == "completed"
    assert replica_runs.contents(tmp_path) == expected
    pages = [path for _, path in replica.requests[request_count:] if "content_" in path]
    assert len(pages) == len(set(pages))


def test_a_truncated_record_is_cut_off(
    tmp_path: Path, open_file: Path, replica: Failing, expected: dict[str, tuple[int, str]]
) -> None:
    content = open_file.read_bytes()
    truncated = reader.list_files(tmp_path / "archive")[0]
    *_, last = (
        each for each in reader.iterate_records(tmp_path / "archive", truncated) if hasattr(each, "offset")
    )
    assert last.offset
    open_file.write_bytes(content[: last.offset + 100])
    (run,) = recover_folder(tmp_path)
    assert run.articles + run.rejects == 14
    stored = (tmp_path / "archive" / truncated).read_bytes()
    assert stored.startswith(content[: last.offset])
    assert all(not isinstance(each, Exception) for each in reader.iterate_captures(tmp_path / "archive"))
    assert ingest(tmp_path, source_of(replica)).state == "completed"
    assert replica_runs.contents(tmp_path) == expected


def test_a_damaged_record_is_one_reject(
    tmp_path: Path, open_file: Path, replica: Failing, expected: dict[str, tuple[int, str]]
) -> None:
    (file,) = reader.list_files(tmp_path / "archive")
    pages = [
        each
        for each in reader.iterate_captures(tmp_path / "archive")
        if not isinstance(each, Exception) and each.kind == "article"
    ]
    damaged = pages[7]
    assert damaged.offset
    raw = bytearray(open_file.read_bytes())
    raw[damaged.offset + 60 : damaged.offset + 70] = b"\xff" * 10
    open_file.write_bytes(raw)
    (run,) = recover_folder(tmp_path)
    assert run.articles + run.rejects == 15
    assert rows(tmp_path, "SELECT reason, url, stage FROM open_rejects WHERE reason = 'archive_corrupt'") == [
        ("archive_corrupt", f"archive:{file}#{damaged.offset}", "parse")
    ]
    assert ingest(tmp_path, source_of(replica)).new > 0
    assert {**replica_runs.contents(tmp_path), "rejects": None} == {**expected, "rejects": None}


def test_a_file_without_a_record_is_removed_and_one_without_a_run_is_a_recovery(
    tmp_path: Path, open_file: Path, replica: Failing
) -> None:
    (file,) = reader.list_files(tmp_path / "archive")
    first = next(
        each for each in reader.iterate_captures(tmp_path / "archive") if not isinstance(each, Exception)
    )
    assert first.offset
    raw = open_file.read_bytes()
    (open_file.parent / "truncated.warc.gz.open").write_bytes(raw[:50])
    open_file.write_bytes(raw[first.offset :])
    replica_runs.lose(tmp_path)
    source = source_of(replica)
    with recover.open_warehouse(DataFolder(tmp_path), clock=replica_runs.now, declared=[source]):
        pass
    assert reader.list_files(tmp_path / "archive") == (file,)
    assert reader.list_open_files(tmp_path / "archive") == ()
    assert rows(tmp_path, "SELECT kind, state FROM runs") == [("recovery", "failed")]
    assert rows(tmp_path, "SELECT count(*) > 10 FROM captures WHERE kind = 'article'") == [(True,)]


@pytest.mark.usefixtures("open_file")
def test_the_run_keeps_its_id_in_a_new_warehouse(tmp_path: Path) -> None:
    before = replica_runs.unpublished(tmp_path, "SELECT run_id, kind, started_at FROM runs")
    replica_runs.lose(tmp_path)
    recover_folder(tmp_path)
    assert rows(tmp_path, "SELECT run_id, kind, started_at FROM runs") == before


def test_a_stopped_run_finishes_the_current_page(
    tmp_path: Path, replica: Failing, expected: dict[str, tuple[int, str]]
) -> None:
    seen: list[int] = []
    summary = ingest(
        tmp_path,
        source_of(replica),
        on_progress=lambda summary: seen.append(summary.fetched),
        should_stop=lambda: len(seen) == 9,
    )
    assert (summary.state, summary.error) == ("failed", "stopped after 9 pages")
    assert reader.list_open_files(tmp_path / "archive") == ()
    assert rows(tmp_path, "SELECT count(*) FROM captures WHERE kind = 'article'") == [(9,)]
    # Discovery stops at its next response.
    assert ingest(tmp_path, source_of(replica), should_stop=lambda: True).fetched == 0
    assert ingest(tmp_path, source_of(replica)).state == "completed"
    assert replica_runs.contents(tmp_path) == expected


def test_after_a_crash_discovery_continues_beyond_known_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "ROWS", 4)
    with replica_runs.served(36, rejected=0) as replica:
        source = source_of(replica)
        source = replace(source, discover=replace(source.discover, sitemaps=()))
        ingest(tmp_path / "complete", source)
        # The first listing page of a section is finished, the second is not.
        crash(tmp_path / "broken", source, after=6)
        ingest(tmp_path / "broken", source)
        assert replica_runs.contents(tmp_path / "broken") == replica_runs.contents(tmp_path / "complete")


def test_a_broken_listing_is_read_once_it_answers_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "ROWS", 4)
    with replica_runs.served(36, rejected=0) as replica:
        source = source_of(replica)
        source = replace(source, discover=replace(source.discover, sitemaps=()))
        complete = ingest(tmp_path / "complete", source)
        seconds = {path for _, path in replica.requests if path.endswith("_2.html") and "node_" in path}
        assert seconds
        replica.broken = frozenset(seconds)
        broken = ingest(tmp_path / "broken", source)
        assert broken.new < complete.new
        assert broken.rejected.total() == len(seconds)
        ((open_rejects,),) = rows(tmp_path / "broken", "SELECT count(*) FROM open_rejects")
        assert open_rejects == len(seconds)
        replica.broken = frozenset()
        assert ingest(tmp_path / "broken", source).new == complete.new - broken.new
        assert rows(tmp_path / "broken", "SELECT count(*) FROM open_rejects") == [(0,)]
        request_count = len(replica.requests)
        ingest(tmp_path / "broken", source)
        assert not seconds & {path for _, path in replica.requests[request_count:]}


@pytest.mark.parametrize(
    ("runs", "start_day"),
    [
        ([], None),
        ([(True, "completed")], 2),
        ([(True, "completed"), (True, "failed")], 2),
        ([(True, "completed"), (False, "completed")], 2),
        ([(True, "completed"), (True, "completed")], 3),
    ],
)
def test_a_daily_run_starts_where_the_last_complete_one_started(
    tmp_path: Path, runs: list[tuple[bool, str]], start_day: int | None
) -> None:
    warehouse, run_id = factories.opened(tmp_path / "news.duckdb")
    with warehouse:
        warehouse.finish_run(run_id, ended_at=NOON, state="completed", discovered=0, already_loaded=0)
        for number, (is_incremental, state) in enumerate(runs, 1):
            started_at = NOON + timedelta(days=number)
            run_id = warehouse.start_run(
                "stdaily",
                kind="ingest",
                window=Window(),
                started_at=started_at,
                is_incremental=is_incremental,
            )
            warehouse.finish_run(run_id, ended_at=started_at, state=state, discovered=0, already_loaded=0)
        assert warehouse.crawl_state.get_last_incremental_start("stdaily") == (
            start_day and date(2026, 3, start_day)
        )
        warehouse.crawl_state.add_override(
            "stdaily", start_on=date(2026, 1, 5), made_at=NOON + timedelta(days=9)
        )
        assert warehouse.crawl_state.get_last_incremental_start("stdaily") == date(2026, 1, 5)
