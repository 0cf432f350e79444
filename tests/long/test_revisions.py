"""Revisions of an article from captures loaded in many orders."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from pathlib import Path

from tests.support.factories import Room, after, batch, page, web

STATES = "SELECT number, seen_at, last_seen_at, changed, title, text FROM article_revisions ORDER BY ALL"
FIRST, SECOND = (
    {"title": "A title", "text": "One.\n\nTwo."},
    {"title": "A title", "text": "One.\n\nTwo, edited."},
)


def test_revisions_follow_fetch_time_in_any_load_order(tmp_path: Path) -> None:
    pages = [
        page(1, web(1), at=after(0), **FIRST),
        page(2, web(1), at=after(1), **SECOND),
        page(3, web(1), at=after(2), **(SECOND | {"text": "One.\n\nTwo – edited."})),
        page(4, web(1), at=after(3), **FIRST),
        page(5, web(1), at=after(4), **(FIRST | {"title": "Another"})),
    ]
    expected = [
        (1, after(0), after(0), [], "A title", "One.\n\nTwo."),
        (2, after(1), after(2), ["text"], "A title", "One.\n\nTwo – edited."),
        (3, after(3), after(3), ["text"], "A title", "One.\n\nTwo."),
        (4, after(4), after(4), ["title"], "Another", "One.\n\nTwo."),
    ]
    for place, order in enumerate(list(permutations(range(5)))[::17]):
        room = Room(tmp_path / f"{place}.duckdb")
        for number in order:
            room.load(batch(pages[number]))
        assert room.ask(STATES) == expected, order
        assert room.one("SELECT changed_at FROM articles") == after(4)
        room.warehouse.close()
    room = Room(tmp_path / "at once.duckdb")
    room.load(batch(*pages))
    assert room.ask(STATES) == expected
    # A reparse with a better parser finds the same text in all captures.
    room.load(batch(*((stored, replace(parsed, text_hash="x", title_hash="y")) for stored, parsed in pages)))
    assert room.ask(STATES) == []
    assert room.one("SELECT changed_at FROM articles") == after(0)
    room.warehouse.close()
