"""Tests of pages that do not replace a loaded article, and of pages that the site sends for many URLs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from newsetl.reasons import Reason
from tests.support.factories import Room, after, batch, page, web

FERRY = {
    "title": "Ferry to the north isle is repaired",
    "text": "The ferry sails again after nine weeks in dock.",
}
LOAN = {
    "title": "Cheap loans for everyone today",
    "text": "Borrow money quickly without any proof of income.",
}
STATE = "SELECT title, right(capture_id::VARCHAR, 2) FROM articles ORDER BY title"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path / "news.duckdb")
    yield room
    room.warehouse.close()


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_an_unlike_page_without_its_url_does_not_replace_an_article(room: Room, is_one_batch: bool) -> None:
    pages = [page(1, web(1), **FERRY), page(2, web(1), at=after(60), **LOAN)]
    loaded = [room.load(given) for given in ([batch(*pages)] if is_one_batch else map(batch, pages))][-1]
    assert room.ask(STATE) == [(FERRY["title"], "01")]
    assert [reject.reason for reject in loaded.refused] == [Reason.DIFFERENT_ARTICLE]
    assert loaded.rejects == 1
    assert room.ask("SELECT reason, url, capture_id IS NOT NULL FROM open_rejects") == [
        ("different_article", web(1), True)
    ]
    assert room.one("SELECT count(*) FROM captures WHERE article_id IS NULL") == 1
    assert room.one("SELECT count(*) FROM article_revisions") == 0


def test_the_reject_is_resolved_when_the_site_sends_the_article_again(room: Room) -> None:
    for number, fields in enumerate((FERRY, LOAN, FERRY), 1):
        room.load(batch(page(number, web(1), at=after(number), **fields)))
    assert room.ask(STATE) == [(FERRY["title"], "03")]
    assert room.one("SELECT count(*) FROM open_rejects") == 0


@pytest.mark.parametrize(
    "fields",
    [
        LOAN | {"is_identified": True},
        LOAN | {"title": FERRY["title"]},
        LOAN | {"title": "Ferry to the north isle fails"},
        LOAN | {"text": "The ferry sails again after nine weeks in dock, and is full."},
    ],
    ids=["names its URL", "same headline", "similar headline", "similar text"],
)
def test_a_page_with_proof_or_a_likeness_replaces_the_state(room: Room, fields: dict[str, str]) -> None:
    room.load(batch(page(1, web(1), **FERRY)))
    assert room.load(batch(page(2, web(1), at=after(60), **fields))).changed == 1
    assert room.ask(STATE) == [(fields["title"], "02")]


def test_an_older_unlike_page_is_a_capture_and_no_reject(room: Room) -> None:
    room.load(batch(page(2, web(1), at=after(60), **FERRY)))
    assert room.load(batch(page(1, web(1), **LOAN))).refused == ()
    assert room.ask(STATE) == [(FERRY["title"], "02")]


def test_a_chinese_article_with_an_edited_headline_and_lead_is_replaced(room: Room) -> None:
    old = {"title": "北岛轮渡恢复通航", "text": "北岛轮渡经过九周维修后恢复通航，居民表示欢迎。"}
    new = {
        "title": "北岛轮渡昨日恢复通航",
        "text": "经过九周维修，北岛轮渡昨日恢复通航，居民表示欢迎和感谢。",
    }
    room.load(batch(page(1, web(1), **old)))
    assert room.load(batch(page(2, web(1), at=after(60), **new))).changed == 1


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_one_text_at_three_urls_of_a_run_is_no_article(room: Room, is_one_batch: bool) -> None:
    undated = LOAN | {"found": {"title": "h1", "published_at": "address"}, "published_precision": "day"}
    pages = [page(number, web(number), at=after(number), **undated) for number in range(1, 4)]
    pages.append(page(4, web(4), at=after(4), **FERRY))
    refused = [
        reject
        for given in ([batch(*pages)] if is_one_batch else map(batch, pages))
        for reject in room.load(given).refused
    ]
    assert {(reject.reason, reject.url) for reject in refused} <= {
        (Reason.SOFT_404, web(number)) for number in range(1, 4)
    }
    assert len(refused) == (3 if is_one_batch else 1)  # two URLs may be one article
    assert room.one(f"SELECT count(*) FROM articles WHERE title = '{FERRY['title']}'") == 1


@pytest.mark.parametrize(
    "fields",
    [{"is_identified": True}, {"found": {"published_at": "metadata line"}}],
    ids=["names its URL", "has a date"],
)
def test_equal_articles_with_a_date_or_their_own_url_are_articles(
    room: Room, fields: dict[str, object]
) -> None:
    undated = LOAN | {"found": {"published_at": "address"}, "published_precision": "day"} | fields
    loaded = room.load(batch(*(page(number, web(number), **undated) for number in range(1, 5))))
    assert (loaded.new, loaded.refused) == (4, ())


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_an_article_and_the_redirect_to_its_new_url_in_one_batch_are_one_row(
    room: Room, order: tuple[int, int]
) -> None:
    room.load(batch(page(1, web(1), **FERRY)))
    moved = page(2, web(2), at=after(60 + order[0]), other_urls=(web(1),), is_identified=True, **FERRY)
    found = page(3, web(2), at=after(60 + order[1]), is_identified=True, **FERRY)
    room.load(batch(moved, found))
    assert room.one("SELECT count(*) FROM articles") == 1
    assert room.ask("SELECT url FROM article_urls ORDER BY url") == [(web(1),), (web(2),)]
    assert room.one("SELECT gone_at FROM articles") is None


@pytest.mark.parametrize("is_target_loaded", [True, False])
def test_a_redirect_to_another_article_means_gone_and_keeps_the_text(
    room: Room, is_target_loaded: bool
) -> None:
    room.load(batch(page(1, web(1), **FERRY)))
    if is_target_loaded:
        room.load(batch(page(2, web(2), at=after(1), **LOAN)))
    loaded = room.load(batch(page(3, web(2), at=after(60), other_urls=(web(1),), is_identified=True, **LOAN)))
    assert room.ask("SELECT title, url, gone_at FROM articles ORDER BY title DESC") == [
        (FERRY["title"], web(1), after(60)),
        (LOAN["title"], web(2), None),
    ]
    assert [(reject.reason, reject.url) for reject in loaded.redirected] == [(Reason.REDIRECTED_AWAY, web(1))]
    room.load(batch(page(4, web(1), at=after(90), **FERRY)))
    assert room.one("SELECT count(*) FROM articles WHERE gone_at IS NOT NULL") == 0
    assert room.one("SELECT count(*) FROM open_rejects") == 0
