"""A backfill in a process of its own, killed and run again."""

from __future__ import annotations

import re
import signal
from datetime import date
from pathlib import Path

from tests.support import replica_runs
from tests.support.held import Held

SINCE, UNTIL = date(2026, 1, 25), date(2026, 2, 7)


def test_a_backfill_that_was_killed_does_the_rest(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    with replica_runs.served(42, since=SINCE, until=UNTIL, rejected=0) as replica:
        days = ("--since", SINCE, "--until", UNTIL)
        words = (
            "backfill",
            "stdaily",
            *days,
            "--method",
            "listing,sitemap,search",
            "--base-url",
            replica.base_url,
            "--data",
        )
        command = (*words, killed)
        assert replica_runs.ended(*words, whole)[0] == 0
        began = len(replica.requests)
        # An article of the sixth day from the newest, so that several batches were loaded before.
        held = Held()
        paths = [story.paths[0] for story in replica.site.listed_articles]
        replica.inject(held, at=re.escape(next(path for path in paths if "/web/English/2026-02/02/" in path)))
        with replica_runs.newsetl(*command) as process:
            held.wait()
            process.send_signal(signal.SIGKILL)
        held.release()
        asked = len(replica.requests)
        status, output, errors = replica_runs.ended(*command)
        assert status == 0, errors
        assert "had crashed" in errors
        done = re.search(r"(\d+) of \1 days done \(14 in the window\)", output)
        assert done, output
        assert 0 < int(done[1]) < 14
        pages = [path for _, path in replica.requests[began:] if "content_" in path]
        assert len(pages) <= len(set(pages)) + 1  # the current page
        assert len(replica.requests) > asked
    assert replica_runs.contents(killed) == replica_runs.contents(whole)
