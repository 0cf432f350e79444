"""`newsetl` as it is installed, in processes of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROGRAM = str(Path(sys.executable).parent / "newsetl")
# A limit for a test that hangs; no test is about how long a process takes.
PATIENCE = 600


def environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment with `env`, but without other variables of newsetl's."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("NEWSETL_")}
    return clean | {"COLUMNS": "160"} | dict(env or {})


def started(
    *words: object, cwd: Path, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.Popen[str]:
    """Start `newsetl` with these words in `cwd`, its output and errors in pipes."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(
        [PROGRAM, *map(str, words)], cwd=cwd, env=environment(env), **(pipes | options)
    )  # fmt: skip


def newsetl(
    *words: object, cwd: Path, env: Mapping[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run `newsetl` with these words in `cwd` to its end."""
    with started(*words, cwd=cwd, env=env, **options) as process:
        output, errors = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(list(words), process.returncode, output, errors)


def told(process: subprocess.Popen[str], words: str) -> str:
    """Return what the process writes on stderr up to the line with these words. Raises AssertionError."""
    assert process.stderr
    lines = []
    for line in process.stderr:
        lines.append(line)
        if words in line:
            return "".join(lines)
    raise AssertionError(f"no line with {words!r} in {lines}")
