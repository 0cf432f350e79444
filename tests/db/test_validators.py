"""Tests of validators for conditional requests: they expire a month after the last full response."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from newsetl.model import Batch
from tests.support.factories import HOME, NOON, Room, batch, capture, page, web

MONTH = timedelta(days=30)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    room = Room(tmp_path / "news.duckdb")
    yield room
    room.warehouse.close()


@pytest.mark.parametrize("kind", ["index", "listing", "sitemap", "feed"])
def test_the_validators_of_a_list_expire_after_a_month(room: Room, kind: str) -> None:
    url = f"{HOME}/list"
    room.load(Batch("stdaily", captures=(capture(1, url, kind=kind),)))
    state = room.warehouse.crawl_state
    assert state.get_validators("stdaily", now=NOON + MONTH)[url].etag == '"x"'
    assert state.get_validators("stdaily", now=NOON + MONTH + timedelta(seconds=1)) == {}
    room.load(Batch("stdaily", captures=(capture(2, url, kind=kind, at=NOON + MONTH),)))
    assert state.get_validators("stdaily", now=NOON + 2 * MONTH)[url].etag == '"x"'


def test_the_validators_of_an_article_expire_after_a_month(room: Room) -> None:
    room.load(batch(page(1, web(1))))
    since = NOON.date() - timedelta(days=90)

    def find(requested_before: timedelta) -> list[bool]:
        found = room.warehouse.crawl_state.find_recent_articles(
            "stdaily", since=since, requested_before=NOON + requested_before
        )
        return [validators is not None for validators in found.values()]

    assert find(MONTH) == [True]
    assert find(MONTH + timedelta(seconds=1)) == [False]
