"""The values of options, checked: windows, formats and files of addresses."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from newsetl.errors import ConfigError
from newsetl.model import Window


def parse_window(since: datetime | None, until: datetime | None) -> Window:
    """The days of --since and --until. Raises ConfigError if they are the wrong way round."""
    window = Window(since.date() if since else None, until.date() if until else None)
    if window.since and window.until and window.since > window.until:
        raise ConfigError(f"--since {window.since} is after --until {window.until}; exchange them")
    return window


def choose_format(output: Path | None, given: str | None, known: Sequence[str], *, default: str) -> str:
    """The format that is `given`, else that of the file's ending, else `otherwise`.

    Raises ConfigError for one that is not `known`.
    """
    if given is not None:
        if given not in (*known, default):
            *some, last = dict.fromkeys((default, *known))
            raise ConfigError(f"--format {given}: use {', '.join(some)} or {last}")
        return given
    ending = output.suffix[1:].lower() if output else ""
    if ending and ending not in (*known, default):
        raise ConfigError(f"{output}: .{ending} is no format; end it in .{known[0]}, or give --format")
    return ending or default


def read_url_map(file: Path, *, is_strict: bool = True) -> dict[str, str]:
    """path → address, each path as written and resolved. Raises ConfigError.

    Unless `is_strict`, what is no address is told and left out: its page is read without one.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--urls {file}: cannot be read ({error})") from None
    made = {}
    for number, line in enumerate(lines, 1):
        path, tab, address = line.partition("\t")
        if line.strip() and not tab:
            raise ConfigError(f"--urls {file}, line {number}: write path, tab, address")
        if address.strip() and not address.strip().lower().startswith(("http://", "https://")):
            wrong = f"--urls {file}, line {number}: {address.strip()!r} is no address"
            if is_strict:
                raise ConfigError(wrong)
            print(f"newsetl: {wrong}; the page is read without one", file=sys.stderr)
            continue
        made[path] = made[str(Path(path).resolve())] = address.strip()
    return made
