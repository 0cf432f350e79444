"""Rebuild and reparse flows with a task runner, and their results."""

from __future__ import annotations

from pathlib import Path

import pytest

from newsetl.errors import ConfigError
from newsetl.pipeline import shards


def rebuild_and_reparse(
    folder: Path, base_url: str, articles: int, runner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run both flows with the task runner. Raise AssertionError if the warehouse differs afterwards."""
    from newsetl.flows.reparse import rebuild, reparse

    monkeypatch.setattr(shards, "SHARD_RECORDS", 15)
    monkeypatch.setenv("NEWSETL_RUNNER", runner)
    done = rebuild(folder, workers=2)
    assert (done.articles, done.differing_tables, done.failed) == (articles, (), [])
    (made,) = reparse(data=folder, base_url=base_url, workers=2)
    assert made.pages >= articles
    assert not made.pages_to_load
    assert not shards.get_shard_folder(folder / "archive").exists()
    monkeypatch.setenv("NEWSETL_RUNNER", "abacus")
    with pytest.raises(ConfigError, match="threads, processes, dask, ray"):
        rebuild(folder)
