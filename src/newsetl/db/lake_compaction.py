"""Compaction of a lake: merges files and removes old versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import duckdb

from newsetl.db.lake_lock import LAKE_NAME, hold_write_lock

# A query may read replaced files for this long before they are deleted.
READER_GRACE_MINUTES = 60


@dataclass(frozen=True, slots=True)
class CompactionResult:
    """Number of data files before and after a compaction, and of removed versions."""

    files_before: int
    files: int
    versions_removed: int


def compact(connection: duckdb.DuckDBPyConnection, *, since: datetime) -> CompactionResult:
    """Merge small files, and remove versions older than `since` with the files that only they use.

    Writers wait until the compaction has ended; readers do not.
    """
    count = f"SELECT coalesce(sum(file_count), 0) FROM ducklake_table_info('{LAKE_NAME}')"
    with hold_write_lock(connection):
        ((before,),) = connection.execute(count).fetchall()
        # Deleted rows first: DuckLake does not merge files that contain them.
        for call in ("rewrite_data_files", "merge_adjacent_files"):
            connection.execute(f"CALL ducklake_{call}('{LAKE_NAME}')").fetchall()
        removed = connection.execute(
            f"CALL ducklake_expire_snapshots('{LAKE_NAME}', older_than => $since)", {"since": since}
        ).fetchall()
        # A reader may still use a file that has just been replaced.
        connection.execute(
            f"CALL ducklake_cleanup_old_files('{LAKE_NAME}', older_than => now() - $grace::INTERVAL)",
            {"grace": f"{READER_GRACE_MINUTES} minutes"},
        ).fetchall()
        ((after,),) = connection.execute(count).fetchall()
    return CompactionResult(before, after, len(removed))
