"""What several commands share: their options, exit statuses, and how they open and stop."""

from __future__ import annotations

import inspect
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup
from typer.models import CommandFunctionType

from newsetl import sources
from newsetl.errors import ConfigError, NewsetlError
from newsetl.folder import DataFolder
from newsetl.lock import WAIT
from newsetl.model import Window
from newsetl.sources import files

if TYPE_CHECKING:
    from newsetl.load import Warehouse
    from newsetl.recover import Recovered

Data = Annotated[
    Path, typer.Option("--data", envvar="NEWSETL_DATA", help="Folder with news.duckdb and archive/.")
]
Contact = Annotated[
    str | None,
    typer.Option(
        "--contact", envvar="NEWSETL_CONTACT", help="Mail address or page where a site can reach you."
    ),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        envvar="NEWSETL_AT",
        help="Another address that serves the source, e.g. http://127.0.0.1:8765 (a replica).",
    ),
]
Wait = Annotated[
    float, typer.Option("--wait", min=0, help="Seconds to wait for another newsetl that writes here.")
]
Sources = Annotated[
    list[Path] | None,
    typer.Option(
        "--sources",
        metavar="DIR",
        help="Folder with source files of yours, as in NEWSETL_SOURCES; may be repeated.",
    ),
]
Since = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="First day, included.")
]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="Last day, included.")
]

Workers = Annotated[
    int,
    typer.Option(
        "--workers", min=1, envvar="NEWSETL_WORKERS", help="How many pieces of the archive to read at a time."
    ),
]
LocalRunner = Annotated[
    str, typer.Option("--runner", envvar="NEWSETL_RUNNER", help="What the workers are: processes or threads.")
]


class Program(TyperGroup):
    """The group of all commands: turns newsetl's errors into one line on stderr and exit status 2."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run a command, as click does."""
        try:
            return super().main(*arguments, **options)
        except NewsetlError as error:
            print(f"newsetl: {error}", file=sys.stderr)
            sys.exit(USAGE)
        except BrokenPipeError:
            # The reader has seen enough, as head does; there is nobody left to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(FAILED)


class Commands(typer.Typer):
    """Commands that all take --sources."""

    def command(self, *names: Any, **options: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        """Register a command, as Typer does."""
        register = super().command(*names, **options)

        def registered(command: CommandFunctionType) -> CommandFunctionType:
            @wraps(command)
            def run(*values: Any, sources_folders: list[Path] | None = None, **named: Any) -> Any:
                if sources_folders:
                    files.use(tuple(sources_folders))
                return command(*values, **named)

            signature = inspect.signature(command, eval_str=True)
            added = inspect.Parameter(
                "sources_folders", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Sources
            )
            run.__signature__ = signature.replace(  # type: ignore[attr-defined]
                parameters=[*signature.parameters.values(), added]
            )
            run.__annotations__ = {**command.__annotations__, "sources_folders": Sources}
            register(run)
            return command

        return registered


OK, FAILED, USAGE, SOME_REFUSED, INTERRUPTED = 0, 1, 2, 3, 130


def now() -> datetime:
    """The clock that stages are handed."""
    return datetime.now(UTC)


def source_at(name: str, at: str | None) -> sources.Source:
    """The source, served from `at` if given. Raises SourceError."""
    source = sources.load(name)
    return source.at(at) if at else source


@contextmanager
def writing(folder: DataFolder, wait: float = WAIT) -> Iterator[Warehouse]:
    """The folder's warehouse for this process alone; what dead runs left is loaded first and told."""
    from newsetl import recover

    def tell(found: Recovered) -> None:
        print(
            f"{found.source}: the run of {found.started_at:%Y-%m-%d %H:%M:%S} UTC had died; loaded now of "
            f"what it had kept: {found.articles} articles, {found.rejects} refused",
            file=sys.stderr,
        )

    def note(line: str) -> None:
        print(f"newsetl: {line}", file=sys.stderr, flush=True)

    try:
        with recover.opened(
            folder, clock=now, wait=wait, on_recovered=tell, on_unpublished=note, on_wait=note
        ) as warehouse:
            yield warehouse
    except KeyboardInterrupt:
        print("stopped at once; what was kept is loaded at the next start", file=sys.stderr)
        raise


@contextmanager
def stopping(*, is_quiet: bool = False) -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C or SIGTERM has come. A second one raises KeyboardInterrupt."""
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        if stopped:
            raise KeyboardInterrupt
        stopped = True
        if not is_quiet:
            print("stopping after the page in hand; once more stops at once", file=sys.stderr, flush=True)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def window_of(since: datetime | None, until: datetime | None) -> Window:
    """The days of --since and --until. Raises ConfigError if they are the wrong way round."""
    window = Window(since.date() if since else None, until.date() if until else None)
    if window.since and window.until and window.since > window.until:
        raise ConfigError(f"--since {window.since} is after --until {window.until}; exchange them")
    return window


def format_of(output: Path | None, given: str | None, known: Sequence[str], *, otherwise: str) -> str:
    """The format that is `given`, else that of the file's ending, else `otherwise`.

    Raises ConfigError for one that is not `known`.
    """
    if given is not None:
        if given not in (*known, otherwise):
            *some, last = dict.fromkeys((otherwise, *known))
            raise ConfigError(f"--format {given}: use {', '.join(some)} or {last}")
        return given
    ending = output.suffix[1:].lower() if output else ""
    if ending and ending not in (*known, otherwise):
        raise ConfigError(f"{output}: .{ending} is no format; end it in .{known[0]}, or give --format")
    return ending or otherwise


def addresses_in(file: Path, *, is_strict: bool = True) -> dict[str, str]:
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


@contextmanager
def counting(name: str, first: str = "") -> Iterator[Callable[[str], None]]:
    """A line on the terminal that is told how far it is; without a terminal, one every ten seconds.

    On the terminal it begins with `first`.
    """
    from rich.console import Console

    console, told = Console(stderr=True), time.monotonic()
    if console.is_terminal:
        with console.status(f"{name}: {first}" if first else name) as live:
            yield lambda line: live.update(f"{name}: {line}")
        return

    def tell(line: str) -> None:
        nonlocal told
        if time.monotonic() - told >= 10:
            told = time.monotonic()
            print(f"{name}: {line}", file=sys.stderr, flush=True)

    yield tell
