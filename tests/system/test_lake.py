"""A lake holds what the DuckDB file holds, whoever else writes to it and whatever becomes of its catalog."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import duckdb
import pytest

import newsetl
from newsetl import sources
from newsetl.db import compare, duckdb_errors, duckdb_extensions, migrations, session
from newsetl.db import sql as sql_
from newsetl.db.connection import open_connection
from newsetl.db.writer import Warehouse
from newsetl.errors import ConfigError, NewsetlError, WarehouseError
from newsetl.model import Batch, Window
from newsetl.normalise import people
from newsetl.pipeline import rebuild
from newsetl.query.reader import connect, run_query, select_version
from newsetl.runtime.data_folder import WAREHOUSE_VARIABLE, DataFolder, Lake, parse_lake
from newsetl.sources import config
from tests.support import postgres, replica_runs
from tests.support.factories import NOON, after, page, request, web

pytestmark = [
    pytest.mark.skipif(postgres.programs() is None, reason=postgres.MISSING),
    pytest.mark.skipif(not duckdb.__version__.startswith("1.5."), reason="extensions are for DuckDB 1.5"),
]

DAY = Path(__file__).parent


@pytest.fixture
def place(tmp_path: Path) -> Lake:
    """An empty warehouse of its own."""
    return postgres.lake(tmp_path / "lake")


def source(number: int) -> config.Source:
    """One of several sources that print alike."""
    return replace(sources.load("stdaily"), slug=f"source{number}")


def words(seed: str) -> str:
    """Some words that no other text has."""
    letters = "".join(hashlib.sha512(f"{seed} {n}".encode()).hexdigest() for n in range(5))
    return " ".join(letters[n : n + 8] for n in range(0, len(letters), 8))


def given(number: int, loads: int, pages: int) -> Iterator[Batch]:
    """What a source's run loads: new articles, and of each load before some again, edited."""
    slug = source(number).slug
    for load in range(loads):
        first = load * pages
        texts = {n: f"{slug} writes about {n}." for n in range(first, first + pages)}
        texts |= dict.fromkeys(range(max(0, first - 3), first), "It was otherwise.")
        read = [
            page(
                1_000_000 * number + 10_000 * load + n,
                web(n),
                at=after(load * 60),
                title=f"Title {n} of {slug}",
                text=f"{text} {words(f'{slug} {n}')}",
            )
            for n, text in texts.items()
        ]
        yield Batch(
            slug,
            tuple(replace(taken, source=slug) for taken, _ in read),
            tuple(replace(article, source=slug) for _, article in read),
            (),
            tuple(replace(request(n, at=after(load * 60)), source=slug) for n in texts),
        )


def run(warehouse: Warehouse, number: int, loads: int, pages: int) -> None:
    """One source's whole run, as the pipeline writes it."""
    warehouse.register_source(source(number))
    run_id = warehouse.start_run(
        source(number).slug, kind="ingest", window=Window(), started_at=NOON, run_id=UUID(int=number)
    )
    for batch in given(number, loads, pages):
        warehouse.load(batch, run_id=run_id)
    warehouse.finish_run(
        run_id, ended_at=after(9), state="completed", discovered=loads * pages, already_loaded=0
    )
    warehouse.refresh_derived(source(number).slug, people.match_people)


def contents(place: Path | Lake) -> dict[str, tuple[int, str]]:
    """What is there, in any order."""
    with open_connection(place, is_read_only=True) as connection:
        return compare.compute_digests(
            connection, {**compare.SEARCH_INDEX, "internal.schema_migrations": ("applied_at",)}
        )


def in_a_file(folder: Path, numbers: range, loads: int, pages: int) -> dict[str, tuple[int, str]]:
    """What the same runs leave in a DuckDB file."""
    with Warehouse(folder / "same.duckdb") as warehouse:
        for number in numbers:
            run(warehouse, number, loads, pages)
    return contents(folder / "same.duckdb")


WRITER = """
import sys, time, test_lake
from newsetl.runtime.data_folder import Lake
from newsetl.db.writer import Warehouse
catalog, files, number, loads, pages = sys.argv[1:]
with Warehouse(Lake(catalog, files)) as warehouse:
    test_lake.run(warehouse, int(number), int(loads), int(pages))
"""

READER = '''
import sys, time
from contextlib import closing
from newsetl import query
from newsetl.runtime.data_folder import Lake
place = Lake(sys.argv[1])
ask = """
    SELECT
        (SELECT count(*) FROM articles), (SELECT count(*) FROM articles JOIN captures USING (capture_id)),
        (SELECT count(*) FROM article_urls), (SELECT count(DISTINCT article_id) FROM credits)
"""
with closing(query.connect(place)) as kept:
    while True:
        began = time.monotonic()
        (counts,) = kept.execute(ask).fetchall()
        word = "read" if len(set(counts)) == 1 else "torn"
        print(word, *counts, f"{time.monotonic() - began:.3f}", flush=True)
        time.sleep(0.1)
'''


