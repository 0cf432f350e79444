"""Articles that carry one story are found, whatever else they have in common with strangers is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from newsetl import sources
from newsetl.db import compare, connection, sql
from newsetl.db.writer import Warehouse
from newsetl.model import Batch, Window
from newsetl.pipeline import rebuild
from newsetl.replica import MockSite
from newsetl.runtime.data_folder import DataFolder
from newsetl.text.minhash import MIN_WORDS, build_shingles, compute_similarity, compute_sketch
from tests.support import factories, replica_runs
from tests.support.factories import batch, capture, page, web

DAY = datetime(2026, 2, 28, 17, 30, tzinfo=UTC)
PINNED = (13670386126362419191, (3070919795, 1353063128, 1532220821))


def words(seed: int, count: int) -> str:
    """So many words that no other seed has."""
    rng = Random(seed)
    return " ".join(f"w{rng.randrange(500)}of{seed}" for _ in range(count))


def distance(one: str, other: str) -> int:
    first, second = compute_sketch(one), compute_sketch(other)
    assert first
    assert second
    return (first.fingerprint ^ second.fingerprint).bit_count()


def test_a_sketch_is_the_same_everywhere_and_blind_to_case_and_punctuation() -> None:
    text = " ".join(f"Number {n}, then {n * n};" for n in range(30))
    found = compute_sketch(text)
    assert found
    assert found.fingerprint == PINNED[0]
    assert found.bands[:3] == PINNED[1]
    assert compute_sketch(text.upper().replace(",", " -")) == found


def test_the_distance_of_fingerprints_tells_the_share_of_changed_triples() -> None:
    for changed in (5, 20, 40):
        pairs = []
        for seed in range(30):
            kept = words(seed, 200 - changed)
            pairs.append((f"{kept} {words(seed + 100, changed)}", f"{kept} {words(seed + 200, changed)}"))
        share = sum(
            compute_similarity(build_shingles(one), build_shingles(other)) for one, other in pairs
        ) / len(pairs)
        bits = sum(distance(one, other) for one, other in pairs) / len(pairs)
        assert bits == pytest.approx(32 * (1 - share), abs=1.5)
        met = [set(compute_sketch(one).bands) & set(compute_sketch(other).bands) for one, other in pairs]  # type: ignore[union-attr]
        assert all(met)


def test_a_short_text_has_no_sketch_and_chinese_is_counted_by_characters() -> None:
    assert compute_sketch(words(1, MIN_WORDS - 1)) is None
    assert compute_sketch(words(1, MIN_WORDS)) is not None
    assert compute_sketch("科技日报" * 9) is None
    assert compute_sketch("科技日报" * 10) is not None


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Warehouse, UUID]]:
    warehouse, run_id = factories.opened(tmp_path / "news.duckdb")
    with warehouse:
        yield warehouse, run_id


def clusters(warehouse: Warehouse) -> list[set[str]]:
    """The titles of each cluster."""
    found = warehouse.connection.execute(
        "SELECT list(title) FROM story_clusters JOIN articles USING (article_id) GROUP BY cluster_id"
    ).fetchall()
    return [set(titles) for (titles,) in found]


def told(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Title, whether it is the first, how, rounded similarity; the first of each cluster first."""
    return warehouse.connection.execute(
        "SELECT title, is_first, how, round(similarity, 2) "
        "FROM story_clusters JOIN articles USING (article_id) "
        "ORDER BY cluster_id, NOT is_first, title"
    ).fetchall()


