"""What a dead run kept is loaded without asking again, and the next discovery goes as far as it must."""

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


class _Died(BaseException):
    """What no stage raises."""


@pytest.fixture(scope="module")
def replica() -> Iterator[Failing]:
    with replica_runs.served(24) as served:
        yield served


@pytest.fixture(scope="module")
def wanted(replica: Failing, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[int, str]]:
    """What an undisturbed run makes."""
    folder = tmp_path_factory.mktemp("undisturbed")
    assert ingest(folder, source_of(replica)).state == "completed"
    return replica_runs.contents(folder)


def die(folder: Path, source: Source, *, after: int) -> None:
    """Let a run die after so many pages, none of them loaded."""

    def on_progress(summary: RunSummary) -> None:
        if summary.fetched == after:
            raise _Died

    with pytest.raises(_Died):
        ingest(folder, source, on_progress=on_progress)


@pytest.fixture(scope="module")
def dead_run(replica: Failing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let a run die after fifteen pages; return its data directory."""
    folder = tmp_path_factory.mktemp("dead")
    die(folder, source_of(replica), after=15)
    return folder


@pytest.fixture
def left(dead_run: Path, tmp_path: Path) -> Path:
    """Copy the dead run's data directory to `tmp_path`; return the archive file that it left open."""
    shutil.copytree(dead_run, tmp_path, dirs_exist_ok=True)
    (file,) = (tmp_path / "archive").rglob("*.open")
    return file


def recovered(folder: Path) -> list[recover.RecoveredRun]:
    found: list[recover.RecoveredRun] = []
    with recover.open_warehouse(DataFolder(folder), clock=replica_runs.now, on_recovered=found.append):
        pass
    return found


def test_what_was_kept_is_loaded_without_a_request(
    tmp_path: Path, left: Path, replica: Failing, wanted: dict[str, tuple[int, str]]
) -> None:
    assert replica_runs.unpublished(
        tmp_path, "SELECT count(*), (SELECT any_value(state) FROM runs) FROM articles"
    ) == [(0, "running")]
    asked = len(replica.requests)
    (found,) = recovered(tmp_path)
    assert len(replica.requests) == asked
    assert (found.source, found.articles + found.rejects) == ("stdaily", 15)
    assert not left.exists()
    assert left.with_name(left.name.removesuffix(".open")).is_file()
    ((state, error, ids),) = rows(
        tmp_path, "SELECT state, error, (SELECT list(DISTINCT run_id) FROM captures) = [run_id] FROM runs"
    )
    assert (state, ids) == ("failed", True)
    assert "died" in error
    assert recovered(tmp_path) == []
    assert ingest(tmp_path, source_of(replica)).state == "completed"
    assert replica_runs.contents(tmp_path) == wanted
    pages = [path for _, path in replica.requests[asked:] if "content_" in path]
    assert len(pages) == len(set(pages))


def test_the_torn_tail_is_cut(
    tmp_path: Path, left: Path, replica: Failing, wanted: dict[str, tuple[int, str]]
) -> None:
    whole = left.read_bytes()
    torn = reader.list_files(tmp_path / "archive")[0]
    *_, last = (
        each for each in reader.iterate_records(tmp_path / "archive", torn) if hasattr(each, "offset")
    )
    assert last.offset
    left.write_bytes(whole[: last.offset + 100])
    (found,) = recovered(tmp_path)
    assert found.articles + found.rejects == 14
    kept = (tmp_path / "archive" / torn).read_bytes()
    assert kept.startswith(whole[: last.offset])
    assert all(not isinstance(each, Exception) for each in reader.iterate_captures(tmp_path / "archive"))
    assert ingest(tmp_path, source_of(replica)).state == "completed"
    assert replica_runs.contents(tmp_path) == wanted


def test_a_damaged_record_is_one_reject(
    tmp_path: Path, left: Path, replica: Failing, wanted: dict[str, tuple[int, str]]
) -> None:
    (file,) = reader.list_files(tmp_path / "archive")
    pages = [
        each
        for each in reader.iterate_captures(tmp_path / "archive")
        if not isinstance(each, Exception) and each.kind == "article"
    ]
    hit = pages[7]
    assert hit.offset
    raw = bytearray(left.read_bytes())
    raw[hit.offset + 60 : hit.offset + 70] = b"\xff" * 10
    left.write_bytes(raw)
    (found,) = recovered(tmp_path)
    assert found.articles + found.rejects == 15
    assert rows(tmp_path, "SELECT reason, url, stage FROM open_rejects WHERE reason = 'archive_corrupt'") == [
        ("archive_corrupt", f"archive:{file}#{hit.offset}", "parse")
    ]
    assert ingest(tmp_path, source_of(replica)).new > 0
    assert {**replica_runs.contents(tmp_path), "rejects": None} == {**wanted, "rejects": None}


def test_a_file_with_nothing_whole_goes_and_one_without_a_run_is_a_recovery(
    tmp_path: Path, left: Path, replica: Failing
) -> None:
    (file,) = reader.list_files(tmp_path / "archive")
    first = next(
        each for each in reader.iterate_captures(tmp_path / "archive") if not isinstance(each, Exception)
    )
    assert first.offset
    raw = left.read_bytes()
    (left.parent / "torn.warc.gz.open").write_bytes(raw[:50])
    left.write_bytes(raw[first.offset :])
    replica_runs.lose(tmp_path)
    source = source_of(replica)
    with recover.open_warehouse(DataFolder(tmp_path), clock=replica_runs.now, declared=[source]):
        pass
    assert reader.list_files(tmp_path / "archive") == (file,)
    assert reader.list_open_files(tmp_path / "archive") == ()
    assert rows(tmp_path, "SELECT kind, state FROM runs") == [("recovery", "failed")]
    assert rows(tmp_path, "SELECT count(*) > 10 FROM captures WHERE kind = 'article'") == [(True,)]


@pytest.mark.usefixtures("left")
def test_a_lost_warehouse_gets_the_run_under_its_own_id(tmp_path: Path) -> None:
    before = replica_runs.unpublished(tmp_path, "SELECT run_id, kind, started_at FROM runs")
    replica_runs.lose(tmp_path)
    recovered(tmp_path)
    assert rows(tmp_path, "SELECT run_id, kind, started_at FROM runs") == before


def test_a_run_that_is_asked_to_stop_finishes_the_page_in_hand(
    tmp_path: Path, replica: Failing, wanted: dict[str, tuple[int, str]]
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
    # Between pages too: discovery alone is stopped at its next response.
    assert ingest(tmp_path, source_of(replica), should_stop=lambda: True).fetched == 0
    assert ingest(tmp_path, source_of(replica)).state == "completed"
    assert replica_runs.contents(tmp_path) == wanted


def test_after_a_dead_run_discovery_goes_on_beyond_known_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "ROWS", 4)
    with replica_runs.served(36, rejected=0) as replica:
        source = source_of(replica)
        source = replace(source, discover=replace(source.discover, sitemaps=()))
        ingest(tmp_path / "whole", source)
        # The first page of a section is done, the second is not.
        die(tmp_path / "broken", source, after=6)
        ingest(tmp_path / "broken", source)
        assert replica_runs.contents(tmp_path / "broken") == replica_runs.contents(tmp_path / "whole")


def test_what_a_broken_listing_hid_is_found_when_it_answers_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listings, "ROWS", 4)
    with replica_runs.served(36, rejected=0) as replica:
        source = source_of(replica)
        source = replace(source, discover=replace(source.discover, sitemaps=()))
        whole = ingest(tmp_path / "whole", source)
        seconds = {path for _, path in replica.requests if path.endswith("_2.html") and "node_" in path}
        assert seconds
        replica.broken = frozenset(seconds)
        broken = ingest(tmp_path / "broken", source)
        assert broken.new < whole.new
        assert broken.rejected.total() == len(seconds)
        ((open_rejects,),) = rows(tmp_path / "broken", "SELECT count(*) FROM open_rejects")
        assert open_rejects == len(seconds)
        replica.broken = frozenset()
        assert ingest(tmp_path / "broken", source).new == whole.new - broken.new
        assert rows(tmp_path / "broken", "SELECT count(*) FROM open_rejects") == [(0,)]
        asked = len(replica.requests)
        ingest(tmp_path / "broken", source)
        assert not seconds & {path for _, path in replica.requests[asked:]}


@pytest.mark.parametrize(
    ("runs", "followed"),
    [
        ([], None),
        ([(True, "completed")], 2),
        ([(True, "completed"), (True, "failed")], 2),
        ([(True, "completed"), (False, "completed")], 2),
        ([(True, "completed"), (True, "completed")], 3),
    ],
)
def test_a_daily_run_goes_on_where_the_last_whole_one_began(
    tmp_path: Path, runs: list[tuple[bool, str]], followed: int | None
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
        assert warehouse.crawl_state.last_incremental_start("stdaily") == (
            followed and date(2026, 3, followed)
        )
        warehouse.crawl_state.add_override(
            "stdaily", start_on=date(2026, 1, 5), made_at=NOON + timedelta(days=9)
        )
        assert warehouse.crawl_state.last_incremental_start("stdaily") == date(2026, 1, 5)
