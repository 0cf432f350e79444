"""Rebuild and reparse flows with Dask as task runner."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from newsetl.replica import MockServer, MockSite
from tests.support import reparse_runs, replica_runs


@pytest.mark.usefixtures("server")
def test_dask_rebuilds_and_reparses_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with MockServer(MockSite(articles=40, since=date(2026, 9, 1), until=date(2026, 9, 30))) as replica:
        replica_runs.ingest(tmp_path, replica_runs.source_of(replica))
        reparse_runs.rebuild_and_reparse(tmp_path, replica.base_url, 40, "dask", monkeypatch)