def test_the_same_near_and_short_texts(opened: tuple[Warehouse, UUID]) -> None:
    warehouse, run_id = opened
    text, legal = words(1, 150), words(9, 60)
    given = [
        page(1, web(1), title="first", text=text, published_at=DAY),
        page(
            2, web(2), title="same", text=text.replace(" ", "\n\n", 3), published_at=DAY + timedelta(days=900)
        ),
        page(3, web(3), title="near", text=f"{text} {words(2, 12)}", published_at=DAY + timedelta(days=30)),
        page(
            4,
            web(4),
            title="near, later",
            text=f"{text} {words(3, 12)}",
            published_at=DAY + timedelta(days=99),
        ),
        # Strangers with the same legal notice.
        page(5, web(5), title="stranger", text=f"{words(5, 80)} {legal}", published_at=DAY),
        page(6, web(6), title="other stranger", text=f"{words(6, 80)} {legal}", published_at=DAY),
        page(7, web(7), title="short", text="See the pictures.", published_at=DAY),
        page(8, web(8), title="Short", text="See the pictures!", published_at=DAY + timedelta(hours=1)),
        page(9, web(9), title="unlike", text="See the pictures.", published_at=DAY + timedelta(hours=2)),
        page(10, web(10), title="short too", text="See these pictures.", published_at=DAY),
    ]
    warehouse.load(batch(*given), run_id=run_id)
    warehouse.update_search_and_duplicates()
    assert sorted(map(sorted, clusters(warehouse))) == [["Short", "short"], ["first", "near", "same"]]
    assert ("first", True, None, 1.0) in told(warehouse)
    assert ("same", False, "same text", 1.0) in told(warehouse)
    assert ("near", False, "near", 0.93) in told(warehouse)
    (row,) = warehouse.connection.execute(
        "SELECT title, first_source, carriers, articles, same_texts, spread_hours, len(urls), urls[1] "
        "FROM duplicate_stories WHERE articles = 3"
    ).fetchall()
    assert row == ("first", "stdaily", ["stdaily"], 3, 1, 900 * 24.0, 3, web(1))


def test_what_hangs_together_by_a_third_says_so_and_falls_apart_without_it(
    opened: tuple[Warehouse, UUID],
) -> None:
    warehouse, run_id = opened
    one, two, three = words(1, 100), words(2, 60), words(3, 60)
    given = [
        page(1, web(1), title="first", text=f"{one} {two}", published_at=DAY),
        page(2, web(2), title="between", text=f"{one} {two} {three}", published_at=DAY + timedelta(hours=1)),
        page(3, web(3), title="last", text=f"{one} {three}", published_at=DAY + timedelta(hours=2)),
    ]
    warehouse.load(batch(*given), run_id=run_id)
    warehouse.update_search_and_duplicates()
    assert told(warehouse) == [
        ("first", True, None, 1.0), ("between", False, "near", 0.72), ("last", False, "near another", None),
    ]  # fmt: skip
    text = words(4, 100)
    made = compute_sketch(text)
    assert made
    changed = (
        capture(4, web(2), at=factories.after(60)),
        replace(given[1][1], text=text, text_hash="x", capture_id=UUID(int=4)),
    )
    warehouse.load(batch(changed), run_id=run_id)
    warehouse.update_search_and_duplicates()
    assert told(warehouse) == []
    assert warehouse.connection.execute(
        "SELECT fingerprint FROM articles WHERE title = 'between'"
    ).fetchall() == [(made.fingerprint,)]


def test_another_source_and_a_page_that_only_has_a_day(opened: tuple[Warehouse, UUID]) -> None:
    warehouse, run_id = opened
    other = replace(sources.load("stdaily"), slug="other")
    warehouse.register_source(other)
    other_run = warehouse.start_run("other", kind="ingest", window=Window(), started_at=factories.NOON)
    text, midnight = words(1, 90), datetime(2026, 2, 28, 16, 0, tzinfo=UTC)
    printed = factories.article(
        2, "https://paper/1", title="printed", text=text, published_at=midnight, published_precision="day"
    )
    printed = replace(printed, source="other")
    warehouse.load(batch(page(1, web(1), title="online", text=text)), run_id=run_id)
    warehouse.load(
        Batch("other", (capture(2, "https://paper/1", source="other"),), (printed,)), run_id=other_run
    )
    warehouse.update_search_and_duplicates()
    assert told(warehouse) == [("online", True, None, 1.0), ("printed", False, "same text", 1.0)]
    assert warehouse.connection.execute("SELECT carriers FROM duplicate_stories").fetchall() == [
        (["other", "stdaily"],)
    ]


def test_the_order_and_size_of_loads_leave_no_trace(tmp_path: Path) -> None:
    rng = Random(1)
    texts = [words(seed, 80) for seed in range(12)]
    pages = [
        page(
            n,
            web(n),
            title=f"t{n}",
            text=f"{texts[n % 12]} {words(n, n % 30)}",
            published_at=DAY + timedelta(n),
        )
        for n in range(1, 40)
    ]
    found = []
    for size, at in ((40, "whole"), (15, "parts"), (7, "small parts")):
        warehouse, run_id = factories.opened(tmp_path / at)
        with warehouse:
            rng.shuffle(pages)
            for start in range(0, len(pages), size):
                warehouse.load(batch(*pages[start : start + size]), run_id=run_id)
                warehouse.update_search_and_duplicates()
            found.append(
                [
                    sorted(warehouse.connection.execute(f"FROM {table}").fetchall(), key=str)
                    for table in (
                        "story_pairs",
                        "story_clusters",
                        "internal.minhash_bands",
                        "internal.index_queue",
                    )
                ]
            )
    assert found[0] == found[1] == found[2]
    assert len(found[0][0]) > 10


