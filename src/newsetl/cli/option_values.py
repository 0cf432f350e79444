"""Validated option values: windows, formats and files of URLs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from newsetl.errors import ConfigError
from newsetl.model import Window


def parse_window(since: datetime | None, until: datetime | None) -> Window:
    """Return the days of --since and --until. Raise ConfigError if they are in the wrong order."""
    window = Window(since.date() if since else None, until.date() if until else None)
    if window.since and window.until and window.since > window.until:
        raise ConfigError(f"--since {window.since} is after --until {window.until}; exchange them")
    return window


def choose_format(output: Path | None, given: str | None, known: Sequence[str], *, default: str) -> str:
    """Return the format `given`, else the format of the file's ending, else `default`.

    Raise ConfigError if the format is neither in `known` nor the default.
    """
    if given is not None:
        if given not in (*known, default):
            *some, last = dict.fromkeys((default, *known))
            raise ConfigError(f"--format {given}: use {', '.join(some)} or {last}")
        return given
    ending = output.suffix[1:].lower() if output else ""
    if ending and ending not in (*known, default):
        raise ConfigError(f"{output}: .{ending} is no known format; end it in .{known[0]}, or give --format")
    return ending or default


def read_url_map(file: Path, *, is_strict: bool = True) -> dict[str, str]:
    """Return path → URL from lines of "path, tab, URL", each path as written and resolved.

    Unless `is_strict`, report an invalid URL on stderr and skip its line. Raise ConfigError.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--urls {file}: cannot be read ({error})") from None
    urls = {}
    for number, line in enumerate(lines, 1):
        path, tab, url = line.partition("\t")
        if line.strip() and not tab:
            raise ConfigError(f"--urls {file}, line {number}: write path, tab, URL")
        if url.strip() and not url.strip().lower().startswith(("http://", "https://")):
            problem = f"--urls {file}, line {number}: {url.strip()!r} is not an http or https URL"
            if is_strict:
                raise ConfigError(f"{problem}; correct or delete the line")
            print(f"newsetl: {problem}; the page is parsed without a URL", file=sys.stderr)
            continue
        urls[path] = urls[str(Path(path).resolve())] = url.strip()
    return urls
