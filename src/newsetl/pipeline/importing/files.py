"""Input files of an import."""

from __future__ import annotations

import os
import shlex
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from newsetl.errors import ConfigError
from newsetl.fetch.exchange import check_contact

PAGE_SUFFIXES = (".html", ".htm", ".shtml", ".txt")
WARC_SUFFIXES = (".warc", ".warc.gz")
# Containers of pages that newsetl does not read, each with the command that converts `{path}`.
_CONTAINERS = {
    ".warc.zst": "run `zstd -d {path}` and import the .warc file",
    ".wacz": "run `unzip {path} 'archive/*' -d DIR` and import DIR",
    ".mht": "open it in a browser, save it as HTML and import that file",
    ".mhtml": "open it in a browser, save it as HTML and import that file",
    ".webarchive": "open it in Safari, save it as HTML and import that file",
    ".arc": "run `warcio recompress {path} out.warc.gz` and import that file",
    ".arc.gz": "run `warcio recompress {path} out.warc.gz` and import that file",
}


@dataclass(slots=True)
class ImportInputs:
    """Inputs of an import: `files` are paths and URLs in order.

    `ignored` are files with other endings and special files such as pipes; `errors` are messages on paths
    that could not be read.
    """

    files: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def check_contact(self, contact: str | None) -> str:
        """Return the contact for downloads. Raise ConfigError if there are URLs but no contact."""
        return check_contact(contact) if any(map(is_url, self.files)) else ""


def find_inputs(paths: Iterable[str]) -> ImportInputs:
    """Find the input files at `paths`; walk each directory once, in the order of names, also with link loops.

    Raise ConfigError for a path that does not exist, and for a URL of anything but a WARC file.
    """
    inputs = ImportInputs()
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if is_url(path):
            if not urlsplit(path).path.lower().endswith(WARC_SUFFIXES):
                raise ConfigError(
                    f"{path}: not the URL of a .warc or .warc.gz file; use `newsetl ingest` to fetch pages"
                )
            inputs.files.append(path)
        elif not os.path.lexists(path):
            raise ConfigError(f"{path}: no such file or directory; correct the path")
        else:
            _walk(path, inputs, seen)
    return inputs


def escape_path(path: str) -> str:
    """Escape bytes that are no text, and unprintable characters, so that a path can be stored and shown."""
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return "".join(
        char if char.isprintable() and (char != " " or index) else f"\\x{ord(char):02x}"
        for index, char in enumerate(text)
    )


def _walk(top: str, inputs: ImportInputs, seen: set[tuple[int, int]]) -> None:
    due = [top]
    while due:
        path = due.pop()
        try:
            status = Path(path).stat()
            if not stat.S_ISDIR(status.st_mode):
                is_input = stat.S_ISREG(status.st_mode) and path.lower().endswith(
                    (*PAGE_SUFFIXES, *WARC_SUFFIXES)
                )
                conversion = _find_conversion(path) if path == top else None
                if conversion:
                    inputs.errors.append(f"{escape_path(path)}: this kind of file is not read; {conversion}")
                else:
                    (inputs.files if is_input else inputs.ignored).append(path)
            elif (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                due += sorted(map(str, Path(path).iterdir()), reverse=True)
        except OSError as error:
            inputs.errors.append(f"{escape_path(path)}: cannot be read ({error.strerror})")


def _find_conversion(path: str) -> str | None:
    """Return how to convert a container of pages that newsetl does not read, None for another file."""
    return next(
        (
            advice.format(path=shlex.quote(escape_path(path)))
            for suffix, advice in _CONTAINERS.items()
            if path.lower().endswith(suffix)
        ),
        None,
    )


def is_url(path: str) -> bool:
    """Return True for an http or https URL, False for a path."""
    return path.lower().startswith(("http://", "https://"))
