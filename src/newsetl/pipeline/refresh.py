"""Refresh of the tables that are derived from loaded articles."""

from __future__ import annotations

from newsetl.db.writer import Warehouse


def refresh_derived(warehouse: Warehouse, source: str) -> None:
    """Refresh the source's coverage and people, the search index and the duplicates."""
    from newsetl.normalise.people import match_people  # noqa: PLC0415  # its import takes half a second

    warehouse.refresh_derived(source, match_people)
