"""A warehouse of a thousand articles, lost and made again from the archive alone."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from newsetl.db import compare
from newsetl.pipeline import recover
from newsetl.runtime.data_folder import DataFolder
from tests.support import replica_runs
from tests.support.replica_runs import ingest, rows, source_of


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
    before = replica_runs.rebuilt_contents(tmp_path)
    replica_runs.lose(tmp_path)
    started = time.monotonic()
    made = replica_runs.rebuild(tmp_path)
    seconds = time.monotonic() - started
    after = replica_runs.rebuilt_contents(tmp_path)
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
    assert compare.compare_digests(before, replica_runs.rebuilt_contents(tmp_path)) == ("credits",)
    assert replica_runs.rebuild(tmp_path).differing_tables == ("credits",)
    assert not list(tmp_path.glob("*.new*"))
    with capsys.disabled():
        sys.stdout.write(f"\n{articles} articles, {made.captures} captures rebuilt in {seconds:.1f} s\n")
