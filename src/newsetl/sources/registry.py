"""Registry of source files: the packaged files and those in the user's source directories."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from newsetl.errors import SourceError
from newsetl.runtime import old_names

# Directories joined by os.pathsep; a file in an earlier directory shadows those in later ones.
SOURCES_VARIABLE = "NEWSETL_SOURCE_DIR"
_SLUG = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """File of one source, and the names of the files that it shadows."""

    path: Traversable
    name: str
    shadowed: tuple[str, ...] = ()
    is_packaged: bool = False

    def __str__(self) -> str:
        return self.name

    def read_text(self) -> str:
        """Read the file. Raise SourceError if it cannot be read."""
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"{self.name}: cannot be read ({error})") from error


def add_folders(folders: tuple[Path, ...]) -> None:
    """Put `folders` first in the search path, for this process and its child processes."""
    old_names.rename_variables()
    os.environ[SOURCES_VARIABLE] = os.pathsep.join(
        [*map(str, folders), *filter(None, [os.environ.get(SOURCES_VARIABLE)])]
    )


def find_source_files() -> dict[str, SourceFile]:
    """Map each slug to its file. Raise SourceError for a missing directory or an invalid file name."""
    old_names.rename_variables()
    files: dict[str, SourceFile] = {}
    for folder in dict.fromkeys(filter(None, os.environ.get(SOURCES_VARIABLE, "").split(os.pathsep))):
        for path in _list_files(Path(folder)):
            if not _SLUG.fullmatch(path.stem):
                raise SourceError(
                    f"{path}: {path.stem!r} is not a valid slug; name the file like its slug, with "
                    "lower-case letters, digits and _ only"
                )
            _add(files, path.stem, SourceFile(path, str(path)))
    for entry in resources.files("newsetl.sources").iterdir():
        if entry.name.endswith(".toml") and not entry.name.startswith("_"):
            file = SourceFile(entry, f"sources/{entry.name}", is_packaged=True)
            _add(files, entry.name.removesuffix(".toml"), file)
    return files


def _list_files(folder: Path) -> list[Path]:
    try:
        return sorted(
            path for path in folder.iterdir() if path.suffix == ".toml" and path.name[0] not in "._"
        )
    except OSError as error:
        raise SourceError(
            f"{folder}: cannot read the source directory ({error.strerror}); create it, or correct "
            f"--source-dir or {SOURCES_VARIABLE}"
        ) from None


def _add(files: dict[str, SourceFile], slug: str, file: SourceFile) -> None:
    if first := files.get(slug):
        shadowed = (*first.shadowed, file.name)
        files[slug] = SourceFile(first.path, first.name, shadowed, first.is_packaged)
    else:
        files[slug] = file
