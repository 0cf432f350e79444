"""The archive alone gives the warehouse again, row for row, and today's parser reads it anew."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsetl.archive import reader
from newsetl.db import compare
from newsetl.db.connection import open_connection
from newsetl.errors import ConfigError, WarehouseError
from newsetl.pipeline import rebuild, recover, reparse
from newsetl.runtime.data_folder import DataFolder
from newsetl.sources.config import Source
from tests.support import replica_runs
from tests.support.replica_runs import Failing, ingest, rows, source_of


def held(folder: Path, exempt: compare.ExemptColumns = compare.NOT_IN_ARCHIVE) -> dict[str, tuple[int, str]]:
    with open_connection(folder / "work.duckdb", is_read_only=True) as connection:
        return compare.compute_rebuilt_digests(connection, exempt)


def rebuilt(folder: Path, **options: Any) -> rebuild.RebuildResult:
    return rebuild.rebuild(DataFolder(folder), clock=replica_runs.now, **options)


def test_a_thousand_articles_come_back_row_for_row(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    days = {"since": date(2022, 6, 1), "until": date(2026, 8, 1)}
    with replica_runs.served(1300, **days) as replica:
        source = source_of(replica)
        source = replace(source, discover=replace(source.discover, max_pages=20))
        story = replica.site.list_newest(40)[-1]
        replica.broken = frozenset({"/web/English/node_474.html", story.paths[0]})
        ingest(tmp_path, source)
        replica.broken = frozenset()
        for changed in replica.site.list_newest(6)[3:]:
            replica.site.edit(changed)
        replica.site.add(5)
        # What was refused is due tomorrow: the second run comes then, and the page is an article after all.
        with recover.open_warehouse(DataFolder(tmp_path), clock=replica_runs.now) as warehouse:
            warehouse.connection.execute("UPDATE rejects SET retry_at = rejected_at")
        ingest(tmp_path, source)
        (counts,) = rows(
            tmp_path,
            "SELECT (SELECT count(*) FROM articles), count(*), count(resolved_at), count(capture_id) "
            "FROM rejects",
        )
        articles, rejected, resolved, answered = counts
        assert articles >= 1000
        assert rejected > resolved > 0
        assert answered > 0
        with recover.open_warehouse(DataFolder(tmp_path), clock=replica_runs.now) as warehouse:
            warehouse.connection.execute(
                "UPDATE rejects SET retry_at = rejected_at + INTERVAL 1 DAY "
                "WHERE reason NOT IN ('removed_page', 'fetch_failed')"
            )
    before = held(tmp_path)
    replica_runs.lose(tmp_path)
    started = time.monotonic()
    made = rebuilt(tmp_path)
    seconds = time.monotonic() - started
    after = held(tmp_path)
    assert compare.compare_digests(before, after) == ()
    assert (made.articles, made.differing_tables) == (articles, None)
    assert set(after) == {
        "discovered_links", "internal.minhash_bands", "article_revisions", "article_urls", "articles",
        "discovery_queries",
        "captures", "coverage", "credits", "images", "internal.index_queue", "internal.coverage_queue",
        "people",
        "name_matches", "rejects", "runs", "internal.schema_migrations", "sources", "story_clusters",
        "story_pairs",
        "teasers", "internal.view_files",
    }  # fmt: skip
    # The comparison sees one letter.
    with recover.open_warehouse(DataFolder(tmp_path), clock=replica_runs.now) as warehouse:
        warehouse.connection.execute("UPDATE credits SET name = name || '.' WHERE rowid = 17")
    assert compare.compare_digests(before, held(tmp_path)) == ("credits",)
    assert rebuilt(tmp_path).differing_tables == ("credits",)
    assert not list(tmp_path.glob("*.new*"))
    with capsys.disabled():
        sys.stdout.write(f"\n{articles} articles, {made.captures} captures rebuilt in {seconds:.1f} s\n")


@pytest.fixture
def replica() -> Iterator[Failing]:
    with replica_runs.served(40) as served:
        yield served


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two runs in it."""
    folder = tmp_path_factory.mktemp("two_runs")
    with replica_runs.served(40) as replica:
        ingest(folder, source_of(replica))
        replica.site.add(3)
        ingest(folder, source_of(replica))
    return folder


@pytest.fixture
def filled(tmp_path: Path, two_runs: Path) -> Path:
    """The same in a folder of the test's own."""
    return shutil.copytree(two_runs, tmp_path, dirs_exist_ok=True)


def test_an_archive_that_lacks_captures_is_refused_without_force(filled: Path) -> None:
    before = held(filled)
    (filled / "archive" / reader.list_files(filled / "archive")[1]).unlink()
    with pytest.raises(ConfigError, match=r"lacks \d+ of the \d+ captures.*--force"):
        rebuilt(filled)
    assert held(filled) == before
    assert rebuilt(filled, is_forced=True).differing_tables
    assert held(filled) != before
    assert rebuilt(filled).differing_tables == ()


