"""Runner of `newsetl` commands in this process, with a user's streams and exit status."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import ExitStack, chdir
from pathlib import Path
from unittest import mock

from typer.main import get_command
from typer.testing import CliRunner

from newsetl.cli.main import app
from newsetl.pipeline import batch_size

# Without this, the runner builds all commands for every call, which takes as long as a query.
_COMMANDS = get_command(app)
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def newsetl(
    *words: object,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: str | bytes | None = None,
    batch_pages: int = batch_size.BATCH_PAGES,
) -> subprocess.CompletedProcess[str]:
    """Run `newsetl` with these words in `cwd`, in batches of at most `batch_pages` pages.

    The environment has no NEWSETL_ variables but those of `env`. Raise an exception that a user would see as
    a traceback.
    """
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("NEWSETL_")}
    handlers = {number: signal.getsignal(number) for number in _SIGNALS}
    with ExitStack() as stack:
        stack.enter_context(
            mock.patch.dict(os.environ, inherited | {"COLUMNS": "160"} | dict(env or {}), clear=True)
        )
        stack.enter_context(mock.patch.object(batch_size, "BATCH_PAGES", batch_pages))
        stack.enter_context(mock.patch("typer.testing._get_command", return_value=_COMMANDS))
        if cwd is not None:
            stack.enter_context(chdir(cwd))
        try:
            done = CliRunner().invoke(app, [str(word) for word in words], input=stdin, prog_name="newsetl")
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(list(words), done.exit_code, done.stdout, done.stderr)
