"""The Typer application: its groups of commands, and its exit statuses."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperGroup
from typer.models import CommandFunctionType

from newsetl.cli.options import SourceDirOption
from newsetl.errors import NewsetlError
from newsetl.runtime import old_names
from newsetl.sources import registry

OK, FAILED, USAGE, SOME_REJECTED, INTERRUPTED = 0, 1, 2, 3, 130


class ErrorReportingGroup(TyperGroup):
    """The group of all commands: turns newsetl's errors into one line on stderr and exit status 2."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run a command, as click does."""
        old_names.environment()
        try:
            return super().main(*arguments, **options)
        except NewsetlError as error:
            print(f"newsetl: {error}", file=sys.stderr)
            sys.exit(USAGE)
        except BrokenPipeError:
            # The reader has seen enough, as head does; there is nobody left to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(FAILED)

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse a command line, also with the names of before."""
        return super().parse_args(ctx, old_names.arguments(args))


class SourceDirTyper(typer.Typer):
    """Commands that all take --source-dir."""

    def command(self, *names: Any, **options: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        """Register a command, as Typer does."""
        register = super().command(*names, **options)

        def registered(command: CommandFunctionType) -> CommandFunctionType:
            @wraps(command)
            def run(*values: Any, sources_folders: list[Path] | None = None, **named: Any) -> Any:
                if sources_folders:
                    registry.add_folders(tuple(sources_folders))
                return command(*values, **named)

            signature = inspect.signature(command, eval_str=True)
            added = inspect.Parameter(
                "sources_folders", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=SourceDirOption
            )
            run.__signature__ = signature.replace(  # type: ignore[attr-defined]
                parameters=[*signature.parameters.values(), added]
            )
            run.__annotations__ = {**command.__annotations__, "sources_folders": SourceDirOption}
            register(run)
            return command

        return registered
