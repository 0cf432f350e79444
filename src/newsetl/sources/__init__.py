"""A source is one TOML file: how to find its articles, how fast to fetch them, how to read them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from newsetl.errors import SourceError
from newsetl.runtime import old_names
from newsetl.sources import registry
from newsetl.sources.config import Source
from newsetl.sources.source_toml import parse_toml, read

__all__ = ["list_all", "list_enabled", "load", "load_file", "read"]


def list_all() -> tuple[str, ...]:
    """The slugs of all sources: packaged, and declared in folders of the user's."""
    return tuple(sorted(registry.find_source_files()))


def list_enabled() -> tuple[str, ...]:
    """The slugs of the sources that are read when none is named."""
    return tuple(
        slug
        for slug, file in sorted(registry.find_source_files().items())
        if parse_toml(file.text(), str(file))[0].get("enabled", True) is not False
    )


def load(name: str) -> Source:
    """The source `name`: its file in a folder of the user's, else the packaged one.

    Raises SourceError if there is none or its file is wrong.
    """
    found = registry.find_source_files()
    if name not in found:
        raise SourceError(
            f"no source named {name!r}; there are: {', '.join(sorted(found))}. "
            f"Your own files are found in the folder that --source-dir or {registry.SOURCES_VARIABLE} names"
        )
    file = found[name]
    source = replace(read(file.text(), file=str(file)), is_packaged=file.is_packaged)
    if source.old_keys:
        old, new = (", ".join(keys) for keys in zip(*source.old_keys, strict=True))
        old_names.advise(old, new, where=f"{file}: ")
    if source.slug != name:
        raise SourceError(
            f"{file}: slug: is {source.slug!r}, but the file is named {name}.toml; name both alike"
        )
    return source


def load_file(path: Path) -> Source:
    """The source declared in the file `path`. Raises SourceError naming file, key and fix."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read ({error})") from error
    return read(text, file=str(path))
