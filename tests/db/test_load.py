"""The warehouse takes batches: once, twice, in any order, and says what it cannot do."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import timedelta
from importlib import resources
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import duckdb
import pytest

from newsetl import sources
from newsetl.db import compare, load_batch, session, sql
from newsetl.db import connection as connection_
from newsetl.db.writer import Warehouse
from newsetl.errors import WarehouseError
from newsetl.model import Batch, Image, LoadResult, Teaser, Window
from newsetl.reasons import Reason
from tests.support import factories, file_holders
from tests.support.factories import (
    NOON,
    Room,
    after,
    article,
    batch,
    capture,
    contents,
    hashed,
    page,
    reject,
    request,
    web,
)


def full_batch() -> Batch:
    """Something for every table: new, changed within the batch, aliased, refused, resolved, no article."""
    return batch(
        page(1, web(1), title="One", text="A text."),
        page(2, web(2), title="Two", text="Another."),
        page(3, hashed(3), title="Two", text="Another."),
        page(4, web(1), at=after(5), title="One", text="A text, edited."),
        (capture(5, web(5), at=after(1)), None),
        page(6, web(6), at=after(9), title="Six"),
        (capture(7, f"{factories.HOME}/web/English/index.html", kind="index"), None),
        rejects=[reject(5, web(5)), reject(None, web(6), at=after(3)), reject(None, None), reject(8, None)],
        requests=[request(1, at=after(0)), request(2, at=after(0.1)), request(5, at=after(3), host="b.test")],
    )


def test_every_field_arrives(room: Room) -> None:
    taken, read = page(1, web(1), title="A title")
    assert room.load(batch((taken, read), requests=[request(1, at=NOON)])) == LoadResult(new=1)
    (row,) = room.ask(
        "SELECT source, url, title, section, agency, published_at, published_on::VARCHAR, published_raw, "
        "published_precision, authors, editors, lead, text, words, language, title_hash, text_hash, found, "
        "first_seen_at, changed_at, capture_id FROM articles"
    )
    assert row == (
        "stdaily",
        web(1),
        "A title",
        "News",
        "Xinhua",
        read.published_at,
        "2026-03-01",
        "2026-03-01 01:30:00",
        "second",
        ["LONG Yun", "CHEN Chunyou"],
        ["王晓夏"],
        "First paragraph.",
        read.text,
        4,
        "en",
        read.title_hash,
        read.text_hash,
        read.found,
        NOON,
        NOON,
        UUID(int=1),
    )
    article_id = room.one("SELECT article_id FROM articles")
    assert room.ask("FROM credits ORDER BY role, position") == [
        (article_id, "author", 1, "LONG Yun", "person"),
        (article_id, "author", 2, "CHEN Chunyou", "person"),
        (article_id, "editor", 1, "王晓夏", "person"),
        (article_id, "photographer", 1, "VCG", "organisation"),
    ]
    assert room.ask("SELECT position, url, caption, credit FROM images ORDER BY position") == [
        (1, f"{factories.HOME}/1.jpg", "A lab", "VCG"),
        (2, None, "A field", None),
    ]
    assert room.ask("SELECT capture_id, position, title, summary, url FROM teasers ORDER BY position") == [
        (UUID(int=1), 1, None, "Some summary", None),
        (UUID(int=1), 2, "Other title", "Other summary", f"{factories.HOME}/o.html"),
    ]
    assert room.ask("FROM captures") == [
        (
            UUID(int=1),
            room.run_id,
            "stdaily",
            "article",
            web(1),
            web(1),
            NOON,
            200,
            "text/html; charset=utf-8",
            "utf-8",
            '"x"',
            "yesterday",
            6,
            "0621a1c111cfd4554a172d9ecd490a9a8d6e4e66e0f444491b716fb1d00ab1b9",
            "a.warc.gz",
            100,
            100,
            article_id,
            "web",
            None,
            None,
            read.title_hash,
            read.text_hash,
        )
    ]
    assert room.ask("FROM article_urls") == [("stdaily", web(1), article_id, "web", True, NOON)]
    assert room.ask("FROM requests") == [
        (
            room.run_id,
            "stdaily",
            web(1),
            "www.stdaily.com",
            "article",
            NOON,
            200,
            0.5,
            0.1,
            1000,
            True,
            1,
            None,
            UUID(int=1),
            None,
            None,
            None,
            None,
        )
    ]
    assert room.ask("SELECT slug, timezone, url_forms FROM sources") == [
        ("stdaily", "Asia/Shanghai", ["web", "hashed", "dated"])
    ]


def test_the_same_batch_twice_leaves_every_table_as_it_was(room: Room) -> None:
    given = full_batch()
    assert room.load(given) == LoadResult(new=3, rejects=4)
    before = contents(room.warehouse.connection)
    tables = {"captures", "articles", "article_urls", "credits", "images", "teasers", "rejects", "requests"}
    assert tables < before.keys()
    assert all(room.one(f"SELECT count(*) > 0 FROM {name}") for name in tables)
    assert room.load(given) == LoadResult(already_loaded=3, rejects=0)
    assert contents(room.warehouse.connection) == before
    room.warehouse.register_source(sources.load("stdaily"))
    assert contents(room.warehouse.connection) == before


def test_one_batch_and_its_parts_in_any_order_make_the_same_articles(tmp_path: Path) -> None:
    whole = full_batch()
    parts = [
        replace(
            whole,
            captures=(taken,),
            articles=tuple(a for a in whole.articles if a.capture_id == taken.capture_id),
            rejects=(),
            requests=(),
        )
        for taken in whole.captures
    ]
    rejected = replace(whole, captures=(), articles=())
    found = []
    for number, order in enumerate(([whole], [*parts, rejected], [rejected, *parts])):
        room = Room(tmp_path / f"{number}.duckdb")
        for part in order:
            room.load(part)
        same = contents(room.warehouse.connection)
        found.append(
            {name: same[name] for name in ("articles", "article_urls", "credits", "images", "teasers")}
        )
        found[-1]["rejects"] = str(room.ask("SELECT * EXCLUDE resolved_run_id FROM rejects ORDER BY ALL"))
        room.warehouse.close()
    assert found[0] == found[1] == found[2]


def test_a_changed_text_is_a_change_and_other_fields_are_not(room: Room) -> None:
    room.load(batch(page(1, web(1), text="Old text.")))
    touched = page(
        2, web(1), at=after(10), text="Old  text!", section="Insight", credits=(), images=(), title="A TITLE"
    )
    assert room.load(batch(touched)) == LoadResult(already_loaded=1)
    assert room.ask("SELECT section, title, text, editors, changed_at, capture_id FROM articles") == [
        ("Insight", "A TITLE", "Old  text!", [], NOON, UUID(int=2))
    ]
    assert room.one("SELECT count(*) FROM credits") == room.one("SELECT count(*) FROM images") == 0
    edited = page(3, web(1), at=after(20), text="New text.", images=(Image(None, "New"),))
    assert room.load(batch(edited)) == LoadResult(changed=1)
    assert room.ask("SELECT text, words, first_seen_at, changed_at FROM articles") == [
        ("New text.", 2, NOON, after(20))
    ]
    assert room.ask("SELECT caption FROM images") == [("New",)]
    assert room.one("SELECT count(*) FROM credits") == 4
    assert room.one("SELECT count(DISTINCT capture_id) FROM teasers") == 3


def test_an_older_capture_never_overwrites_a_newer_state(room: Room) -> None:
    room.load(batch(page(2, web(1), at=after(10), text="New text.")))
    late = page(1, web(1), text="Old text.", credits=(), images=(), teasers=(Teaser("Then", None),))
    assert room.load(batch(late)) == LoadResult(already_loaded=1)
    assert room.ask("SELECT text, first_seen_at, changed_at, capture_id FROM articles") == [
        ("New text.", NOON, after(10), UUID(int=2))
    ]
    assert room.one("SELECT first_seen_at FROM article_urls") == NOON
    assert room.one("SELECT count(*) FROM credits") == 4
    assert room.ask(
        "SELECT title FROM teasers WHERE capture_id = $$00000000-0000-0000-0000-000000000001$$"
    ) == [("Then",)]


def test_a_better_reading_of_the_same_capture_replaces_the_state(room: Room) -> None:
    room.load(batch(page(1, web(1), credits=())))
    again = batch(page(1, web(1), text="All of the text.", teasers=()))
    assert room.load(replace(again, captures=())) == LoadResult(changed=1)
    assert room.ask("SELECT text, editors FROM articles") == [("All of the text.", ["王晓夏"])]
    assert room.one("SELECT count(*) FROM teasers") == 0


@pytest.mark.parametrize("is_one_batch", [True, False])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_old_and_the_new_address_of_a_story_are_one_row(
    room: Room, is_one_batch: bool, order: tuple[int, int]
) -> None:
    pages = (page(1, hashed(1)), page(2, web(2), at=after(1)))
    pages = (pages[order[0]], pages[order[1]])
    for given in [batch(*pages)] if is_one_batch else [batch(pages[0]), batch(pages[1])]:
        room.load(given)
    assert room.ask("SELECT url, capture_id FROM articles") == [(web(2), UUID(int=2))]
    assert room.ask("SELECT url, url_form, is_canonical FROM article_urls ORDER BY url") == [
        (hashed(1), "hashed", False),
        (web(2), "web", True),
    ]
    assert room.one("SELECT count(DISTINCT article_id) FROM captures") == 1


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_two_stories_of_one_form_with_equal_title_and_stamp_stay_two(room: Room, is_one_batch: bool) -> None:
    pages = [
        page(1, web(1), text="First story."),
        page(2, web(2), text="Second story."),
        page(3, hashed(3), text="Second story."),
        page(4, hashed(4), text="First story."),
    ]
    for given in [batch(*pages)] if is_one_batch else [batch(pair) for pair in pages]:
        room.load(given)
    found = room.ask(
        "SELECT text, list(article_urls.url ORDER BY article_urls.url) FROM articles "
        "JOIN article_urls USING (article_id) GROUP BY text ORDER BY text"
    )
    assert found == [
        ("First story.", [hashed(4), web(1)]),
        ("Second story.", [hashed(3), web(2)]),
    ]


@pytest.mark.parametrize("precisions", [("day", "day"), ("second", "day"), ("day", "second")])
def test_a_day_is_too_coarse_to_make_two_addresses_one_story(room: Room, precisions: tuple[str, str]) -> None:
    old, new = precisions
    room.load(batch(page(1, hashed(1), published_precision=old)))
    room.load(batch(page(2, web(2), published_precision=new)))
    assert room.one("SELECT count(*) FROM articles") == 2


def test_any_of_an_articles_addresses_finds_its_row(room: Room) -> None:
    room.load(batch(page(1, web(1), other_urls=(hashed(1),))))
    assert room.load(batch(page(2, hashed(1), title="Renamed", at=after(1)))) == LoadResult(changed=1)
    assert room.ask("SELECT url, title FROM articles") == [(web(1), "Renamed")]
    assert room.ask("SELECT url_form FROM article_urls WHERE NOT is_canonical") == [("hashed",)]


def test_saved_files_without_an_address_are_known_by_their_words(room: Room) -> None:
    saved = [
        article(1, None, published_precision="day"),
        article(2, None, title="B", published_precision="day"),
    ]
    given = batch((capture(1, "file:1"), saved[0]), (capture(2, "file:2"), saved[1]))
    assert room.load(given) == LoadResult(new=2)
    assert room.load(given) == LoadResult(already_loaded=2)
    without = replace(saved[0], capture_id=None, title="C", title_hash="c" * 64)
    assert room.load(Batch("stdaily", articles=(without,))) == LoadResult(new=1)
    assert room.load(Batch("stdaily", articles=(without,))) == LoadResult(already_loaded=1)
    assert room.ask("SELECT url, first_seen_at FROM articles WHERE title = 'C'") == [(None, NOON)]


def test_a_refusal_is_one_row_until_it_is_resolved(room: Room) -> None:
    room.load(batch(rejects=[reject(1, web(1), reason=Reason.SOFT_404)]))
    first = room.one("SELECT reject_id FROM rejects")
    room.load(batch(rejects=[reject(2, web(1), at=after(10), reason=Reason.SOFT_404)]))
    room.load(batch(rejects=[reject(1, web(1), reason=Reason.SOFT_404)]))
    assert room.ask("SELECT reject_id, rejected_at, message, capture_id, retry_at FROM rejects") == [
        (first, after(10), "at 12:10", UUID(int=2), after(10) + timedelta(days=1))
    ]
    room.load(batch(page(3, web(1), at=after(20))))
    assert room.ask("SELECT resolved_at, resolved_by FROM rejects") == [(after(20), UUID(int=3))]
    room.load(batch(rejects=[reject(2, web(1), at=after(10), reason=Reason.SOFT_404)]))
    assert room.one("SELECT count(*) FROM rejects") == 1
    room.load(batch(rejects=[reject(4, web(1), at=after(30), reason=Reason.SOFT_404)]))
    assert room.ask("SELECT rejected_at, resolved_at FROM rejects ORDER BY rejected_at") == [
        (after(10), after(20)),
        (after(30), None),
    ]


def test_a_page_that_a_better_parser_reads_is_resolved_by_the_same_capture(room: Room) -> None:
    room.load(batch((capture(1, web(1)), None), rejects=[reject(1, web(1), at=after(5))]))
    assert room.one("SELECT article_id FROM captures") is None
    room.load(batch(page(1, web(1))))
    assert room.one("SELECT resolved_by FROM rejects") == UUID(int=1)
    assert room.one("SELECT article_id FROM captures") == room.one("SELECT article_id FROM articles")


def test_known_urls_are_articles_and_refusals_that_are_not_due(room: Room) -> None:
    given = [
        reject(11, web(11), reason=Reason.NO_DATE),
        reject(12, web(12), reason=Reason.SOFT_404),
        reject(None, web(13), reason=Reason.FETCH_FAILED),
        reject(None, None),
    ]
    room.load(batch(page(1, web(1), other_urls=(hashed(1),)), rejects=given))
    known, day = {web(1), hashed(1), web(11)}, 60 * 24
    assert room.warehouse.crawl_state.get_known_urls("stdaily", due_before=after(-1)) == known | {
        web(12),
        web(13),
    }
    assert room.warehouse.crawl_state.get_known_urls("stdaily", due_before=after(60)) == known | {web(12)}
    assert room.warehouse.crawl_state.get_known_urls("stdaily", due_before=after(day + 60)) == known
    assert room.warehouse.crawl_state.get_known_urls("other", due_before=after(0)) == set()
    due = [link.url for link in room.warehouse.crawl_state.find_due_links("stdaily", now=after(60))]
    assert due == [web(13)]
    assert len(room.warehouse.crawl_state.find_due_links("stdaily", now=after(day + 60))) == 2
    assert room.warehouse.crawl_state.find_due_links("stdaily", now=after(31 * day)) == ()


def test_what_only_an_archive_gave_is_still_asked_of_the_site(room: Room) -> None:
    old = capture(1, web(1), via="wayback", via_url="https://web.archive.org/1", obtained_at=NOON)
    room.load(batch((old, article(1, web(1)))))
    assert room.warehouse.crawl_state.get_known_urls("stdaily", due_before=after(0)) == set()
    assert room.warehouse.crawl_state.get_known_archive_copies("stdaily") == {"https://web.archive.org/1"}
    room.load(batch(page(2, web(1), at=after(1))))
    assert room.warehouse.crawl_state.get_known_urls("stdaily", due_before=after(0)) == {web(1)}
    room.warehouse.crawl_state.add_override("stdaily", url=web(1), made_at=after(2))
    assert room.warehouse.crawl_state.get_known_urls("stdaily", due_before=after(0)) == set()
    room.load(batch(page(3, web(1), at=after(3))))
    assert room.warehouse.crawl_state.get_known_urls("stdaily", due_before=after(0)) == {web(1)}


def test_a_run_sums_its_loads(room: Room) -> None:
    room.load(batch(page(1, web(1)), rejects=[reject(2, web(2))]))
    room.load(batch(page(3, web(1), at=after(1), text="Other."), page(4, web(4), title="X")))
    room.warehouse.finish_run(
        room.run_id, ended_at=after(2), state="completed", discovered=9, already_loaded=6
    )
    assert room.ask(
        "SELECT state, discovered, new, changed, already_loaded, rejected, seconds, error FROM runs"
    ) == [("completed", 9, 2, 1, 6, 1, 120.0, None)]
    with pytest.raises(WarehouseError, match="no run"):
        room.warehouse.finish_run(UUID(int=9), ended_at=NOON, state="failed", discovered=0, already_loaded=0)


def test_a_batch_that_fails_leaves_nothing(room: Room) -> None:
    room.load(batch(page(1, web(1))))
    before = contents(room.warehouse.connection)
    wrong = page(2, web(2), title="B", published_raw=None)
    with pytest.raises(WarehouseError, match="NOT NULL") as caught:
        room.load(batch(wrong, rejects=[reject(3, web(3))]))
    assert "\n" not in str(caught.value)
    assert contents(room.warehouse.connection) == before
    assert room.load(batch(page(2, web(2), title="B"))) == LoadResult(new=1)


def test_what_cannot_be_loaded_is_named(room: Room) -> None:
    with pytest.raises(WarehouseError, match="'elsewhere' is not registered"):
        room.load(Batch("elsewhere"))
    with pytest.raises(WarehouseError, match="no run"):
        room.warehouse.load(batch(), run_id=UUID(int=1))
    with pytest.raises(WarehouseError, match="neither in the batch nor in the warehouse"):
        room.load(Batch("stdaily", articles=(article(7, web(7)),)))


def test_half_surrogates_become_replacement_characters_and_nul_stays(room: Room) -> None:
    odd = "a\ud83d b\0c \U0001f52d"
    given = batch(
        page(
            1,
            web(1) + "\udc00",
            title=odd,
            text=odd,
            found={"title": odd},
            images=(Image(odd),),
            lead=odd,
            credits=(replace(factories.CREDITS[0], name=odd),),
        ),
        rejects=[replace(reject(1, web(2)), message=odd)],
    )
    clean = "a\ufffd b\0c \U0001f52d"
    for _ in range(2):
        room.load(given)
        assert room.ask("SELECT title, authors, found['title'] FROM articles") == [(clean, [clean], clean)]
    assert room.one("SELECT message FROM rejects") == clean
    assert room.one("SELECT url FROM images") == clean
    assert room.one("SELECT url FROM articles") == web(1) + "\ufffd"


@factories.of_file
def test_a_warehouse_is_migrated_once_and_its_views_follow_their_files(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    with Warehouse(path) as warehouse:
        before = warehouse.connection.execute("FROM internal.schema_migrations").fetchall()
        assert [row[0] for row in before] == [int(name[:3]) for name in sql.list_sql("schema")]
        made = {
            name
            for (name,) in warehouse.connection.execute("SELECT name FROM internal.view_files").fetchall()
        }
        assert made == {*sql.list_sql("macros"), *sql.list_sql("views")}
        assert not path.with_name("news.duckdb.wal").exists()  # no DDL is left to be replayed after a crash
        warehouse.connection.execute("CREATE OR REPLACE VIEW latest_articles AS SELECT 1 AS stale")
        warehouse.connection.execute("CREATE VIEW gone AS SELECT 1 AS one")
        warehouse.connection.execute("CREATE MACRO gone_too() AS TABLE SELECT 1 AS one")
        warehouse.connection.execute(
            "UPDATE internal.view_files SET sha256 = 'of an older file' WHERE name = 'latest'"
        )
        warehouse.connection.execute(
            "INSERT INTO internal.view_files VALUES ('gone', 'x'), ('gone_too', 'x')"
        )
    with Warehouse(path) as warehouse:
        assert warehouse.connection.execute("FROM internal.schema_migrations").fetchall() == before
        assert warehouse.connection.execute("SELECT title FROM latest_articles").fetchall() == []
        views = {
            name
            for (name,) in warehouse.connection.execute(
                "SELECT view_name FROM duckdb_views() WHERE NOT internal UNION "
                "SELECT function_name FROM duckdb_functions() WHERE NOT internal"
            ).fetchall()
        }
        assert views == {*sql.list_sql("macros"), *sql.list_sql("views")}
    with duckdb.connect(path) as plain:
        ((tags,),) = plain.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchall()
        assert tags["storage_version"] == "v1.5.0+"


def test_a_newer_warehouse_is_refused_with_both_versions(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    with Warehouse(factories.place(path)) as warehouse:
        warehouse.connection.execute("INSERT INTO internal.schema_migrations VALUES (900, 'x', now(), '9.9')")
    with pytest.raises(
        WarehouseError, match=rf"version 900.*9\.9.*up to {int(sql.list_sql('schema')[-1][:3])}"
    ):
        Warehouse(factories.place(path))


@factories.of_file
@pytest.mark.parametrize("content", [b"", b"not a database " * 500])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "news.duckdb"
    path.write_bytes(content)
    with pytest.raises(WarehouseError, match=r"news\.duckdb: not a DuckDB file"):
        Warehouse(path)
    assert path.read_bytes() == content


@factories.of_file
def test_another_duckdb_file_is_refused(tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "other.duckdb") as other:
        other.execute("CREATE TABLE mine (a INTEGER)")
    with pytest.raises(WarehouseError, match="no newsetl warehouse"):
        Warehouse(tmp_path / "other.duckdb")


@factories.of_file
def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseError) as caught:
        Warehouse(tmp_path / "file" / "news.duckdb")
    assert "\n" not in str(caught.value)
    with pytest.raises(WarehouseError, match="directory"):
        Warehouse(tmp_path)


@factories.of_file
def test_a_file_held_by_another_process_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "news.duckdb"
    Warehouse(path).close()
    with file_holders.held(path) as holder:
        naps = []

        def let_go(seconds: float) -> None:
            naps.append(seconds)
            holder.communicate()

        monkeypatch.setattr(connection_, "LOCK_SECONDS", 600)
        monkeypatch.setattr(connection_, "time", SimpleNamespace(monotonic=time.monotonic, sleep=let_go))
        Warehouse(path).close()
    assert len(naps) == 1


@factories.of_file
def test_a_file_held_for_long_is_refused_with_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection_, "LOCK_SECONDS", 0.2)
    path = tmp_path / "news.duckdb"
    Warehouse(path).close()
    with (
        file_holders.held(path) as holder,
        pytest.raises(WarehouseError, match=rf"held by another process \(.*PID {holder.pid}\)"),
    ):
        Warehouse(path)


def test_two_in_one_process_share_the_file(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    first, first_run = factories.opened(path)
    second, second_run = factories.opened(path)
    with first, second:
        first.load(batch(page(1, web(1))), run_id=first_run)
        assert second.load(batch(page(1, web(1))), run_id=second_run) == LoadResult(already_loaded=1)


@factories.of_file
def test_every_table_column_view_and_macro_has_a_comment(room: Room) -> None:
    assert room.ask("SELECT table_name FROM duckdb_tables() WHERE comment IS NULL") == []
    assert room.ask("SELECT view_name FROM duckdb_views() WHERE comment IS NULL AND NOT internal") == []
    assert (
        room.ask("SELECT function_name FROM duckdb_functions() WHERE comment IS NULL AND NOT internal") == []
    )
    # A view's column without a comment of its own means what the table's column of the same name says.
    uncommented = room.ask(
        "WITH tables AS "
        "(SELECT column_name FROM duckdb_columns() SEMI JOIN duckdb_tables() USING (table_oid) "
        "WHERE comment IS NOT NULL) "
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL "
        "AND (table_oid IN (SELECT table_oid FROM duckdb_tables()) OR column_name NOT IN (FROM tables))"
    )
    assert uncommented == []


@factories.of_file
def test_the_comment_on_reasons_lists_the_closed_set(room: Room) -> None:
    text = room.one(
        "SELECT comment FROM duckdb_columns() WHERE table_name = 'rejects' AND column_name = 'reason'"
    )
    assert set(re.findall(r"\w+", text)) - {"or"} == set(Reason)


def test_every_sql_file_states_its_grain_first(room: Room) -> None:
    folder = resources.files("newsetl.warehouse")
    files = [
        file
        for part in ("schema", "views", "load", "checks", "report")
        for file in Path(str(folder / part)).rglob("*.sql")
    ]
    assert len(files) > 40
    for file in files:
        first = file.read_text(encoding="utf-8").splitlines()[0]
        assert re.match(r"-- One row .+\.$", first), file
    numbers = [name[:3] for name in sql.list_sql("schema")]
    assert all(re.fullmatch(r"\d{3}", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    for name in sql.list_sql("views"):
        assert re.search(rf"(VIEW {name}|MACRO {name}\(.*\)) AS", sql.load_sql(f"views/{name}"))


def test_the_window_of_a_run_is_kept(room: Room) -> None:
    window = Window(since=NOON.date(), until=None)
    room.warehouse.start_run("stdaily", kind="backfill", window=window, started_at=after(1))
    assert room.ask("SELECT since, until, state FROM runs WHERE kind = 'backfill'") == [
        (NOON.date(), None, "running")
    ]


def test_two_stories_of_one_second_and_title_are_told_apart_by_their_text(room: Room) -> None:
    room.load(factories.batch(factories.page(1, web(1), text="Rice was sown on the coast this week.")))
    room.load(
        factories.batch(factories.page(2, factories.hashed(2), text="A bridge opens to trains in May."))
    )
    assert room.one("SELECT count(*) FROM articles") == 2
    room.load(
        factories.batch(
            factories.page(3, factories.hashed(3), text="Rice was sown along the coast this week.")
        )
    )
    assert room.one("SELECT count(*) FROM articles") == 2
    assert room.one("SELECT count(*) FROM article_urls") == 3


def test_what_is_new_gives_the_rows_that_looking_for_it_everywhere_gives(
    room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of new articles, of known ones, of known responses that are read anew, and of all."""
    more = [page(10, web(10), title="Ten"), page(11, web(2), at=after(20), title="Two", text="Other words.")]
    anew = [page(5, web(5), at=after(1), title="Five after all")]
    given = [
        full_batch(),
        batch(page(9, web(9), title="Nine"), rejects=[reject(None, web(1), at=after(30))]),
        batch(*more, rejects=[reject(None, web(9), reason=Reason.SOFT_404, at=after(40))]),
        batch(*anew),
        batch(*anew, *more, page(12, web(12), at=after(50), title="Twelve")),
    ]
    unlike = {"runs": ("run_id",), "captures": ("run_id",), "requests": ("run_id",)} | compare.SEARCH_INDEX
    unlike |= {"rejects": ("resolved_run_id",), "internal.schema_migrations": ("applied_at",)}
    for each in given:
        room.load(each)
    quick = compare.compute_digests(room.warehouse.connection, unlike)
    monkeypatch.setattr(load_batch, "_HAS_STORED", "SELECT 1")
    monkeypatch.setattr(load_batch, "_HAS_GONE", "SELECT 1")
    plain = Room(tmp_path / "plain.duckdb")
    for each in given:
        plain.load(each)
    assert compare.compare_digests(quick, compare.compute_digests(plain.warehouse.connection, unlike)) == ()
    plain.warehouse.close()


def test_what_does_not_fit_in_memory_is_done_again_with_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MEMORY_LIMIT", "30MB")
    limits = []

    def work(connection: duckdb.DuckDBPyConnection) -> object:
        connection.execute("CREATE TEMP TABLE twice AS SELECT 1 AS one")
        limits.append(limit(connection))
        return connection.execute("SELECT len(list(n)) FROM range(4_000_000) AS made (n)").fetchall()

    def limit(connection: duckdb.DuckDBPyConnection) -> object:
        return connection.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]

    with Warehouse(factories.place(tmp_path / "news.duckdb")) as warehouse:
        assert warehouse._session.write(work) == [(4_000_000,)]
        assert limits == ["28.6 MiB", "1.8 GiB"]
        assert limit(warehouse.connection) == "28.6 MiB"
