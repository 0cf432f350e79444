"""Readers open a copy that is whole at any moment, and no reader stands in a writer's way."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

import newsetl
from newsetl import sources
from newsetl.db import compare, publish, sql
from newsetl.db import connection as connection_
from newsetl.db.connection import open_connection
from newsetl.db.writer import Warehouse
from newsetl.errors import ConfigError, WarehouseError
from newsetl.model import Window
from newsetl.pipeline import rebuild, recover, summaries
from newsetl.query import reader, rejects
from newsetl.query import status as status_
from newsetl.query.status import describe_publication, print_status
from newsetl.runtime.data_folder import DataFolder
from tests.support import commands, file_holders, replica_runs
from tests.support.data_directories import count, load_run
from tests.support.factories import batch, page, web


def old_warehouse(path: Path) -> None:
    """What a newsetl with one file for writer and readers has left; what it loaded last is in the log."""
    path.parent.mkdir(parents=True, exist_ok=True)
    statements = [sql.load_sql(f"schema/{name}") for name in sql.list_sql("schema") if name < "025"]
    with duckdb.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
        for version in range(1, 25):
            connection.execute("INSERT INTO schema_migrations VALUES (?, 'x', now(), '0.0.9')", [version])
    insert = "INSERT INTO interventions (source, kind, made_at) VALUES ('kept', 'rewind', now())"
    with file_holders.held(path, insert):
        pass
    assert path.with_name(f"{path.name}.wal").stat().st_size


def test_the_copy_names_its_run_and_is_else_the_writers_file(folder: DataFolder) -> None:
    run_id = load_run(folder, 4)
    rows = reader.run_query(folder.published, "SELECT run_id, articles, newsetl_version FROM published").rows
    assert rows == ((run_id, 4, newsetl.__version__),)
    assert describe_publication(folder.published).endswith(
        f"{str(run_id)[:8]} (ingest of stdaily, completed)"
    )
    both = []
    for path in (folder.warehouse, folder.published):
        with open_connection(path, is_read_only=True) as connection:
            both.append(compare.compute_digests(connection, {"published": compare.ALL_COLUMNS}))
    assert both[0] == both[1]
    assert reader.run_query(folder.warehouse, "FROM published").rows == ()
    assert sorted(path.name for path in folder.path.iterdir()) == ["lock", "news.duckdb", "work.duckdb"]


def test_publishing_does_not_give_up_the_writers_lock(folder: DataFolder) -> None:
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        warehouse.publish()
        warehouse.publish()
        other = "import sys, duckdb; duckdb.connect(sys.argv[1])"
        for path, status in ((folder.warehouse, 1), (folder.published, 0)):
            done = subprocess.run(
                [sys.executable, "-c", other, path], check=False, capture_output=True, text=True
            )
            assert done.returncode == status, done.stderr
        assert count(folder.published) == 3


def test_a_reader_that_stays_keeps_its_copy_and_stops_no_run(folder: DataFolder) -> None:
    with closing(reader.connect(folder.published)) as notebook:
        load_run(folder, 4)
        assert notebook.execute("SELECT count(*) FROM articles").fetchall() == [(3,)]
    assert count(folder.published) == 4
    # Who opens it as DuckDB does by default shuts other readers out, but no run.
    with file_holders.held(folder.published, "DELETE FROM teasers"):
        load_run(folder, 5)
        assert count(folder.published) == 5
    assert not folder.published.with_name("news.duckdb.wal").exists()
    assert reader.run_query(folder.published, "SELECT count(*) > 0 FROM teasers").rows == ((True,),)


def test_in_the_middle_of_a_run_it_is_published_only_now_and_then(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        first = folder.published.stat().st_ino
        warehouse.publish(when="due")
        assert folder.published.stat().st_ino == first
        monkeypatch.setattr(publish, "MIN_INTERVAL_SECONDS", 0.0)
        warehouse.publish(when="due")
        second = folder.published.stat().st_ino
        assert second != first
        # At once again would be more than a twentieth of the time.
        warehouse.publish(when="due")
        assert folder.published.stat().st_ino == second


def test_nothing_new_is_not_copied_again(folder: DataFolder) -> None:
    before = folder.published.stat().st_ino
    with recover.open_warehouse(folder, clock=replica_runs.now):
        pass
    assert folder.published.stat().st_ino == before
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        warehouse.crawl_state.add_override("stdaily", start_on=date(2026, 3, 1), made_at=replica_runs.now())
    assert reader.run_query(folder.published, "SELECT count(*) FROM operator_overrides").rows == ((1,),)


def test_what_a_dead_run_left_half_copied_goes_and_the_copy_before_stays(folder: DataFolder) -> None:
    left = [folder.path / f"{name}.duckdb.new{end}" for name in ("news", "work") for end in ("", ".wal")]
    for path in left:
        path.write_bytes(b"half")
    assert count(folder.published) == 3
    load_run(folder, 4)
    assert not any(path.exists() for path in left)
    assert count(folder.published) == 4


def test_a_run_that_cannot_publish_says_so_and_is_fine(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    load_run(folder, 1)
    folder.published.unlink()
    (folder.published / "in the way").mkdir(parents=True)
    with replica_runs.served(3) as replica:
        source = replica_runs.source_of(replica)
        summary = replica_runs.ingest(tmp_path, source)
        assert (summary.state, summary.error, summary.new) == ("completed", None, 3)
        (line,) = [line for line in summaries.format_summary(summary).splitlines() if "published" in line]
        assert line.startswith("stdaily: not published: ")
        assert "Is a directory" in line
        assert line.endswith("readers have the copy from before")
        assert not list(tmp_path.glob("*.new*"))
        (folder.published / "in the way").rmdir()
        folder.published.rmdir()
        assert replica_runs.ingest(tmp_path, source).notes == ()
    assert count(folder.published) == 4


def test_the_publish_command_makes_a_lost_copy_anew(folder: DataFolder) -> None:
    folder.published.unlink()
    for reading in (reader.connect, newsetl.connect, print_status, rejects.list_open_rejects):
        with pytest.raises(WarehouseError, match=r"missing, but work\.duckdb exists; run newsetl publish"):
            reading(folder.published)
    done = commands.newsetl("sql", "SELECT 1", "--data", folder.path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"newsetl: {folder.published}: missing")
    done = commands.newsetl("publish", "--data", folder.path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"{folder.published}: 3 articles, 20")
    assert count(folder.published) == 3
    done = commands.newsetl("publish", "--data", folder.path / "nowhere")
    assert done.returncode == 2
    assert "no warehouse here; `newsetl ingest` or `newsetl rebuild`" in done.stderr


@pytest.mark.parametrize("part", [0.0, 0.001, 0.02, 0.3, 0.7])
def test_a_copy_that_is_cut_short_is_a_clear_line(folder: DataFolder, part: float) -> None:
    whole = folder.published.read_bytes()
    folder.published.write_bytes(whole[: int(len(whole) * part)])
    for reading in (reader.connect, newsetl.connect, status_.load_status):
        with pytest.raises(
            WarehouseError, match=r"damaged or truncated|not a DuckDB file|empty warehouse"
        ) as caught:
            reading(folder.published)
        assert "\n" not in str(caught.value)
    load_run(folder, 4)
    assert count(folder.published) == 4


def test_a_copy_with_a_wrong_byte_is_a_clear_line(folder: DataFolder) -> None:
    whole = bytearray(folder.published.read_bytes())
    start = 3 * 4096
    for place in range(start + 100, len(whole), 4096):
        whole[place] ^= 0xFF
    folder.published.write_bytes(whole)
    with pytest.raises((WarehouseError, ConfigError), match="newsetl publish"):
        _ = reader.run_query(folder.published, "SELECT text FROM articles").rows


def test_a_folder_of_an_older_newsetl_loses_nothing(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    old_warehouse(folder.published)
    old = "schema version 24 of newsetl 0.0.9 is older than this newsetl .* reads; run newsetl publish"
    for reading in (reader.connect, newsetl.connect, print_status):
        with pytest.raises(WarehouseError, match=old):
            reading(folder.published)
    # It died while it was making the writer's file.
    (tmp_path / "work.duckdb.new").write_bytes(folder.published.read_bytes()[:5000])
    publish.prepare_work_file(folder)
    assert not list(tmp_path.glob("*.new*"))
    with open_connection(folder.warehouse, is_read_only=True) as connection:
        assert connection.execute("SELECT source FROM interventions").fetchall() == [("kept",)]
    # And again before it published: readers still have the old file.
    with pytest.raises(WarehouseError, match=old):
        reader.connect(folder.published)
    load_run(folder, 1)
    assert reader.run_query(folder.published, "SELECT source FROM operator_overrides").rows == (("kept",),)
    assert count(folder.published) == 1
    assert not folder.published.with_name("news.duckdb.wal").exists()


def test_a_folder_of_an_older_newsetl_waits_for_who_holds_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_, "LOCK_SECONDS", 0.2)
    folder = DataFolder(tmp_path)
    old_warehouse(folder.published)
    with (
        file_holders.held(folder.published) as holder,
        pytest.raises(WarehouseError, match=f"PID {holder.pid}"),
        recover.open_warehouse(folder, clock=replica_runs.now),
    ):
        pass
    assert not folder.warehouse.exists()
    load_run(folder, 1)
    assert count(folder.published) == 1


def test_a_lost_writers_file_comes_back_from_the_copy(folder: DataFolder) -> None:
    folder.warehouse.unlink()
    load_run(folder, 4)
    assert count(folder.published) == 4
    assert reader.run_query(folder.warehouse, "FROM published").rows == ()
    folder.warehouse.unlink()
    folder.published.write_bytes(b"no database" * 1000)
    with pytest.raises(WarehouseError, match=r"news\.duckdb: not a DuckDB file"):
        load_run(folder, 5)
    assert not folder.warehouse.exists()


def test_a_rebuild_publishes(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with replica_runs.served(3) as replica:
        replica_runs.ingest(tmp_path, replica_runs.source_of(replica))
    for lost in ((folder.published,), (folder.published, folder.warehouse)):
        for path in lost:
            path.unlink()
        done = rebuild.rebuild(folder, clock=replica_runs.now)
        assert done.note is None
        assert done.differing_tables in (None, ())
        assert count(folder.published) == 3


def test_a_warehouse_without_readers_publishes_nowhere(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "alone.duckdb") as warehouse:
        warehouse.publish()
    assert [path.name for path in tmp_path.iterdir()] == ["alone.duckdb"]


def test_the_door_gives_what_is_there_now(folder: DataFolder) -> None:
    first = newsetl.connect(folder.path)
    with duckdb.connect(folder.published, read_only=True):
        load_run(folder, 4)
        second = newsetl.connect(str(folder.published))
    assert first.sql("SELECT count(*) FROM articles").fetchall() == [(3,)]
    assert second.sql("SELECT count(*) FROM articles").fetchall() == [(4,)]
    assert second.sql("SELECT count(*) FROM articles_flat").fetchall() == [(4,)]
    assert second.sql("SELECT current_setting('TimeZone')").fetchall() == [("UTC",)]
    mine = pa.table({"url": [web(4)], "rating": [5]})
    joined = second.sql("SELECT title, rating FROM articles JOIN mine USING (url)").fetchall()
    assert joined == [("Number 4", 5)]
    assert mine.num_rows == 1
    for statement in ("DELETE FROM articles", "CREATE TABLE t (a INTEGER)", "DROP VIEW latest_articles"):
        with pytest.raises(duckdb.Error, match="read-only"):
            second.execute(statement)
    second.execute("CREATE TABLE memory.t AS SELECT 1 AS a")
    first.close()
    second.close()
    with pytest.raises(WarehouseError, match="no warehouse here"):
        newsetl.connect(folder.path / "nowhere")


def test_articles_are_an_arrow_table_with_lists_and_zones(folder: DataFolder) -> None:
    with recover.open_warehouse(folder, clock=replica_runs.now) as warehouse:
        warehouse.register_source(sources.load("stdaily"))
        run_id = warehouse.start_run("stdaily", kind="ingest", window=Window(), started_at=replica_runs.now())
        later = datetime(2026, 3, 4, 18, 0, tzinfo=UTC)  # the 5th in Beijing
        warehouse.load(
            batch(page(9, web(9), title="Late", published_at=later, section="Case")), run_id=run_id
        )
    table = newsetl.articles(data=folder.path)
    assert table.num_rows == 4
    assert table.schema.field("published_at").type == pa.timestamp("us", tz="UTC")
    assert table.schema.field("authors").type == pa.list_(pa.string())
    assert table.column("authors").to_pylist()[0] == ["LONG Yun", "CHEN Chunyou"]

    def titles(**wanted: str | date) -> list[str]:
        found = newsetl.articles(data=folder.path, columns=["title"], **wanted)  # type: ignore[arg-type]
        assert found.column_names == ["title"]
        return [str(title) for title in found.column("title").to_pylist()]

    assert titles(since="2026-03-05") == titles(section="Case") == ["Late"]
    assert sorted(titles(until=date(2026, 3, 4))) == ["Number 1", "Number 2", "Number 3"]
    assert titles(since="2026-03-02", until="2026-03-04") == titles(source="other") == []
    assert len(titles(source="stdaily")) == 4
    for wrong, message in (
        ({"since": "yesterday"}, "no date; write YYYY-MM-DD"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "exchange them"),
        ({"since": datetime(2026, 3, 1, tzinfo=UTC)}, "not a time"),
        ({"columns": ["titel"]}, "'titel': unknown column; use one of: source, url, title"),
    ):
        with pytest.raises(ConfigError, match=message):
            newsetl.articles(data=folder.path, **wrong)  # type: ignore[arg-type]
