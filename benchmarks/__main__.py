"""Runs benchmarks, each in a process of its own; prints their figures, or keeps them in RESULTS.md too."""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import time

from rich.console import Console
from rich.table import Table

from benchmarks.results import FOLDER, Row, section, write

# What `make bench` runs, in the order of the page: where there is a goal or a peer. All else is run by name.
FIRST = ("read", "job", "prefect", "idle", "growth", "replay", "startup")


def names() -> list[str]:
    """List every benchmark: the files here that have a `main`."""
    found = [
        file.stem
        for file in sorted(FOLDER.glob("*.py"))
        if not file.name.startswith("__") and "\ndef main(" in file.read_text(encoding="utf-8")
    ]
    return [*(name for name in FIRST if name in found), *(name for name in found if name not in FIRST)]


def main() -> int:
    """Run the benchmarks; each prints rows of results.show."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument(
        "names", nargs="*", metavar="NAME", help=f"{', '.join(names())}; of these {len(FIRST)} without one"
    )
    asked.add_argument("--write", action="store_true", help="put the figures into benchmarks/RESULTS.md")
    given = asked.parse_args()
    console, failed = Console(soft_wrap=True), []
    for name in given.names or FIRST:
        started = time.monotonic()
        ran = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"],
            cwd=FOLDER.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        rows = [Row.of(line) for line in ran.stdout.splitlines() if "\t" in line]
        table = Table(name, "figure", "beside", "goal", "met")
        for row in rows:
            table.add_row(*row)
        console.print(table)
        if ran.returncode:
            failed.append(name)
        elif given.write:
            title = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))) or ""
            write({name: section(name, title, rows, time.monotonic() - started)}, names())
    if failed:
        console.print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
