"""`newsetl serve` refuses what it cannot serve before it starts Prefect."""

from __future__ import annotations

import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support import commands


def refusal(*words: object) -> str:
    """Return the line that the command ends with, with exit status 2."""
    done = commands.newsetl(*words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    return done.stderr


def test_what_cannot_be_served_is_told_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **options: connect(path, **options | {"timeout": 0}))
    options = ("serve", "--base-url", "http://127.0.0.1:9", "--data", tmp_path)
    assert refusal("serve", "--status", "--data", tmp_path) == (
        f"newsetl: {tmp_path}/prefect: not served; start it with newsetl serve\n"
    )
    assert "no contact set; pass --contact or set NEWSETL_CONTACT" in refusal("serve", "--data", tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert refusal(*options, "--port", port) == (
            f"newsetl: port {port} cannot be served (Address already in use); "
            "choose another with --port, 0 for any\n"
        )
    told = refusal(*options, "--port", 0, "--webhook", "example.org")
    assert "--webhook example.org: not a URL; write one such as https://example.org/hook" in told
    records = tmp_path / "prefect" / "prefect.db"
    with closing(sqlite3.connect(records, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE held (number INTEGER)")
        connection.execute("BEGIN EXCLUSIVE")
        told = refusal(*options, "--port", 0)
        assert "prefect.db: in use by another program (database is locked)" in told
    records.write_bytes(b"no database, but long enough to be taken for one" * 50)
    told = refusal(*options, "--port", 0)
    assert "prefect.db: cannot be used (file is not a database)" in told
