"""Installed program `newsetl` in its own processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROGRAM = str(Path(sys.executable).parent / "newsetl")
# Timeout that ends a hanging test; no test measures how long a process takes.
TIMEOUT_SECONDS = 600


def build_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment with `env` and without other NEWSETL_ variables."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NEWSETL_")}
    return inherited | {"COLUMNS": "160"} | dict(env or {})


def start_newsetl(
    *words: object, cwd: Path, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.Popen[str]:
    """Start `newsetl` with these words in `cwd`, with output and errors in pipes."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(
        [PROGRAM, *map(str, words)], cwd=cwd, env=build_environment(env), **(pipes | options)
    )  # fmt: skip


def newsetl(
    *words: object, cwd: Path, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run `newsetl` with these words in `cwd` and wait for its end."""
    with start_newsetl(*words, cwd=cwd, env=env, **options) as process:
        output, errors = process.communicate(timeout=TIMEOUT_SECONDS)
    return subprocess.CompletedProcess(list(words), process.returncode, output, errors)


def read_until(process: subprocess.Popen[str], words: str) -> str:
    """Return stderr up to the line with these words. Raise AssertionError if there is none."""
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"no line with {words!r} in {lines}")
