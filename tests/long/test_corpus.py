"""Pages of no source, where the corpus is at hand, reach the goals that their scorer measures."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.processes import PROGRAM

CORPUS = Path(os.environ.get("NEWSETL_CORPUS", ROOT / "shared" / "corpus"))
# What the fair group of pages is to reach, less what chance makes of so few.
GOALS = {"title": 0.84, "author_F1": 0.79, "date_F1": 0.87, "body_F1": 0.935}


@pytest.mark.skipif(not (CORPUS / "score.py").is_file(), reason=f"no scorer in {CORPUS}")
def test_pages_of_no_source_reach_the_goals(tmp_path: Path) -> None:
    command = f"{PROGRAM} parse {{files}} --json --urls {{urls}}"
    subprocess.run(
        [sys.executable, CORPUS / "score.py", "--run", command, "--corpora", "aeb,wcxb,postlight", "--json",
         tmp_path / "figures.json"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    got = json.loads((tmp_path / "figures.json").read_text())["groups"]["neutral"]
    assert {name: got[name] for name, goal in GOALS.items() if got[name] < goal} == {}
    assert got["no_answer"] <= got["pages"] / 100
