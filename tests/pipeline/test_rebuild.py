"""Rebuild from the archive alone, row for row, and reparse with the current parser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newsetl.archive import reader
from newsetl.db import compare
from newsetl.errors import ConfigError, WarehouseError
from newsetl.pipeline import recover, reparse
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source
from tests.support import replica_runs
from tests.support.commands import newsetl
from tests.support.replica_runs import Failing, ingest, rows, source_of


@pytest.fixture(scope="module")
def replica() -> Iterator[Failing]:
    with replica_runs.served(20) as served:
        yield served


@pytest.fixture(scope="module")
def correct(replica: Failing, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ingest with the current source file; read-only."""
    folder = tmp_path_factory.mktemp("correct")
    ingest(folder, source_of(replica))
    return folder


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ingest the mock site twice; return the data directory."""
    folder = tmp_path_factory.mktemp("two_runs")
    with replica_runs.served(20) as replica:
        ingest(folder, source_of(replica))
        replica.site.add(3)
        ingest(folder, source_of(replica))
    return folder


@pytest.fixture
def filled(tmp_path: Path, two_runs: Path) -> Path:
    """Copy the data directory with two runs for one test."""
    return shutil.copytree(two_runs, tmp_path, dirs_exist_ok=True)


def test_a_rebuild_without_some_captures_needs_force(filled: Path) -> None:
    before = replica_runs.rebuilt_contents(filled)
    (filled / "archive" / reader.list_files(filled / "archive")[1]).unlink()
    with pytest.raises(ConfigError, match=r"lacks \d+ of the \d+ captures.*--force"):
        replica_runs.rebuild(filled)
    assert replica_runs.rebuilt_contents(filled) == before
    assert replica_runs.rebuild(filled, is_forced=True).differing_tables
    assert replica_runs.rebuilt_contents(filled) != before
    assert replica_runs.rebuild(filled).differing_tables == ()


def test_a_damaged_record_costs_one_article_and_is_a_reject(filled: Path) -> None:
    first = reader.list_files(filled / "archive")[0]
    path = filled / "archive" / first
    pages = rows(
        filled,
        f"SELECT \"offset\" FROM captures WHERE file = '{first}' AND article_id IS NOT NULL ORDER BY ALL",
    )
    raw = bytearray(path.read_bytes())
    (at,) = pages[3]
    raw[at + 50 : at + 60] = b"\x00" * 10
    path.write_bytes(raw)
    with pytest.raises(ConfigError, match="lacks 1 of"):
        replica_runs.rebuild(filled)
    before = rows(filled, "SELECT count(*) FROM captures")
    result = replica_runs.rebuild(filled, is_forced=True)
    assert result.captures == before[0][0] - 1
    assert rows(filled, "SELECT url FROM open_rejects WHERE reason = 'archive_corrupt'") == [
        (f"archive:{first}#{at}",)
    ]
    (filled / "archive" / "2026").mkdir(exist_ok=True)
    (filled / "archive" / "2026" / "noise.warc.gz").write_bytes(b"noise" * 100)
    assert replica_runs.rebuild(filled).unreadable == ("2026/noise.warc.gz",)


def test_an_interrupted_rebuild_leaves_the_old_warehouse(filled: Path) -> None:
    before = replica_runs.rebuilt_contents(filled)

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replica_runs.rebuild(filled, on_progress=interrupt)
    assert replica_runs.rebuilt_contents(filled) == before
    assert replica_runs.rebuild(filled).differing_tables == ()


def test_a_broken_warehouse_is_replaced_only_with_force(filled: Path) -> None:
    before = replica_runs.rebuilt_contents(filled)
    (filled / "work.duckdb").write_bytes(b"no warehouse")
    with pytest.raises(WarehouseError, match=r"not a DuckDB file.*--force"):
        replica_runs.rebuild(filled)
    replica_runs.rebuild(filled, is_forced=True)
    assert replica_runs.rebuilt_contents(filled) == before


def _replace_parse(source: Source, **fields: Any) -> Source:
    return replace(source, parse=replace(source.parse, **fields))


# Without the teaser headings some pages have no text, so this case is separate.
WORSE_PARSERS: dict[tuple[str, ...], Callable[[Source], Source]] = {
    ("agency", "section", "credits", "images"): lambda source: replace(
        _replace_parse(source, editor_labels=(), photo_labels=()), agencies={}, sections={}
    ),
    ("teasers",): lambda source: _replace_parse(source, teaser_headings=()),
}


@pytest.mark.parametrize("fields", WORSE_PARSERS, ids=str)
def test_a_better_parser_needs_no_request(
    tmp_path: Path, replica: Failing, correct: Path, fields: tuple[str, ...]
) -> None:
    source = source_of(replica)
    ingest(tmp_path / "worse", WORSE_PARSERS[fields](source))
    before = replica_runs.contents(tmp_path / "worse")
    request_count, folder = len(replica.requests), DataFolder(tmp_path / "worse")
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        result = reparse.find_changes(source, warehouse, folder.archive)
    assert replica_runs.contents(tmp_path / "worse") == before
    assert result.fields.keys() >= set(fields)
    assert result.examples.keys() >= set(fields)
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        run_id = reparse.load_changes(result, source, warehouse, folder.archive, clock=replica_runs.now)
        assert run_id is not None
        assert not reparse.find_changes(source, warehouse, folder.archive).pages_to_load
    actual, expected = replica_runs.contents(tmp_path / "worse"), replica_runs.contents(correct)
    # Without the teaser headings some pages had no text: their rejects stay as resolved rows.
    assert {**actual, "rejects": None} == {**expected, "rejects": None}
    open_rejects = "SELECT url, reason, message FROM open_rejects ORDER BY ALL"
    assert rows(tmp_path / "worse", open_rejects) == rows(correct, open_rejects)
    assert rows(tmp_path / "worse", "SELECT state FROM runs WHERE kind = 'reparse'") == [("completed",)]
    assert len(replica.requests) == request_count
    # A rebuild gives the same contents as the reparse.
    before = replica_runs.rebuilt_contents(tmp_path / "worse", compare.NOT_IN_ARCHIVE_OR_REPARSE)
    replica_runs.rebuild(tmp_path / "worse")
    assert replica_runs.rebuilt_contents(tmp_path / "worse", compare.NOT_IN_ARCHIVE_OR_REPARSE) == before


def test_reparse_loads_former_rejects_and_keeps_articles_that_would_be_rejected(
    tmp_path: Path, replica: Failing
) -> None:
    source, folder = source_of(replica), DataFolder(tmp_path)
    ingest(tmp_path, _replace_parse(source, min_text_chars=1500))
    ((articles, rejected),) = rows(
        tmp_path,
        "SELECT (SELECT count(*) FROM articles), count(*) FROM open_rejects WHERE reason = 'no_text'",
    )
    assert articles
    assert rejected
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        result = reparse.find_changes(source, warehouse, folder.archive)
        assert (result.new_articles, result.would_be_rejected.total()) == (rejected, 0)
        reparse.load_changes(result, source, warehouse, folder.archive, clock=replica_runs.now)
        again = reparse.find_changes(
            _replace_parse(source, min_text_chars=100_000), warehouse, folder.archive
        )
        assert (
            again.would_be_rejected["no_text"]
            == again.would_be_rejected.total()
            >= articles + rejected - 1
            > 0
        )
        assert not again.pages_to_load
    assert rows(tmp_path, "SELECT count(*) FROM open_rejects WHERE reason = 'no_text'") == [(0,)]
    assert rows(
        tmp_path,
        "SELECT count(*) FROM rejects JOIN runs ON run_id = resolved_run_id "
        "WHERE kind = 'reparse' AND resolved_at >= started_at AND resolved_by = capture_id",
    ) == [(rejected,)]


def test_the_commands(filled: Path) -> None:
    at = ("--base-url", rows(filled, "SELECT home FROM sources")[0][0].partition("/web")[0])
    ended = newsetl("rebuild", "--data", filled)
    assert ended.returncode == 0
    assert "different from before: nothing" in ended.stdout
    ended = newsetl("reparse", "--data", filled, *at, "--dry-run")
    assert ended.returncode == 0
    assert " 0 changed: " in ended.stdout
    shutil.rmtree(filled / "archive")
    ended = newsetl("rebuild", "--data", filled)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "no archive here" in ended.stderr
    ended = newsetl("reparse", "--data", filled, "--since", "2026-02-01", "--until", "2026-01-01")
    assert ended.returncode == 2
    assert "exchange them" in ended.stderr
    ended = newsetl("replay", "--data", filled / "nowhere")
    assert ended.returncode == 2
    assert not (filled / "nowhere").exists()