def test_damage_costs_one_article_and_is_listed(filled: Path) -> None:
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
        rebuilt(filled)
    before = rows(filled, "SELECT count(*) FROM captures")
    made = rebuilt(filled, is_forced=True)
    assert made.captures == before[0][0] - 1
    assert rows(filled, "SELECT url FROM open_rejects WHERE reason = 'archive_corrupt'") == [
        (f"archive:{first}#{at}",)
    ]
    (filled / "archive" / "2026").mkdir(exist_ok=True)
    (filled / "archive" / "2026" / "noise.warc.gz").write_bytes(b"noise" * 100)
    assert rebuilt(filled).unreadable == ("2026/noise.warc.gz",)


def test_a_rebuild_that_dies_leaves_the_old_warehouse_alone(filled: Path) -> None:
    before = held(filled)

    def die(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rebuilt(filled, on_progress=die)
    assert held(filled) == before
    assert rebuilt(filled).differing_tables == ()


def test_a_warehouse_that_is_none_is_replaced_only_by_force(filled: Path) -> None:
    before = held(filled)
    (filled / "work.duckdb").write_bytes(b"no warehouse")
    with pytest.raises(WarehouseError, match=r"not a DuckDB file.*--force"):
        rebuilt(filled)
    rebuilt(filled, is_forced=True)
    assert held(filled) == before


def _read(source: Source, **fields: Any) -> Source:
    return replace(source, parse=replace(source.parse, **fields))


# Without the teaser headings some pages have no text, so they are tried by themselves.
WORSE: dict[tuple[str, ...], Callable[[Source], Source]] = {
    ("agency", "section", "credits", "images"): lambda source: replace(
        _read(source, editor_labels=(), photo_labels=()), agencies={}, sections={}
    ),
    ("teasers",): lambda source: _read(source, teaser_headings=()),
}


@pytest.mark.parametrize("fields", WORSE, ids=str)
def test_a_better_parser_costs_no_visit(tmp_path: Path, replica: Failing, fields: tuple[str, ...]) -> None:
    source = source_of(replica)
    ingest(tmp_path / "right", source)
    ingest(tmp_path / "worse", WORSE[fields](source))
    before = replica_runs.contents(tmp_path / "worse")
    asked, folder = len(replica.requests), DataFolder(tmp_path / "worse")
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        made = reparse.find_changes(source, warehouse, folder.archive)
    assert replica_runs.contents(tmp_path / "worse") == before
    assert made.fields.keys() >= set(fields)
    assert made.examples.keys() >= set(fields)
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        run_id = reparse.load_changes(made, source, warehouse, folder.archive, clock=replica_runs.now)
        assert run_id is not None
        assert not reparse.find_changes(source, warehouse, folder.archive).pages_to_load
    found, right = (replica_runs.contents(tmp_path / name) for name in ("worse", "right"))
    # Without the teaser heading some pages had no text: those refusals stay as history, resolved.
    assert {**found, "rejects": None} == {**right, "rejects": None}
    open_rejects = "SELECT url, reason, message FROM open_rejects ORDER BY ALL"
    assert rows(tmp_path / "worse", open_rejects) == rows(tmp_path / "right", open_rejects)
    assert rows(tmp_path / "worse", "SELECT state FROM runs WHERE kind = 'reparse'") == [("completed",)]
    assert len(replica.requests) == asked
    # And the archive gives what reparse gave.
    before = held(tmp_path / "worse", compare.NOT_IN_ARCHIVE_OR_REPARSE)
    rebuilt(tmp_path / "worse")
    assert held(tmp_path / "worse", compare.NOT_IN_ARCHIVE_OR_REPARSE) == before


def test_reparse_finds_what_was_refused_and_keeps_what_would_be(tmp_path: Path, replica: Failing) -> None:
    source, folder = source_of(replica), DataFolder(tmp_path)
    ingest(tmp_path, _read(source, min_text_chars=1500))
    ((articles, rejected),) = rows(
        tmp_path,
        "SELECT (SELECT count(*) FROM articles), count(*) FROM open_rejects WHERE reason = 'no_text'",
    )
    assert articles
    assert rejected
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        made = reparse.find_changes(source, warehouse, folder.archive)
        assert (made.new_articles, made.would_be_rejected.total()) == (rejected, 0)
        reparse.load_changes(made, source, warehouse, folder.archive, clock=replica_runs.now)
        again = reparse.find_changes(_read(source, min_text_chars=100_000), warehouse, folder.archive)
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


def test_the_commands(tmp_path: Path, replica: Failing) -> None:
    at = ("--base-url", replica.base_url)
    assert replica_runs.ended("ingest", "stdaily", "--data", tmp_path, *at)[0] == 0
    status, output, _ = replica_runs.ended("rebuild", "--data", tmp_path)
    assert status == 0
    assert "different from before: nothing" in output
    status, output, _ = replica_runs.ended("reparse", "--data", tmp_path, *at, "--dry-run")
    assert status == 0
    assert " 0 give something else" in output
    shutil.rmtree(tmp_path / "archive")
    status, _, errors = replica_runs.ended("rebuild", "--data", tmp_path)
    assert (status, errors.count("\n")) == (2, 1)
    assert "no archive here" in errors
    status, _, errors = replica_runs.ended(
        "reparse", "--data", tmp_path, "--since", "2026-02-01", "--until", "2026-01-01"
    )
    assert status == 2
    assert "exchange them" in errors
    status, _, errors = replica_runs.ended("retry", "--data", tmp_path / "nowhere")
    assert status == 2
    assert not (tmp_path / "nowhere").exists()
