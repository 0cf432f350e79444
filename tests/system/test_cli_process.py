"""The installed program in processes of its own: exit status, streams, signals, pipes."""

import json
import signal
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from newsetl._version import __version__
from newsetl.replica import MockServer, MockSite
from tests.support.held import Held
from tests.support.page_factory import PAGE
from tests.support.processes import (
    PROGRAM,
    TIMEOUT_SECONDS,
    build_environment,
    newsetl,
    read_until,
    start_newsetl,
)

PARSE = ("parse", "--source", "stdaily")


@pytest.fixture(scope="module")
def replica() -> Iterator[MockServer]:
    with MockServer(MockSite(articles=20, since=date(2026, 9, 1), until=date(2026, 9, 30))) as replica:
        yield replica


@pytest.fixture(scope="module")
def loaded(replica: MockServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    done = newsetl("ingest", "stdaily", "--base-url", replica.base_url, cwd=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert " 20 new" in done.stdout
    return folder


def test_the_exit_status_says_how_it_ended(loaded: Path, tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text(PAGE)
    (tmp_path / "bad.html").write_text("<html><body><h1>Nothing</h1></body></html>")
    statuses = {
        ("--version",): 0,
        ("sql", "SELECT 1", "--data", loaded / "data"): 0,
        (*PARSE, "good.html"): 0,
        (*PARSE, "bad.html"): 3,
        (*PARSE, "missing.html"): 2,
        ("sql", "DELETE FROM articles", "--data", loaded / "data"): 2,
        ("nonsense",): 2,
        ("ingest", "stdaily", "--base-url", "http://127.0.0.1:9"): 1,
    }
    ended = {words: newsetl(*words, cwd=tmp_path) for words in statuses}
    assert {words: done.returncode for words, done in ended.items()} == statuses
    assert ended["--version",].stdout == f"newsetl {__version__}\n"
    missing = ended[*PARSE, "missing.html"]
    assert missing.stdout == ""
    assert missing.stderr.startswith("newsetl: missing.html: cannot be read (No such file")
    assert missing.stderr.count("\n") == 1
    assert not [done.stderr for done in ended.values() if "Traceback" in done.stderr]


def test_a_terminal_without_chinese_letters_shows_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE.replace("</h1>", " 中国</h1>"), encoding="utf-8")
    done = newsetl(*PARSE, "page.html", cwd=tmp_path, env={"PYTHONIOENCODING": "ascii"})
    assert "Traceback" not in done.stderr
    assert "\\u4e2d" in done.stdout


def test_replica_serve_tells_its_address_and_ends_on_sigterm(tmp_path: Path) -> None:
    with start_newsetl("replica", "serve", "--port", "0", "--articles", "20", cwd=tmp_path) as served:
        assert served.stdout
        line = served.stdout.readline()
        base = line.split("/web/")[0]
        done = newsetl("ingest", "stdaily", "--base-url", base, cwd=tmp_path)
        served.send_signal(signal.SIGTERM)
        assert served.wait(TIMEOUT_SECONDS) == 0
    assert " 20 new" in done.stdout


def test_an_interrupted_ingest_keeps_what_it_has(tmp_path: Path) -> None:
    held = Held(after=70)
    with MockServer(MockSite(articles=100, since=date(2026, 6, 1), until=date(2026, 9, 30))) as replica:
        # An article's address, of either form.
        replica.inject(held, at=r".*/content_\d+\.html|.*/[0-9a-f]{32}\.shtml")
        with start_newsetl("ingest", "stdaily", "--base-url", replica.base_url, cwd=tmp_path) as running:
            held.wait()
            running.send_signal(signal.SIGINT)
            first = read_until(running, "stopping after the current page; a second Ctrl-C stops at once")
            held.release()
            _, rest = running.communicate(timeout=TIMEOUT_SECONDS)
        asked = len(replica.requests)
    assert running.returncode == 130
    assert "stopped; the fetched pages are loaded; run it again to continue" in first + rest
    rows = newsetl("sql", "SELECT count(*) AS n FROM articles", "--format", "json", cwd=tmp_path)
    assert 50 < json.loads(rows.stdout)[0]["n"] < 100
    assert asked > 70


def test_a_reader_that_goes_away_is_no_error_of_ours(loaded: Path) -> None:
    # More than a pipe takes at once.
    statement = "SELECT article_id, repeat(text, 20) AS text FROM articles, range(50)"
    command = f"{PROGRAM} sql '{statement}' --format csv | head -1"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=loaded,
        env=build_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("article_id,")
    assert done.stderr == ""
