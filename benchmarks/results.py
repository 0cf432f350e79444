"""Results of the benchmarks, and their page RESULTS.md with one section per benchmark."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
PAGE = FOLDER / "RESULTS.md"
# Peers have their own environment, made by `make bench`: what they ask for is not asked of newsetl's users.
PEERS = FOLDER.parent / ".venv-peers" / "bin" / "python"
OWN = ("beautifulsoup4", "duckdb", "httpx", "lxml", "newsetl", "prefect", "pyarrow", "trafilatura")
HEAD = """# Results

Made by `make bench`; nothing here is written by hand. Figures are medians, and what is compared was measured
in turns in one run. A goal stands where there is one, with whether it was met in this run.
"""


class Row(NamedTuple):
    """One line of a benchmark; all of it is text."""

    what: str
    figure: str
    beside: str = ""
    goal: str = ""
    met: str = ""

    @classmethod
    def of(cls, line: str) -> Row:
        """From a printed line."""
        return cls(*line.split("\t"))


def show(what: str, figure: str, *, beside: str = "", goal: str = "", met: bool | None = None) -> None:
    """Prints one row: what was measured, its figure, its ratio to what, the goal, and whether that is met."""
    row = Row(what, figure, beside, goal, "" if met is None else "yes" if met else "no")
    sys.stdout.write("\t".join(row).rstrip("\t") + "\n")
    sys.stdout.flush()


def machine() -> str:
    """Processor, cores, memory, system and Python."""
    with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
        names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def versions() -> str:
    """Return the versions of newsetl and its libraries."""
    return ", ".join(f"{name} {version(name)}" for name in OWN)


def peers(*names: str) -> str:
    """Versions of packages in the peers' environment; empty where that is not made."""
    if not PEERS.exists():
        return ""
    code = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    ran = subprocess.run([PEERS, "-c", code, *names], capture_output=True, text=True, check=True)
    return ", ".join(map(" ".join, zip(names, ran.stdout.split(), strict=True)))


def section(name: str, title: str, rows: Sequence[Row], seconds: float) -> str:
    """Build a benchmark's part of the page."""
    git = ["git", "-C", str(FOLDER)]
    found = subprocess.run([*git, "describe", "--always"], capture_output=True, text=True, check=False)
    commit = found.stdout.strip() or "no commit"
    # What the benchmarks before this one have written changes no figure.
    others = [*git, "diff", "--quiet", "HEAD", "--", ":/", ":!RESULTS.md", ":!growth.svg"]
    if found.returncode == 0 and subprocess.run(others, check=False).returncode:
        commit += "-dirty"
    lines = [
        f"## {name}",
        "",
        title,
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {commit}, {seconds:,.0f} s. {machine()}.",
        "",
        "| what | figure | beside | goal | met |",
        "|---|---:|---|---|---|",
        *(f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows),
        "",
    ]
    return "\n".join(lines)


def write(made: dict[str, str], order: Iterable[str]) -> None:
    """Replace the sections of the benchmarks that ran; keep the others."""
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    parts = {part.split("\n", 1)[0]: f"## {part}" for part in old.split("\n## ")[1:]}
    parts |= made
    known = [parts[name].rstrip() for name in order if name in parts]
    PAGE.write_text("\n\n".join([f"{HEAD}\n{versions()}.", *known]) + "\n", encoding="utf-8")
