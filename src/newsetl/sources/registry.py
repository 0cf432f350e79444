"""Where the files of sources are: in the package, and in the folders that a user names."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from newsetl.errors import SourceError
from newsetl.runtime import old_names

# Folders, the first one's files before the others', with the system's path separator between.
SOURCES_VARIABLE = "NEWSETL_SOURCE_DIR"
_SLUG = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that declares a source, and the files of the same name that it stands before."""

    path: Traversable
    name: str
    shadowed: tuple[str, ...] = ()
    is_packaged: bool = False

    def __str__(self) -> str:
        return self.name

    def text(self) -> str:
        """What it says. Raises SourceError."""
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(f"{self.name}: cannot be read ({error})") from error


def add_folders(folders: tuple[Path, ...]) -> None:
    """Look in `folders`, too, before the others: in this process and in those that it starts."""
    old_names.environment()
    os.environ[SOURCES_VARIABLE] = os.pathsep.join(
        [*map(str, folders), *filter(None, [os.environ.get(SOURCES_VARIABLE)])]
    )


def find_source_files() -> dict[str, SourceFile]:
    """Slug → its file. Raises SourceError for a folder that is none, or a file whose name is no slug."""
    old_names.environment()
    made: dict[str, SourceFile] = {}
    for folder in dict.fromkeys(filter(None, os.environ.get(SOURCES_VARIABLE, "").split(os.pathsep))):
        for path in _list_files(Path(folder)):
            if not _SLUG.fullmatch(path.stem):
                raise SourceError(
                    f"{path}: {path.stem!r} is no name of a source; use lower-case letters, digits and _ "
                    "only, as in its slug"
                )
            _add(made, path.stem, SourceFile(path, str(path)))
    for entry in resources.files("newsetl.sources").iterdir():
        if entry.name.endswith(".toml") and not entry.name.startswith("_"):
            file = SourceFile(entry, f"sources/{entry.name}", is_packaged=True)
            _add(made, entry.name.removesuffix(".toml"), file)
    return made


def _list_files(folder: Path) -> list[Path]:
    try:
        return sorted(
            path for path in folder.iterdir() if path.suffix == ".toml" and path.name[0] not in "._"
        )
    except OSError as error:
        raise SourceError(
            f"{folder}: no folder with source files ({error.strerror}); make it, or correct --source-dir and "
            f"{SOURCES_VARIABLE}"
        ) from None


def _add(made: dict[str, SourceFile], slug: str, file: SourceFile) -> None:
    if first := made.get(slug):
        hidden = (*first.shadowed, file.name)
        made[slug] = SourceFile(first.path, first.name, hidden, first.is_packaged)
    else:
        made[slug] = file
