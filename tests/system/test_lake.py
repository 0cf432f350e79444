"""A lake holds what the DuckDB file holds, whoever else writes to it and whatever becomes of its catalog."""

from __future__ import annotations

import sys
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import newsetl
from newsetl.db import arrow_tables, compare, duckdb_errors, duckdb_extensions, migrations, session
from newsetl.db import sql as sql_
from newsetl.db.writer import Warehouse
from newsetl.errors import ConfigError, NewsetlError, WarehouseError
from newsetl.model import Window
from newsetl.pipeline import rebuild
from newsetl.query.reader import connect, run_query, select_version
from newsetl.runtime.data_folder import WAREHOUSE_VARIABLE, DataFolder, Lake, parse_lake
from tests.support import commands, lake_runs, postgres, replica_runs
from tests.support.factories import NOON
from tests.support.held import TIMEOUT
from tests.support.lake_runs import build_batches, contents, contents_of_a_file, run, source

pytestmark = [
    pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING),
    pytest.mark.skipif(not duckdb.__version__.startswith("1.5."), reason="extensions are for DuckDB 1.5"),
]


@pytest.fixture
def place(tmp_path: Path) -> Lake:
    """An empty warehouse of its own."""
    return postgres.lake(tmp_path / "lake")


def test_writers_of_several_sources_and_readers_do_not_disturb_one_another(
    place: Lake, tmp_path: Path
) -> None:
    lake_runs.write_and_read_concurrently(place, tmp_path, writers=2, loads=1, pages=10)


def test_a_failure_that_the_lake_has_hidden_is_tried_again() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE numbers (number INTEGER CHECK (number > 0))")
        connection.execute("BEGIN")
        with pytest.raises(duckdb.Error) as seen:
            connection.execute("INSERT INTO numbers VALUES (0)")
        with pytest.raises(duckdb.Error) as later:
            connection.execute("SELECT 1")
    assert (duckdb_errors.is_transient(seen.value), duckdb_errors.is_transient(later.value)) == (False, True)


def test_a_catalog_that_is_restarted_during_a_load_costs_time_alone(
    place: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "CATALOG_TIMEOUT", float(TIMEOUT))
    failed: list[BaseException] = []
    build, loads = arrow_tables.build_batch_tables, 0
    in_load, go_on = threading.Semaphore(0), threading.Semaphore(0)

    def hold(*given: Any) -> Any:
        """Wait in the transactions of the second and the fourth load, at the first attempt of each."""
        nonlocal loads
        loads += 1
        if loads in (2, 5):
            in_load.release()
            assert go_on.acquire(timeout=TIMEOUT)
        return build(*given)

    def write() -> None:
        try:
            with Warehouse(place) as warehouse:
                run(warehouse, 1, 6, 10)
        except BaseException as error:
            failed.append(error)
            in_load.release(2)

    monkeypatch.setattr(arrow_tables, "build_batch_tables", hold)
    writer = threading.Thread(target=write)
    writer.start()
    for mode in ("immediate", "fast"):
        assert in_load.acquire(timeout=TIMEOUT)
        assert failed == []
        assert writer.is_alive()
        postgres.server().stop(mode)
        go_on.release()
        postgres.server().start()
    writer.join(TIMEOUT)
    assert not writer.is_alive()
    assert failed == []
    # At least two of the six loads were repeated.
    assert loads >= 8
    wanted = contents_of_a_file(tmp_path, range(1, 2), 6, 10)
    assert compare.compare_digests(contents(place), wanted) == ()


def test_a_catalog_that_stays_away_is_one_line_and_nothing_is_lost(
    place: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "CATALOG_TIMEOUT", 1.0)
    loads = list(build_batches(1, 2, 5))
    with Warehouse(place) as warehouse:
        warehouse.register_source(source(1))
        run_id = warehouse.start_run("source1", kind="ingest", window=Window(), started_at=NOON)
        warehouse.load(loads[0], run_id=run_id)
        postgres.server().stop()
        try:
            with pytest.raises(WarehouseError, match="its catalog cannot be reached") as caught:
                warehouse.load(loads[1], run_id=run_id)
        finally:
            postgres.server().start()
        assert "\n" not in str(caught.value)
        assert postgres.PASSWORD not in str(caught.value)
        # The session finds it again by itself.
        assert warehouse.load(loads[1], run_id=run_id).new == 5
    with closing(connect(place)) as connection:
        assert connection.execute("SELECT new FROM runs").fetchall() == [(10,)]


