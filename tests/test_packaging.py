"""What is installed holds what it needs, and the lock can be installed by anybody."""

import subprocess
import sys
import tomllib
import zipfile
from itertools import chain

import pytest

from tests.support import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (file,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(file).namelist())


def test_the_wheel_has_every_room(wheel: set[str]) -> None:
    folders = {
        "newsetl": ROOT / "src" / "newsetl",
        "newsetl/flows": ROOT / "flows",
        "newsetl/warehouse": ROOT / "warehouse",
    }
    for prefix, folder in folders.items():
        for file in folder.rglob("*"):
            if file.suffix in (".py", ".sql", ".toml", ".typed", ".html", ".css", ".js"):
                assert f"{prefix}/{file.relative_to(folder).as_posix()}" in wheel


def test_the_lock_has_hashes_and_no_address() -> None:
    text = (ROOT / "requirements.lock").read_text()
    pins = [line for line in text.splitlines() if "==" in line and not line.startswith("#")]
    assert len(pins) > 50
    assert text.count("--hash=sha256:") >= len(pins)
    assert not [word for word in ("://", "--index-url", "--find-links", "-e ", "file:") if word in text]


def test_the_lock_has_every_declared_dependency_within_its_bounds() -> None:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pins = {}
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        name, equals, rest = line.partition("==")
        if equals and not line.startswith(("#", " ")):
            pins.setdefault(canonicalize_name(name.partition("[")[0]), rest.split()[0])
    for text in chain(project["dependencies"], *project["optional-dependencies"].values()):
        wanted = Requirement(text)
        # Its own extras; and what would double the size of an installation, and is tried by hand.
        if wanted.name in (project["name"], "prefect-ray"):
            continue
        assert wanted.specifier.contains(pins[canonicalize_name(wanted.name)]), text


def test_upper_bounds_have_their_reason() -> None:
    for line in (ROOT / "pyproject.toml").read_text().splitlines():
        if line.strip().startswith('"') and "<" in line.split("#")[0]:
            assert "#" in line, line
