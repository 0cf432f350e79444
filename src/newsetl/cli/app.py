"""Typer application classes: grouped help, `--source-dir`, error reporting and exit statuses."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandFunctionType

from newsetl.cli.options import SourceDirOption
from newsetl.errors import NewsetlError
from newsetl.runtime import old_names

OK, FAILED, USAGE, SOME_REJECTED, INTERRUPTED = 0, 1, 2, 3, 130


def _build_source_dir_option() -> Any:
    declaration = typer.Typer(add_completion=False)

    @declaration.command()
    def declare(source_dirs: SourceDirOption = None) -> None:
        """Declare the option; its callback uses the value."""

    return typer.main.get_command(declaration).params[0]


_SOURCE_DIR = _build_source_dir_option()


class SourceDirCommand(TyperCommand):
    """Command that accepts the application's `--source-dir` after its own name too."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(_SOURCE_DIR)


class NewsetlGroup(TyperGroup):
    """Group of all commands: their help in panels, and one line on stderr for each newsetl error."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(_SOURCE_DIR)

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run a command. Exit with status 2 after a newsetl error."""
        old_names.rename_variables()
        try:
            return super().main(*arguments, **options)
        except NewsetlError as error:
            print(f"newsetl: {error}", file=sys.stderr)
            sys.exit(USAGE)
        except BrokenPipeError:
            # A program such as head has closed the pipe: without this, Python reports the error at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(FAILED)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command of a command line, which may contain old names."""
        return super().resolve_command(ctx, old_names.rename_arguments(args))

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write each panel of commands as a section of its own, in the order of registration."""
        width = max(map(len, self.commands))
        panels: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command = self.commands[name]
            summary = command.get_short_help_str(formatter.width - width - 4)
            panel = getattr(command, "rich_help_panel", None) or "Commands"
            panels.setdefault(panel, []).append((name.ljust(width), summary))
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)


class SourceDirTyper(typer.Typer):
    """Typer application whose commands all accept `--source-dir`."""

    def command(self, *names: Any, **options: Any) -> Callable[[CommandFunctionType], CommandFunctionType]:
        """Register a command, as Typer does."""
        return super().command(*names, **({"cls": SourceDirCommand} | options))
