"""Thousands of articles in one warehouse."""

from __future__ import annotations

from newsetl.model import LoadResult
from tests.support.factories import Room, after, batch, page, web


def test_five_thousand_articles_in_batches(room: Room) -> None:
    pages = [page(n, web(n), at=after(n), title=f"Title {n}", text=f"Text {n}.") for n in range(1, 5_001)]
    results = [room.load(batch(*pages[first : first + 700])) for first in range(0, 5_000, 700)]
    assert sum(result.new for result in results) == 5_000
    counts = {
        "articles": 5_000,
        "captures": 5_000,
        "article_urls": 5_000,
        "credits": 20_000,
        "images": 10_000,
        "teasers": 10_000,
    }
    for name, count in counts.items():
        assert room.one(f"SELECT count(*) FROM {name}") == count
    assert room.one("SELECT count(*) FROM articles JOIN captures USING (article_id, capture_id)") == 5_000
    assert room.load(batch(*pages[3_000:3_100])) == LoadResult(already_loaded=100)
    assert room.one("SELECT count(*) FROM articles") == 5_000
    assert len(room.warehouse.crawl_state.get_known_urls("stdaily", due_before=after(0))) == 5_000
