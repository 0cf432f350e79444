"""Tests of revisions of changed articles, of removed articles, and of diffs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsetl.errors import ConfigError
from newsetl.pipeline import ingest, summary
from newsetl.pipeline.rebuild import rebuild
from newsetl.query.revisions import History, Revision, diff_texts, format_diff, load_history
from newsetl.reasons import Reason
from newsetl.replica.channel import CHINA
from newsetl.runtime.data_folder import DataFolder
from tests.support import factories, replica_runs
from tests.support.factories import Room, after, batch, capture, page, reject, web

STATES = "SELECT number, seen_at, last_seen_at, changed, title, text FROM article_revisions ORDER BY ALL"
FIRST, SECOND = (
    {"title": "A title", "text": "One.\n\nTwo."},
    {"title": "A title", "text": "One.\n\nTwo, edited."},
)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path / "news.duckdb")
    yield room
    room.warehouse.close()


def test_an_unchanged_article_has_no_revisions(room: Room) -> None:
    room.load(batch(page(1, web(1), **FIRST)))
    room.load(batch(page(2, web(1), at=after(5), title="A title!", text="One.\n\nTwo")))
    assert room.ask(STATES) == []
    assert room.one("SELECT changed_at FROM articles") == factories.NOON


def test_a_different_text_at_another_url_is_no_change(room: Room) -> None:
    other = {**SECOND, "other_urls": (web(1),)}
    room.load(batch(page(1, web(1), **FIRST), page(2, factories.hashed(1), at=after(1), **other)))
    room.load(batch(page(3, web(1), at=after(2), **FIRST)))
    assert room.one("SELECT count(*) FROM articles") == 1
    assert room.ask("SELECT * FROM article_revisions WHERE number > 1") == []
    room.load(batch(page(4, factories.hashed(1), at=after(3), **other)))
    room.load(batch(page(5, web(1), at=after(4), **(FIRST | {"title": "Another"}))))
    assert room.ask(STATES) == [
        (1, after(0), after(2), [], "A title", "One.\n\nTwo."),
        (2, after(4), after(4), ["title"], "Another", "One.\n\nTwo."),
    ]


def test_gone_at_is_set_until_the_site_has_the_article_again(room: Room) -> None:
    def gone() -> Any:
        return room.one("SELECT gone_at FROM articles")

    room.load(batch(page(1, web(1), **FIRST)))
    room.load(batch(rejects=[reject(None, web(1), at=after(1), reason=Reason.FETCH_FAILED)]))
    assert gone() is None
    missed = capture(2, web(1), at=after(3), status=404)
    room.load(batch((missed, None), rejects=[reject(2, web(1), at=after(3), reason=Reason.HTTP_STATUS)]))
    assert gone() == after(3)
    room.load(batch(rejects=[reject(None, web(1), at=after(4), reason=Reason.SOFT_404)]))
    assert gone() == after(3)
    room.load(
        batch((capture(3, web(1), at=after(2), via="wayback", via_url="copy"), page(3, web(1), **FIRST)[1]))
    )
    assert gone() == after(3)
    room.load(batch(page(4, web(1), at=after(5), **FIRST)))
    assert gone() is None
    room.load(batch(rejects=[reject(None, web(1), at=after(2), reason=Reason.REMOVED_PAGE)]))
    assert gone() is None
    assert room.one("SELECT text FROM articles") == FIRST["text"]


@pytest.mark.parametrize(("host", "is_gone"), [("www.stdaily.com", True), ("consent.example", False)])
def test_a_redirect_to_the_front_page_means_gone_and_one_to_another_host_does_not(
    room: Room, host: str, is_gone: bool
) -> None:
    room.load(batch(page(1, web(1), **FIRST)))
    front = capture(2, f"{web(1).split(':')[0]}://{host}/", at=after(1), requested_url=web(1))
    room.load(batch((front, None), rejects=[reject(2, web(1), at=after(1), reason=Reason.REDIRECTED_AWAY)]))
    assert room.one("SELECT gone_at IS NOT NULL FROM articles") == is_gone
    assert room.one("SELECT text FROM articles") == FIRST["text"]


def test_edits_and_removals_on_the_mock_site_are_in_the_warehouse(tmp_path: Path) -> None:
    today = datetime.now(CHINA).date()
    with replica_runs.served(
        40, since=today - timedelta(days=9), until=today - timedelta(days=1), rejected=0
    ) as replica:
        source, channel = replica_runs.source_of(replica), replica.site
        tomorrow = 0

        def run() -> summary.RunSummary:
            nonlocal tomorrow
            with replica_runs.opened(tmp_path, source) as warehouse:
                folder = DataFolder(tmp_path).archive
                clock = lambda: replica_runs.now() + timedelta(days=tomorrow)  # noqa: E731
                tomorrow += 1
                return ingest.ingest(source, warehouse, folder, clock=clock)

        assert run().new == 40
        recent = channel.list_newest(8)
        channel.edit(recent[0], title="A new headline for the day")
        channel.edit(recent[1])
        channel.edit(channel.edit(recent[2], title="Another headline"))
        channel.remove(recent[3])
        old = channel.listed_articles[0]
        assert old.published_at.date() < today - timedelta(days=8)
        channel.edit(old)
        second = run()
        assert (second.new, second.changed) == (0, 3)
        channel.edit(channel.listed_articles[-1], title="One more headline")
        channel.remove(recent[5])
        third = run()
        assert (third.new, third.changed) == (0, 1)
        done = {(action, replica.base_url + article.paths[0]) for action, article in channel.log}
        too_old = {("edited", replica.base_url + old.paths[0])}
    found = replica_runs.rows(
        tmp_path,
        "SELECT changed, url FROM article_revisions JOIN articles USING (article_id) WHERE number > 1",
    )
    actions = {"title": "headline_changes", "text": "edited"}
    stored = {(actions[field], url) for changed, url in found for field in changed}
    stored |= {
        ("removed", url)
        for (url,) in replica_runs.rows(tmp_path, "SELECT url FROM articles WHERE gone_at IS NOT NULL")
    }
    assert stored == done - too_old
    assert replica_runs.rows(tmp_path, "SELECT count(*) FROM headline_changes") == [(3,)]
    (edits,) = replica_runs.rows(
        tmp_path, "SELECT sum(changes), sum(headline_changes) > 0 FROM edits_by_editor"
    )
    assert edits[0] >= 4
    assert edits[1]
    done_again = rebuild(DataFolder(tmp_path), clock=replica_runs.now, declared=[source])
    assert done_again.differing_tables == ()


def test_a_restored_article_has_no_gone_at(tmp_path: Path) -> None:
    today = datetime.now(CHINA).date()
    days = {"since": today - timedelta(days=2), "until": today - timedelta(days=1)}
    with replica_runs.served(12, **days, rejected=0) as replica:
        source, (article, *_) = replica_runs.source_of(replica), replica.site.list_newest(3)
        gone = f"SELECT gone_at IS NOT NULL FROM articles WHERE url = '{replica.base_url}{article.paths[0]}'"
        found = []
        for tomorrow, action in enumerate((lambda _: None, replica.site.remove, replica.site.restore)):
            action(article)
            with replica_runs.opened(tmp_path, source) as warehouse:
                clock = lambda: replica_runs.now() + timedelta(days=tomorrow)  # noqa: B023, E731
                ingest.ingest(source, warehouse, DataFolder(tmp_path).archive, clock=clock)
            found += replica_runs.rows(tmp_path, gone)
    assert found == [(False,), (True,), (False,)]
    assert replica_runs.rows(tmp_path, "SELECT count(*) FROM open_rejects") == [(0,)]


def test_recent_articles_are_requested_once_a_day_conditionally(tmp_path: Path) -> None:
    today = datetime.now(CHINA).date()
    days = {"since": today - timedelta(days=2), "until": today - timedelta(days=1)}
    with replica_runs.served(12, **days, rejected=0) as replica:
        source = replica_runs.source_of(replica)
        replica_runs.ingest(tmp_path, source)
        assert replica_runs.ingest(tmp_path, source).fetched == 0
        with replica_runs.opened(tmp_path, source) as warehouse:
            tomorrow = lambda: replica_runs.now() + timedelta(days=1)  # noqa: E731
            done = ingest.ingest(source, warehouse, DataFolder(tmp_path).archive, clock=tomorrow)
            assert (done.fetched, done.duplicate_urls, done.changed) == (12, 12, 0)
    found = replica_runs.rows(
        tmp_path, "SELECT status, count(*) FROM requests WHERE kind = 'article' GROUP BY ALL"
    )
    ((urls,),) = replica_runs.rows(tmp_path, "SELECT count(*) FROM article_urls")
    assert set(found) == {(200, urls), (304, 12)}
    captures = replica_runs.rows(tmp_path, "SELECT count(*) FROM captures WHERE kind = 'article'")
    assert captures == [(urls,)]


def build_history(*texts: tuple[str, str]) -> History:
    states = tuple(
        Revision(number, after(number), after(number), ("text",), title, text)
        for number, (title, text) in enumerate(texts, 1)
    )
    return History("an-id", "https://example.org/1", texts[-1][0], states)


def test_diffs_are_word_by_word() -> None:
    before = "The lamp is lit.\n\nIt burns all night in the hall.\n\nNobody sees it."
    now = "The lamp is lit.\n\nIt burns half the night in the hall.\n\nNobody sees it.\n\nA new end."
    parts = list(diff_texts(before, now))
    assert "".join(words for kind, words in parts if kind != "removed") == now
    assert [words for kind, words in parts if kind == "removed"] == ["all"]
    assert [words.strip() for kind, words in parts if kind == "added"] == ["half the", "A new end."]
    assert list(diff_texts("", "One")) == [("added", "One")]
    assert list(diff_texts("Same\n\ntext", "Same\n\ntext")) == [("same", "Same\n\ntext")]


def test_long_rewritten_texts_differ_between_their_ends() -> None:
    before, now = " ".join(map(str, range(5000))), " ".join(map(str, [0, 1, *range(5000, 9000), 4998, 4999]))
    parts = list(diff_texts(before, now))
    assert [kind for kind, _ in parts] == ["same", "removed", "added", "same"]
    assert "".join(words for kind, words in parts if kind != "removed") == now
    assert "".join(words for kind, words in parts if kind != "added") == before
    assert (parts[0][1], parts[-1][1]) == ("0 1 ", " 4998 4999")


def test_unchanged_text_is_shortened() -> None:
    words = " ".join(f"w{n}" for n in range(100))
    history = build_history(("Old title", f"{words} a {words}"), ("New title", f"{words} b\x1b[1m {words}"))
    text = "\n".join(str(line) for line in format_diff(history, *history.get_change(), is_plain=True))
    assert "[-Old-]{+New+} title" in text
    assert "w99 [-a-]{+b\ufffd[1m+} w0" in text
    assert "…" in text
    assert "w50" not in text
    assert "w50" in "\n".join(
        str(line) for line in format_diff(history, *history.get_change(2), has_full_text=True)
    )


def test_a_missing_revision_raises(room: Room, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no change at --revision 4; use 2 to 3"):
        build_history(("a", "b"), ("c", "d"), ("e", "f")).get_change(4)
    room.load(batch(page(1, web(1), **FIRST)))
    room.warehouse.close()
    with pytest.raises(ConfigError, match="has not changed since it was first seen"):
        load_history(tmp_path / "news.duckdb", web(1)).get_change()
    with pytest.raises(ConfigError, match="no article has this URL or article_id"):
        load_history(tmp_path / "news.duckdb", web(2))