def started(program: str, *arguments: object) -> subprocess.Popen[str]:
    """The program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=DAY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("writers", "loads", "pages"), [(2, 1, 10)])
def test_writers_of_several_sources_and_readers_do_not_disturb_one_another(
    place: Lake, tmp_path: Path, writers: int, loads: int, pages: int
) -> None:
    reader = started(READER, place.catalog)
    processes = [
        started(WRITER, place.catalog, place.files, number, loads, pages) for number in range(1, writers + 1)
    ]
    said = [process.communicate(timeout=580) for process in processes]
    assert [process.returncode for process in processes] == [0] * writers, said
    reader.kill()
    read, errors = reader.communicate(timeout=30)
    assert errors == ""
    lines = read.splitlines()
    assert lines
    assert {line.split()[0] for line in lines} == {"read"}
    wanted = in_a_file(tmp_path, range(1, writers + 1), loads, pages)
    assert compare.compare_digests(contents(place), wanted) == ()
    assert contents(place)["articles"][0] == writers * loads * pages
    with closing(connect(place)) as connection:
        found = connection.execute("SELECT count(*) FROM search_articles('title 7')").fetchall()
        assert found == [(writers,)]
        numbers = "SELECT count(DISTINCT document), count(*) FROM internal.search_documents"
        assert connection.execute(numbers).fetchall() == [(writers * loads * pages,) * 2]


def test_a_failure_that_the_lake_has_hidden_is_tried_again() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE numbers (number INTEGER CHECK (number > 0))")
        connection.execute("BEGIN")
        with pytest.raises(duckdb.Error) as seen:
            connection.execute("INSERT INTO numbers VALUES (0)")
        with pytest.raises(duckdb.Error) as later:
            connection.execute("SELECT 1")
    assert (duckdb_errors.is_transient(seen.value), duckdb_errors.is_transient(later.value)) == (False, True)


def test_a_catalog_that_is_restarted_during_a_load_costs_time_alone(place: Lake, tmp_path: Path) -> None:
    failed: list[BaseException] = []

    def write() -> None:
        try:
            with Warehouse(place) as warehouse:
                run(warehouse, 1, 6, 10)
        except BaseException as error:
            failed.append(error)

    writer = threading.Thread(target=write)
    writer.start()
    name = place.catalog.rpartition("=")[2]
    for mode in ("immediate", "fast"):
        versions = int(postgres.server().query("SELECT max(snapshot_id) FROM ducklake_snapshot", name))
        while (
            writer.is_alive()
            and int(postgres.server().query("SELECT max(snapshot_id) FROM ducklake_snapshot", name))
            < versions + 2
        ):
            time.sleep(0.02)
        assert writer.is_alive()
        postgres.server().stop(mode)
        time.sleep(0.5)
        postgres.server().start()
    writer.join(timeout=120)
    assert failed == []
    wanted = in_a_file(tmp_path, range(1, 2), 6, 10)
    assert compare.compare_digests(contents(place), wanted) == ()


def test_a_catalog_that_stays_away_is_one_line_and_nothing_is_lost(
    place: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "CATALOG_TIMEOUT", 1.0)
    loads = list(given(1, 2, 5))
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
    assert "version 900, made by newsetl 9.9" in rejected(place)
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
    with pytest.raises(WarehouseError, match=f"not kept as it was at version {version}"):
        run_query(select_version(place, str(version)), count)


def test_a_channel_is_ingested_into_a_lake_by_the_commands(
    place: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(WAREHOUSE_VARIABLE, f"ducklake:postgres:{place.catalog}")
    folder, other = tmp_path / "one", tmp_path / "other"
    with replica_runs.served(9) as replica:
        status, output, errors = replica_runs.ended(
            "ingest", "stdaily", "--base-url", replica.base_url, "--data", folder, "--since", "2024-03-01"
        )
        assert status == 0, output + errors
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
    assert replica_runs.ended("publish", "--data", folder)[1].endswith("there is nothing to publish\n")
    assert "a lake, whose readers see every load at once" in replica_runs.ended("status", "--data", other)[1]
    status, output, errors = replica_runs.ended("check", "captures_without_file", "orphans", "--data", other)
    assert (status, output) == (0, "2 of 2 checks found nothing\n"), errors
    assert replica_runs.ended("compact", "--data", folder)[0] == 0
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
    with duckdb.connect() as connection, pytest.raises(WarehouseError, match="extension nosuch for version"):
        duckdb_extensions.load_extension(connection, "nosuch")
