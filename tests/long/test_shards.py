"""A better parser and an import, with workers and without: the rows are the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from newsetl import sources
from newsetl.pipeline import reparse, runners, shards
from newsetl.pipeline.importing import files, job
from tests.support import archive_shards, replica_runs
from tests.support.archive_shards import rebuilt
from tests.support.replica_runs import rows


def test_reparse_and_import_with_workers_give_what_they_give_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARD_RECORDS", archive_shards.RECORDS)
    folder = archive_shards.fill(tmp_path / "data", 100)
    declared = sources.load("stdaily").with_base_url(
        rows(folder, "SELECT home FROM sources")[0][0].rsplit("/web")[0]
    )
    # Nothing is read of a page's pictures: then today's parser finds all of them.
    worse = replace(declared, parse=replace(declared.parse, photo_labels=(), editor_labels=()))
    rebuilt(folder, runners.INLINE_RUNNER, is_forced=True, declared=[worse])
    alone, together = folder, copytree(folder, folder.with_name("together"))
    for place, workers in ((alone, 1), (together, 2)):
        with (
            replica_runs.opened(place, declared) as warehouse,
            runners.open_local_runner(workers) as runner,
        ):
            made = reparse.find_changes(declared, warehouse, place / "archive", runner=runner)
            assert made.fields["credits"] > 60
            assert made.unreadable == 0
            assert shards.get_shard_folder(place / "archive").exists()
            reparse.load_changes(made, declared, warehouse, place / "archive", clock=replica_runs.now)
        assert not shards.get_shard_folder(place / "archive").exists()
    assert replica_runs.contents(alone) == replica_runs.contents(together)
    # The archive is a WARC file like any other: another newsetl takes it in.
    found = files.find_inputs([str(alone / "archive")])
    made, at = [], replica_runs.now()
    for place, workers in ((folder.with_name("one"), 1), (folder.with_name("two"), 2)):
        with replica_runs.opened(place, declared) as warehouse, runners.open_local_runner(workers) as runner:
            done = job.import_files(
                declared, warehouse, place / "archive", found, clock=lambda: at, runner=runner
            )
            made.append((done.summary.new, done.summary.discovered, done.summary.rejected, done.errors))
    assert made[0] == made[1]
    assert made[0][0] >= 100
    assert replica_runs.contents(folder.with_name("one")) == replica_runs.contents(folder.with_name("two"))
