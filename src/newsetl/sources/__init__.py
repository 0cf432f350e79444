"""Source files: one TOML file per site, with its URLs, rate limit, and labels and selectors."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from newsetl.errors import SourceError
from newsetl.runtime import old_names
from newsetl.sources import registry
from newsetl.sources.config import Source
from newsetl.sources.source_toml import parse_tables, parse_toml

__all__ = ["list_all", "list_enabled", "load", "load_file", "parse_toml"]


def list_all() -> tuple[str, ...]:
    """List the slugs of all sources, both packaged and from the user's source directories."""
    return tuple(sorted(registry.find_source_files()))


def list_enabled() -> tuple[str, ...]:
    """List the slugs of the enabled sources, which commands use by default."""
    return tuple(
        slug
        for slug, file in sorted(registry.find_source_files().items())
        if parse_tables(file.read_text(), str(file))[0].get("enabled", True) is not False
    )


def load(name: str) -> Source:
    """Load the source `name` from the user's source directories, or else the packaged one.

    Raise SourceError if there is no such source or if its file is invalid.
    """
    files = registry.find_source_files()
    if name not in files:
        raise SourceError(
            f"no source named {name!r}; use one of {', '.join(sorted(files))}, or give the directory of your "
            f"own source file with --source-dir or {registry.SOURCES_VARIABLE}"
        )
    file = files[name]
    source = replace(parse_toml(file.read_text(), file=str(file)), is_packaged=file.is_packaged)
    if source.old_keys:
        old, new = (", ".join(keys) for keys in zip(*source.old_keys, strict=True))
        old_names.advise(old, new, where=f"{file}: ")
    if source.slug != name:
        raise SourceError(
            f"{file}: slug: is {source.slug!r}, but the file is named {name}.toml; use the same name for both"
        )
    return source


def load_file(path: Path) -> Source:
    """Load the source file at `path`. Raise SourceError with the file, the key and the fix."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read ({error})") from error
    return parse_toml(text, file=str(path))
