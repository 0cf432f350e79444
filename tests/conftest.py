"""No run of the tests calls home, and none starts Prefect's server unless it asks for it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsetl.db import connection, writer
from tests.support.stepped_clock import clock  # noqa: F401

os.environ.update(
    PREFECT_SERVER_ANALYTICS_ENABLED="false", DO_NOT_TRACK="1", PREFECT_SERVER_EPHEMERAL_ENABLED="false"
)

_MAKE = writer._create_file

QUIET = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --window-size=1280,1000"
)


@pytest.fixture(scope="session", autouse=True)
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An empty migrated warehouse. Every new warehouse file of the session is a copy of it.

    Making one takes ten times as long as copying it. A test of the making itself asks for `real_make`.
    """
    path = tmp_path_factory.mktemp("template") / "work.duckdb"
    _MAKE(path)

    def copy(target: Path) -> None:
        fresh = target.with_name(f"{target.name}.fresh")
        with connection.translate_errors(target):
            shutil.copyfile(path, fresh)
            fresh.rename(target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "_create_file", copy)
        yield path


@pytest.fixture
def real_make(monkeypatch: pytest.MonkeyPatch) -> None:
    """New warehouse files are made by migration, as users' are."""
    monkeypatch.setattr(writer, "_create_file", _MAKE)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Chromium, driven."""
    from selenium.webdriver import Chrome, ChromeOptions
    from selenium.webdriver.chrome.service import Service

    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("no Chromium here; Debian's packages chromium and chromium-driver have it")
    options = ChromeOptions()
    options.binary_location = chromium
    for flag in (*QUIET.split(), f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = Chrome(options=options, service=Service(driver))
    yield chrome
    chrome.quit()


@pytest.fixture(scope="session")
def weeks(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Eight weeks of a channel, to be read only."""
    from tests.support import replica_runs

    return replica_runs.weeks(tmp_path_factory.mktemp("weeks"))
