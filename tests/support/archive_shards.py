"""An archive with refusals, a changed story and a damaged record, which is read in many shards."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from newsetl.archive import reader
from newsetl.pipeline import runners
from newsetl.pipeline.rebuild import RebuildResult
from newsetl.pipeline.runners import ShardRunner
from tests.support import replica_runs
from tests.support.replica_runs import ingest, rows, source_of

# So few captures for each shard make a short archive several.
RECORDS = 20


def fill(folder: Path, articles: int) -> Path:
    """Load two runs, the second small, with refusals and a changed story; damage a record; rebuild."""
    with replica_runs.served(articles, since=date(2026, 1, 25), until=date(2026, 3, 20)) as replica:
        story = replica.site.list_newest(20)[-1]
        replica.broken = frozenset({"/web/English/node_474.html", story.paths[0]})
        ingest(folder, source_of(replica))
        replica.site.edit(replica.site.list_newest(3)[2])
        replica.site.add(3)
        ingest(folder, source_of(replica))
    first = reader.list_files(folder / "archive")[0]
    ((at,),) = rows(
        folder, f"SELECT \"offset\" FROM captures WHERE file = '{first}' ORDER BY ALL LIMIT 1 OFFSET 30"
    )
    path = folder / "archive" / first
    raw = bytearray(path.read_bytes())
    raw[at + 50 : at + 60] = b"\x00" * 10
    path.write_bytes(raw)
    rebuilt(folder, runners.INLINE_RUNNER, is_forced=True)
    assert rows(folder, "SELECT count(*) FROM open_rejects WHERE reason = 'archive_corrupt'") == [(1,)]
    return folder


def rebuilt(folder: Path, runner: ShardRunner, **options: Any) -> RebuildResult:
    """Make the folder's warehouse anew with this runner."""
    return replica_runs.rebuild(folder, runner=runner, **options)