def rejected(place: Lake) -> str:
    """What a writer and a reader are told, one line without the password."""
    told = []
    for opening in (Warehouse, connect):
        with pytest.raises(NewsetlError) as caught:
            opening(place)
        told.append(str(caught.value))
        assert "\n" not in told[-1]
        assert "sesame" not in told[-1]
        assert postgres.PASSWORD not in told[-1]
    return told[-1]


def test_what_cannot_be_opened_says_why(place: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    server = postgres.server()
    name = place.catalog.rpartition("=")[2]
    uri = f"postgresql://{postgres.USER}:sesame@127.0.0.1:{server.port}/{name}"
    for wrong in (replace(place, catalog=server.catalog(name, "sesame")), replace(place, catalog=uri)):
        assert "password authentication failed" in rejected(wrong)
        assert "***" in rejected(wrong)
    assert "make it with createdb" in rejected(Lake(server.catalog("nowhere")))
    away = place.catalog.replace(f"port={server.port}", "port=1")
    assert "cannot be reached" in rejected(replace(place, catalog=away))
    assert f"files are in {place.files}" in rejected(replace(place, files="/tmp/elsewhere"))
    server.query("CREATE DATABASE nothing_yet")
    with pytest.raises(WarehouseError, match="NEWSETL_WAREHOUSE_DATA is not set; set it to a directory"):
        Warehouse(Lake(server.catalog("nothing_yet")))
    with pytest.raises(WarehouseError, match="no warehouse here"):
        connect(Lake(server.catalog("nothing_yet")))
    with Warehouse(place) as warehouse:
        warehouse.connection.execute("INSERT INTO internal.schema_migrations VALUES (900, 'x', now(), '9.9')")
    assert "schema version 900 of newsetl 9.9" in rejected(place)
    monkeypatch.setitem(sys.modules, "duckdb_extension_ducklake", None)
    assert "pip install 'newsetl[lake]'" in rejected(place)
    for address in (
        "ducklake:sqlite:x.db",
        "ducklake:postgres:",
        "s3://bucket",
        "ducklake:x password=sesame",
    ):
        with pytest.raises(ConfigError, match="write it as ducklake:postgres:dbname=") as caught:
            parse_lake(address)
        assert "sesame" not in str(caught.value)


def test_an_older_lake_goes_through_the_schema_files_that_it_lacks(
    place: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Warehouse(place) as warehouse:
        warehouse.register_source(source(1))
    files = sql_.list_sql("schema")
    number = int(files[-1][:3]) + 1
    later = f"{number:03}_later"
    text = sql_.load_sql
    statements = (
        "-- One row a source.\nALTER TABLE sources ADD COLUMN mood VARCHAR;"
        "COMMENT ON COLUMN sources.mood IS 'How it is.'; UPDATE sources SET mood = 'fine';"
    )
    monkeypatch.setattr(
        migrations,
        "list_sql",
        lambda folder, names=sql_.list_sql: (*files, later) if folder == "schema" else names(folder),
    )
    monkeypatch.setattr(
        migrations, "load_sql", lambda name: statements if name.endswith(later) else text(name)
    )
    with pytest.raises(WarehouseError, match="older than this newsetl"):
        connect(place)
    with Warehouse(place) as warehouse:
        assert warehouse.connection.execute("SELECT mood FROM sources").fetchall() == [("fine",)]
        newest = "SELECT max(version) FROM internal.schema_migrations"
        assert warehouse.connection.execute(newest).fetchall() == [(number,)]


def test_a_lake_can_be_read_as_it_was_and_compacted(place: Lake) -> None:
    with Warehouse(place) as warehouse:
        run(warehouse, 1, 1, 5)
        ((version,),) = warehouse.connection.execute(
            "SELECT max(snapshot_id) FROM ducklake_snapshots('lake')"
        ).fetchall()
        run(warehouse, 2, 4, 5)
    count = "SELECT count(*) FROM articles"
    assert run_query(select_version(place, str(version)), count).rows == ((5,),)
    before = contents(place)
    with Warehouse(place) as warehouse:
        done = warehouse.compact(since=replica_runs.now() - timedelta(days=1))
        assert done.files < done.files_before / 2
        assert done.versions_removed == 0
    assert contents(place) == before
    assert run_query(select_version(place, str(version)), count).rows == ((5,),)
    with Warehouse(place) as warehouse:
        assert warehouse.compact(since=replica_runs.now()).versions_removed > 5
        run(warehouse, 3, 1, 5)
    assert run_query(place, count).rows == ((30,),)
    with pytest.raises(WarehouseError, match=f"no snapshot at version {version}"):
        run_query(select_version(place, str(version)), count)


def test_a_channel_is_ingested_into_a_lake_by_the_commands(
    place: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = {WAREHOUSE_VARIABLE: f"ducklake:postgres:{place.catalog}"}
    monkeypatch.setenv(WAREHOUSE_VARIABLE, env[WAREHOUSE_VARIABLE])
    folder, other = tmp_path / "one", tmp_path / "other"
    with replica_runs.served(9) as replica:
        options = ("--base-url", replica.base_url, "--data", folder, "--since", "2024-03-01")
        done = commands.newsetl("ingest", "stdaily", *options, env=env)
        assert done.returncode == 0, done.stdout + done.stderr
        declared = replica_runs.source_of(replica)
        # A run of one folder goes on while another folder's newsetl cleans up after its own alone.
        with replica_runs.opened(folder, declared) as alive:
            run_id = alive.start_run(
                "stdaily", kind="reparse", window=Window(), started_at=replica_runs.now()
            )
            with replica_runs.opened(other, declared) as second:
                assert second.list_running_runs() == ()
            assert alive.list_running_runs()[0][0] == run_id
        with replica_runs.opened(folder, declared):
            pass
        states = "SELECT kind, state, error FROM runs ORDER BY started_at"
        assert run_query(place, states).rows == (
            ("ingest", "completed", None),
            ("reparse", "failed", "process died before it archived a page"),
        )
    assert not list(folder.glob("*.duckdb"))
    done = commands.newsetl("publish", "--data", folder, env=env)
    assert done.stdout.endswith("there is nothing to publish\n")
    done = commands.newsetl("status", "--data", other, env=env)
    assert "a lake, whose readers see every load at once" in done.stdout
    done = commands.newsetl("check", "captures_without_file", "orphans", "--data", other, env=env)
    assert (done.returncode, done.stdout) == (0, "2 of 2 checks found nothing\n"), done.stderr
    assert commands.newsetl("compact", "--data", folder, env=env).returncode == 0
    with newsetl.connect(folder) as connection:
        ((articles,),) = connection.execute("SELECT count(*) FROM articles").fetchall()
    assert articles == 9
    before = contents(place)
    assert rebuild.rebuild(DataFolder(folder), clock=replica_runs.now, declared=[declared]).articles == 0
    after_it = contents(place)
    assert compare.compare_digests(before, after_it) == ("check_results",)
    # What is lost is there again.
    with Warehouse(place) as warehouse:
        for table in before.keys() - {
            "internal.schema_migrations",
            "internal.view_files",
            "operator_overrides",
        }:
            warehouse.connection.execute(f"DELETE FROM {table}")
    assert (
        rebuild.rebuild(DataFolder(folder), clock=replica_runs.now, declared=[declared]).articles == articles
    )
    # Runs without a response left nothing in the archive, and only a run itself knows what it asked.
    assert compare.compare_digests(before, contents(place)) == ("check_results", "requests", "runs")


def test_extensions_are_loaded_for_this_duckdb_alone() -> None:
    with (
        duckdb.connect() as connection,
        pytest.raises(WarehouseError, match="extension nosuch: not installed for"),
    ):
        duckdb_extensions.load_extension(connection, "nosuch")
