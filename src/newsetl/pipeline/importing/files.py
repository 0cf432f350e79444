"""What there is to import at the paths that were given."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from newsetl.errors import ConfigError
from newsetl.fetch.exchange import check_contact

PAGE_SUFFIXES = (".html", ".htm", ".shtml", ".txt")
WARC_SUFFIXES = (".warc", ".warc.gz")


@dataclass(slots=True)
class ImportInputs:
    """What there is to import: `files` are paths and addresses in order.

    `left` are files with other endings or that are no files at all, such as pipes; `errors` say what could
    not be looked into.
    """

    files: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def check_contact(self, contact: str | None) -> str:
        """The contact, which a server must be told. Raises ConfigError if one is to be asked without it."""
        return check_contact(contact) if any(map(is_url, self.files)) else ""


def find_inputs(paths: Iterable[str]) -> ImportInputs:
    """The files at `paths`: folders are walked, by name, each once even where links lead round.

    Raises ConfigError for a path that does not exist, and for an address of anything but a WARC file.
    """
    found = ImportInputs()
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if is_url(path):
            if not urlsplit(path).path.lower().endswith(WARC_SUFFIXES):
                raise ConfigError(
                    f"{path}: not the address of a .warc or .warc.gz file; `newsetl ingest` fetches pages"
                )
            found.files.append(path)
        elif not os.path.lexists(path):
            raise ConfigError(f"{path}: no such file or folder")
        else:
            _walk(path, found, seen)
    return found


def escape_path(path: str) -> str:
    """The path as it can be stored and shown: bytes that are no text, and what breaks a line, escaped."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(
        char if char.isprintable() and (char != " " or place) else f"\\x{ord(char):02x}"
        for place, char in enumerate(text)
    )


def _walk(top: str, found: ImportInputs, seen: set[tuple[int, int]]) -> None:
    due = [top]
    while due:
        path = due.pop()
        try:
            about = Path(path).stat()
            if not stat.S_ISDIR(about.st_mode):
                is_wanted = stat.S_ISREG(about.st_mode) and path.lower().endswith(
                    (*PAGE_SUFFIXES, *WARC_SUFFIXES)
                )
                (found.files if is_wanted else found.ignored).append(path)
            elif (about.st_dev, about.st_ino) not in seen:
                seen.add((about.st_dev, about.st_ino))
                due += sorted(map(str, Path(path).iterdir()), reverse=True)
        except OSError as error:
            found.errors.append(f"{escape_path(path)}: cannot be read ({error.strerror})")


def is_url(path: str) -> bool:
    """True if it is no path."""
    return path.lower().startswith(("http://", "https://"))
