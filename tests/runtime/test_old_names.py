"""Tests of old names in warehouses, archives, source files and command lines."""

from __future__ import annotations

import json
import lzma
import os
import re
import shutil
import tarfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import duckdb
import pytest
from typer.testing import CliRunner

from newsetl import sources
from newsetl.archive import run_log
from newsetl.archive.warc import Note
from newsetl.cli.main import app
from newsetl.db import checks, compare, migrations, sql
from newsetl.db.connection import open_connection
from newsetl.db.writer import Warehouse
from newsetl.model import CaptureKind, WaitCause
from newsetl.pipeline import rebuild
from newsetl.reasons import Reason
from newsetl.runtime import old_names
from newsetl.runtime.data_folder import DataFolder

BEFORE = Path(__file__).parents[1] / "fixtures" / "before_renames"


def unpack(folder: Path) -> DataFolder:
    """Unpack a data directory that was written before the renames."""
    (folder / "work.duckdb").write_bytes(lzma.decompress((BEFORE / "work.duckdb.xz").read_bytes()))
    with tarfile.open(BEFORE / "archive.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return DataFolder(folder, lake=None)


@pytest.fixture
def before(tmp_path: Path) -> DataFolder:
    return unpack(tmp_path)


def digest(connection: duckdb.DuckDBPyConnection, table: str, columns: list[str]) -> tuple[int, str]:
    row = ", ".join(f'"{name}"' for name in columns)
    (found,) = connection.execute(
        f"SELECT count(*), hex(coalesce(sum(md5_number_lower(row({row})::VARCHAR)), 0)) FROM {table}"
    ).fetchall()
    return (found[0], found[1])


def test_a_warehouse_of_before_is_migrated_row_for_row(before: DataFolder) -> None:
    expected: dict[str, Any] = json.loads((BEFORE / "expected.json").read_text())
    with Warehouse(before.warehouse) as warehouse:
        for table, want in expected.items():
            found = digest(warehouse.connection, table, want["columns"])
            assert found == (want["rows"], want["digest"]), table
        shown = {name for (name,) in warehouse.connection.execute("SHOW TABLES").fetchall()}
        tables = {table for table in expected if not table.startswith("internal.")} | {"published"}
        assert shown == tables | set(sql.list_sql("views"))
        assert not warehouse.path.with_name("work.duckdb.wal").exists()  # type: ignore[union-attr]
        names = warehouse.connection.execute("SELECT DISTINCT name FROM check_results").fetchall()
        since_then = {"damaged_text", "repeated_paragraphs"}
        assert {name for (name,) in names} == {check.name for check in checks.load_checks()} - since_then


def test_every_value_of_before_has_a_value_of_today(before: DataFolder) -> None:
    reasons = [old_names.get_first_reason(reason) for reason in Reason]
    with open_connection(before.warehouse, is_read_only=False) as connection:
        connection.execute("DELETE FROM rejects; UPDATE coverage SET reasons = NULL")
        connection.execute(
            "INSERT INTO rejects (reject_id, source, url, stage, reason, message, rejected_at) "
            "SELECT uuid(), 'stdaily', reason, 'parse', reason, '', now() "
            "FROM unnest($1::VARCHAR[]) AS given (reason)",
            [reasons],
        )
        waits = ("pause", "crawl-delay", "retry-after", "backoff", "turn")
        for number, wait in enumerate(waits):
            connection.execute("UPDATE requests SET waited_for = ? WHERE rowid = ?", [wait, number])
        connection.execute(
            "UPDATE coverage SET state = 'never asked', reasons = $1 "
            "WHERE rowid = (SELECT min(rowid) FROM coverage)",
            [reasons],
        )
    with Warehouse(before.warehouse) as warehouse:
        found = warehouse.connection.execute("SELECT reason FROM rejects").fetchall()
        assert sorted(reason for (reason,) in found) == sorted(Reason)
        found = warehouse.connection.execute("SELECT DISTINCT wait_reason FROM requests").fetchall()
        assert {wait for (wait,) in found} - {None} == set(get_args(WaitCause))
        found = warehouse.connection.execute(
            "SELECT state, reasons FROM coverage WHERE reasons IS NOT NULL"
        ).fetchall()
        assert found == [("not checked", sorted(Reason))]
        assert set(get_args(CaptureKind)) >= {
            kind for (kind,) in warehouse.connection.execute("SELECT DISTINCT kind FROM requests").fetchall()
        }


def _digest_rejects(connection: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    return compare.compute_digests(connection, {"rejects": ("message",)})["rejects"]


def test_an_archive_of_before_gives_the_migrated_warehouse(before: DataFolder) -> None:
    with Warehouse(before.warehouse) as warehouse:
        expected = _digest_rejects(warehouse.connection)
    done = rebuild.rebuild(before, clock=lambda: datetime.now(UTC))
    assert (done.failed, done.unreadable, done.captures, done.articles, done.runs) == ([], (), 84, 15, 7)
    # Parsing again writes today's messages. All other columns are equal.
    assert done.differing_tables == ("rejects",)
    with open_connection(before.warehouse, is_read_only=True) as connection:
        assert _digest_rejects(connection) == expected


def test_a_migration_that_dies_leaves_the_old_warehouse(
    before: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_sql = migrations.load_sql

    def broken(name: str) -> str:
        return f"{load_sql(name)};\nSELECT error('dies')" if "standard_names" in name else load_sql(name)

    monkeypatch.setattr(migrations, "load_sql", broken)
    with pytest.raises(Exception, match="dies"):
        Warehouse(before.warehouse)
    monkeypatch.undo()
    with open_connection(before.warehouse, is_read_only=True) as connection:
        assert connection.execute("SELECT max(version) FROM schema_migrations").fetchall() == [(32,)]
    with Warehouse(before.warehouse) as warehouse:
        assert compare.compute_digests(warehouse.connection, {})["discovered_links"][0] == 64


def test_a_source_file_of_before_is_read_with_advice(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = sources.parse_toml((BEFORE / "stdaily.toml").read_text(encoding="utf-8"), file="stdaily.toml")
    assert old == sources.load("stdaily")
    assert ("discover.index", "discover.start_urls") in old.old_keys
    assert ("read", "parse") in old.old_keys
    shutil.copy(BEFORE / "stdaily.toml", tmp_path)
    monkeypatch.setenv("NEWSETL_SOURCES", str(tmp_path))
    monkeypatch.delenv("NEWSETL_SOURCE_DIR", raising=False)
    monkeypatch.setattr(old_names, "_advised", set())
    with caplog.at_level("WARNING"):
        for _ in range(2):
            assert not sources.load("stdaily").is_packaged
    del os.environ["NEWSETL_SOURCE_DIR"]
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == len(set(said)) == 2
    assert "newsetl: NEWSETL_SOURCES: renamed; write NEWSETL_SOURCE_DIR (old names work until 1.0)" in said
    wrong = "slug = 'x'\nown_names = []\npublication_names = []\n"
    with pytest.raises(sources.SourceError) as caught:
        sources.parse_toml(wrong, file="x.toml")
    assert any("own_names: is an unknown key" in line for line in caught.value.problems)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("replay --reason dead_page --at http://x", "retry --reason soft_404 --base-url http://x"),
        ("rejects --reason=binary", "rejects --reason=not_html"),
        ("sources", "source list"),
        ("source list", "source list"),
        (
            "state rewind stdaily --to 2026-01-01 --wait 3",
            "state reset stdaily --to 2026-01-01 --lock-timeout 3",
        ),
        ("state forget stdaily u --at=u", "state refetch stdaily u --base-url=u"),
        ("backfill s --from listing --again", "backfill s --method listing --include-complete"),
        ("serve --every 10 --sources d", "serve --interval 10 --source-dir d"),
        ("check orphans urls_twice", "check orphans duplicate_urls"),
        ("search -- --at", "search -- --at"),
        ("", ""),
    ],
)
def test_a_command_line_of_before_means_that_of_today(given: str, meant: str) -> None:
    assert old_names.rename_arguments(given.split()) == meant.split()


def test_an_old_command_runs_and_gives_one_line_of_advice(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(old_names, "_advised", set())
    with caplog.at_level("WARNING"):
        done = CliRunner().invoke(app, ["sources"])
    assert done.exit_code == 0
    assert "stdaily" in done.stdout
    assert [record.getMessage() for record in caplog.records] == [
        "newsetl: newsetl sources: renamed; write newsetl source list (old names work until 1.0)"
    ]


def test_no_command_has_an_option_or_name_of_before() -> None:
    for command in ("ingest", "backfill", "serve", "retry", "publish", "source", "state"):
        told = CliRunner().invoke(app, [command, "--help"]).stdout
        assert not [old for old in old_names.OPTIONS if re.search(rf"(?<![\w-]){old}(?![\w-])", told)], (
            command
        )
    told = CliRunner().invoke(app, ["--help"]).stdout
    assert not re.search(r"^\s+(replay|sources) ", told, re.MULTILINE)


def test_records_of_an_old_run_log_are_read() -> None:
    run_id = UUID(int=1)
    start = run_log.parse_note(
        Note(
            "run",
            {
                "run_id": str(run_id), "source": "stdaily", "kind": "replay", "since": None, "until": None,
                "started_at": "2026-01-01T00:00:00+00:00", "at": "http://x", "is_following": True,
            },
        )
    )  # fmt: skip
    assert isinstance(start, run_log.RunStart)
    assert (start.kind, start.base_url, start.is_incremental) == ("retry", "http://x", True)
    end = {"state": "failed", "found": 3, "known": 2, "error": None, "lost_listings": 1}
    ended = run_log.parse_note(Note("end", end | {"ended_at": "2026-01-01T00:00:00+00:00"}))
    assert isinstance(ended, run_log.RunEnd)
    assert (ended.discovered, ended.already_loaded, ended.failed_listings) == (3, 2, 1)


def test_the_migration_and_the_table_of_old_names_agree() -> None:
    text = sql.load_sql(f"schema/{sql.list_sql('schema')[-1]}")
    for old, new in {**old_names.REASONS, **old_names.CHECKS}.items():
        assert re.search(rf"'{old}' THEN '{new}'", text), old
    assert os.environ.get("NEWSETL_SOURCES") is None
