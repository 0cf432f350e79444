"""Another process that has a DuckDB file open, until the test lets it go."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# It goes without closing the file: what it wrote stays in the file's log, as after a crash.
_HOLDER = """
import os, sys, duckdb
connection = duckdb.connect(sys.argv[1])
connection.execute("SET checkpoint_threshold = '1GB'")
connection.execute(sys.argv[2])
print("held", flush=True)
sys.stdin.read()
os._exit(0)
"""


@contextmanager
def held(path: Path, statement: str = "SELECT 1") -> Iterator[subprocess.Popen[str]]:
    """Have another process open the file for writing and execute the statement; end it after the block."""
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path), statement],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
