"""Start of each command in a fresh interpreter; the quick commands must not import Prefect.

The floor is the interpreter itself, asked in turns with the others.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import typer

from benchmarks.load import START
from benchmarks.results import show
from newsetl import sources
from newsetl.cli.main import app
from newsetl.db.writer import Warehouse
from newsetl.model import Window

ROUNDS = 11
NEWSETL = str(Path(sys.executable).with_name("newsetl"))
FLOOR = "python -c pass"


def commands() -> list[str]:
    """List every command, those of groups included."""
    found = []
    for name, command in sorted(typer.main.get_command(app).commands.items()):  # type: ignore[attr-defined]
        found += [f"{name} {each}" for each in sorted(getattr(command, "commands", ()))] or [name]
    return found


def seconds(words: list[str]) -> float:
    """Return the seconds of the command, from start to end."""
    started = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def imports(words: list[str], package: str) -> bool:
    """Return True if the command imports the package."""
    told = subprocess.run(
        [sys.executable, "-X", "importtime", *words],
        env=os.environ | {"COLUMNS": "100"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return any(line.rpartition("|")[2].strip() == package for line in told.stderr.splitlines())


def main() -> None:
    """Yield one row per command, with a goal where there is one."""
    with tempfile.TemporaryDirectory() as folder:
        with Warehouse(Path(folder) / "work.duckdb", published=Path(folder) / "news.duckdb") as warehouse:
            source = sources.load("stdaily")
            warehouse.register_source(source)
            warehouse.start_run(source.slug, kind="ingest", window=Window(), started_at=START)
            warehouse.publish()
        select = ["sql", "SELECT 1", "--data", folder]
        goals = {"--help": (["--help"], 0.25), "sql 'SELECT 1'": (select, 0.6)}
        asked = {FLOOR: [sys.executable, "-c", "pass"]}
        asked |= {f"newsetl {name}": [NEWSETL, *words] for name, (words, _) in goals.items()}
        asked |= {f"newsetl {name} --help": [NEWSETL, *name.split(), "--help"] for name in commands()}
        took: dict[str, list[float]] = {name: [] for name in asked}
        for turn in range(ROUNDS):
            for name, words in asked.items():
                # The help of each command is all alike: three goes are enough.
                if turn < 3 or name == FLOOR or name.removeprefix("newsetl ") in goals:
                    took[name].append(seconds(words))
        middle = {name: statistics.median(each) for name, each in took.items()}
        for name, figure in middle.items():
            _, limit = goals.get(name.removeprefix("newsetl "), ((), 0.0))
            show(
                name,
                f"{figure:.2f} s",
                beside=f"{figure / middle[FLOOR]:.1f} of the interpreter",
                goal=f"under {limit} s" if limit else "",
                met=figure < limit if limit else None,
            )
        for name, (words, _) in goals.items():
            is_in = imports([NEWSETL, *words], "prefect")
            show(f"newsetl {name} imports Prefect", "yes" if is_in else "no", goal="no", met=not is_in)


if __name__ == "__main__":
    main()