def test_a_warehouse_of_an_older_newsetl_is_caught_up_with(tmp_path: Path) -> None:
    path = tmp_path / "news.duckdb"
    warehouse, run_id = factories.opened(path)
    text = words(1, 90)
    with warehouse:
        given = [page(1, web(1), text=text), page(2, web(2), title="Again", text=text), page(3, web(3))]
        warehouse.load(batch(*given), run_id=run_id)
        warehouse.update_search_and_duplicates()
        wanted = [compare.compute_digests(warehouse.connection, compare.NOT_IN_ARCHIVE), clusters(warehouse)]
        rows = warehouse.connection.sql("SELECT * EXCLUDE (fingerprint) FROM articles").to_arrow_table()
    path.unlink()
    with connection.open_connection(path, is_read_only=False) as old:
        for name in (name for name in sql.list_sql("schema") if int(name[:3]) < 28):
            old.execute(sql.load_sql(f"schema/{name}"))
            old.execute("INSERT INTO schema_migrations VALUES (?, ?, now(), '0')", [int(name[:3]), name[4:]])
        old.execute("INSERT INTO articles BY NAME FROM rows")
    del rows
    with Warehouse(path) as warehouse:
        warehouse.update_search_and_duplicates()
        found = compare.compute_digests(warehouse.connection, compare.NOT_IN_ARCHIVE)
        same = ("articles", "internal.minhash_bands", "story_clusters", "story_pairs", "internal.index_queue")
        assert {name: found[name] for name in same} == {name: wanted[0][name] for name in same}  # type: ignore[index]
        assert clusters(warehouse) == wanted[1] == [{"A title", "Again"}]


def test_clusters_are_what_the_replica_did(tmp_path: Path) -> None:
    with replica_runs.served(16, syndicated=6) as replica:
        source = replica_runs.source_of(replica)
        days = replica.site.since, replica.site.until
        for window in (Window(days[0] + (days[1] - days[0]) / 2), Window()):
            replica_runs.ingest(tmp_path, source, window=window)
        late = replica.site.syndicate(replica.site.copies[0].original, hours=300)
        replica.site.edit(replica.site.copies[1].copy, text=words(1, 60) + "\n\n" + words(2, 300))
        replica_runs.ingest(tmp_path, source)
        copies = [copy for place, copy in enumerate(replica.site.copies) if place]
        bases = {story.paths[0] for copy in copies for story in (copy.original, copy.copy)}
        assert late.paths[0] in bases
        wanted: dict[str, set[str]] = {}
        for copy in replica.site.copies:
            first = replica.base_url + copy.original.paths[0]
            wanted.setdefault(first, {first}).add(replica.base_url + copy.copy.paths[0])
        found = {
            urls[0]: set(urls)
            for (urls,) in replica_runs.rows(tmp_path, "SELECT urls FROM duplicate_stories")
        }
        assert found == wanted
        hows = replica_runs.rows(
            tmp_path,
            "SELECT url, how FROM story_clusters JOIN articles USING (article_id) WHERE NOT is_first",
        )
        assert dict(hows) == {
            replica.base_url + copy.copy.paths[0]: "same text" if copy.differs == "title" else "near"
            for copy in replica.site.copies
        }
        assert set(dict(hows).values()) == {"same text", "near"}
        assert (
            rebuild.rebuild(DataFolder(tmp_path), clock=replica_runs.now, declared=[source]).differing_tables
            == ()
        )


def test_copies_change_nothing_else_of_the_channel() -> None:
    days = {"since": DAY.date(), "until": DAY.date() + timedelta(days=20)}
    plain, again = MockSite(articles=30, **days), MockSite(articles=30, syndicated=5, **days)
    copied = {copy.copy.number for copy in again.copies}
    assert len(copied) == 5
    assert [story for story in again.listed_articles if story.number not in copied] == list(
        plain.listed_articles
    )
    assert [story.content for story in again.listed_articles if story.number not in copied] == [
        story.content for story in plain.listed_articles
    ]
