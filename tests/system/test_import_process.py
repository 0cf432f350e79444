"""`newsetl import` as a process that is killed or interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.support.held import Held
from tests.support.processes import TIMEOUT_SECONDS, build_environment, newsetl, read_until, start_newsetl
from tests.support.replica_runs import rows
from tests.support.saved_pages import STORIES, put, response, warc
from tests.support.stub_server import LocalSite

IMPORT = ("import", "--source", "stdaily")
# The program, killed as it stores its sixtieth page.
KILLED = """
import os, signal, sys
from newsetl.archive.writer import ArchiveWriter
from newsetl.cli.main import main

store, stored = ArchiveWriter.store, []

def store_or_die(self, capture):
    if len(stored) == 60:
        os.kill(os.getpid(), signal.SIGKILL)
    stored.append(capture)
    return store(self, capture)

ArchiveWriter.store = store_or_die
sys.argv[0] = "newsetl"
main()
"""


def test_killed_it_is_recovered_at_the_next_start(tmp_path: Path) -> None:
    whole = [response(story) for story in STORIES]
    many = [
        (
            kind,
            f"{address[:-5]}{number:02}.html" if address.endswith(".html") else address,
            body,
            dict(headers),
        )
        for number in range(4)
        for kind, address, body, headers in whole
    ]
    put(tmp_path / "x.warc", warc(many, is_gzip=False)[0])
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *IMPORT, "x.warc"],
        cwd=tmp_path,
        env=build_environment(),
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert list(tmp_path.glob("data/archive/**/*.open"))
    done = newsetl(*IMPORT, "x.warc", cwd=tmp_path)
    assert "had crashed; loaded now from its archive file" in done.stderr
    known = int(done.stdout.split(" already loaded")[0].rsplit(" ", 1)[1])
    assert known > 0
    once = newsetl(*IMPORT, "x.warc", "--data", "once", cwd=tmp_path)
    assert once.returncode == done.returncode
    counts = "SELECT count(*), count(DISTINCT capture_id), count(DISTINCT article_id) FROM captures"
    assert rows(tmp_path / "data", counts) == rows(tmp_path / "once", counts)
    assert "different from before: nothing" in newsetl("rebuild", cwd=tmp_path).stdout


def test_ctrl_c_ends_it_with_what_is_read(tmp_path: Path) -> None:
    put(tmp_path / "x.warc", warc(map(response, STORIES))[0])
    held = Held()

    def late(handler: BaseHTTPRequestHandler) -> None:
        held.hold()
        handler.send_response(200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with LocalSite({"/held.warc": late}) as site:
        words = (*IMPORT, "x.warc", f"{site.base_url}/held.warc", "--contact", "me@example.org")
        with start_newsetl(*words, cwd=tmp_path) as running:
            held.wait()
            running.send_signal(signal.SIGINT)
            first = read_until(running, "stopping after the current page; a second Ctrl-C stops at once")
            held.release()
            output, rest = running.communicate(timeout=TIMEOUT_SECONDS)
    assert running.returncode == 130, (output, first + rest)
    assert "stopped; the pages read so far are loaded; run the same command again to continue" in first + rest
    ((state, error),) = rows(tmp_path / "data", "SELECT state, error FROM runs")
    assert (state, error) == ("failed", "stopped after 1 of 2 files")
    assert rows(tmp_path / "data", "SELECT count(*) > 0 FROM articles") == [(True,)]
