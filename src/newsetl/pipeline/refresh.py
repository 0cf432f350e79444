"""Refresh of the tables that follow from a load."""

from __future__ import annotations

from newsetl.db.writer import Warehouse


def refresh_derived(warehouse: Warehouse, source: str) -> None:
    """Bring the source's coverage and people, and search and duplicates, to date."""
    from newsetl.normalise.people import match_people  # noqa: PLC0415  # the readings of all characters: half a second

    warehouse.refresh_derived(source, match_people)
