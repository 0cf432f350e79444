"""Compaction of a lake: fewer files, and older versions given up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from newsetl.db.lake_lock import LAKE_NAME, turn

# So long a query may read files that nothing refers to any more.
READER_GRACE_MINUTES = 60


@dataclass(frozen=True, slots=True)
class CompactionResult:
    """How many files of rows a lake has, before and after, and how many of its versions were given up."""

    files_before: int
    files: int
    versions_removed: int


def compact(connection: duckdb.DuckDBPyConnection, *, since: datetime) -> CompactionResult:
    """Small files are brought together; versions older than `since` and what they alone had are given up.

    Writers wait meanwhile, readers do not.
    """
    count = f"SELECT coalesce(sum(file_count), 0) FROM ducklake_table_info('{LAKE_NAME}')"
    with turn(connection):
        ((before,),) = connection.execute(count).fetchall()
        # Rows that were deleted go first: files with them are not brought together.
        for call in ("rewrite_data_files", "merge_adjacent_files"):
            connection.execute(f"CALL ducklake_{call}('{LAKE_NAME}')").fetchall()
        gone = connection.execute(
            f"CALL ducklake_expire_snapshots('{LAKE_NAME}', older_than => $since)", {"since": since}
        ).fetchall()
        # A reader may be in a file that was replaced a moment ago.
        connection.execute(
            f"CALL ducklake_cleanup_old_files('{LAKE_NAME}', older_than => now() - $reading::INTERVAL)",
            {"reading": f"{READER_GRACE_MINUTES} minutes"},
        ).fetchall()
        ((after,),) = connection.execute(count).fetchall()
    return CompactionResult(before, after, len(gone))
