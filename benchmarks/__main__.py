"""Runs every benchmark in this folder, each in a process of its own, and prints their figures."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).parent


def main() -> int:
    """Names of benchmarks as arguments run only those. A benchmark prints lines of `what<TAB>figure`."""
    wanted = sys.argv[1:] or sorted(
        file.stem for file in FOLDER.glob("*.py") if not file.name.startswith("__")
    )
    table = Table("benchmark", "what")
    table.add_column("figure", justify="right")
    failed = []
    for name in wanted:
        ran = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"],
            cwd=FOLDER.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        for line in ran.stdout.splitlines():
            table.add_row(name, *line.split("\t", 1))
        if ran.returncode:
            failed.append(name)
    console = Console(soft_wrap=True)
    console.print(table)
    if failed:
        console.print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
