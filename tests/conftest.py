"""No run of the tests calls home, and none starts Prefect's server unless it asks for it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from newsetl.db import connection, writer
from tests.support.stepped_clock import clock  # noqa: F401

pytest.register_assert_rewrite("tests.support")
# No test depends on the pace of the machine.
settings.register_profile("newsetl", deadline=None)
settings.load_profile("newsetl")

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


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """DuckDB works in one thread in this process: a fourth less CPU for what the tests ask of it.

    Processes of their own have all cores, as users have.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(connection.SETTINGS, "threads", 1)
        yield


@pytest.fixture
def real_make(monkeypatch: pytest.MonkeyPatch) -> None:
    """New warehouse files are made by migration, as users' are."""
    monkeypatch.setattr(writer, "_create_file", _MAKE)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Any]:
    """A warehouse with the source and a run in it, and short ways to ask it: a `factories.Room`."""
    from tests.support.factories import Room

    room = Room(tmp_path / "deep" / "news.duckdb")
    yield room
    room.warehouse.close()


@pytest.fixture(scope="session")
def three_articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with one run, of three articles, published; to be copied."""
    from newsetl.runtime.data_folder import DataFolder
    from tests.support import data_directories

    path = tmp_path_factory.mktemp("three_articles") / "data"
    data_directories.load_run(DataFolder(path), 1, 2, 3)
    return path


@pytest.fixture
def folder(three_articles: Path, tmp_path: Path) -> Any:
    """A `DataFolder` with one run, of three articles, published."""
    from newsetl.runtime.data_folder import DataFolder

    return DataFolder(shutil.copytree(three_articles, tmp_path / "data"))


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """A Prefect server for the flows that run in this process."""
    from prefect.settings import PREFECT_SERVER_EPHEMERAL_ENABLED, temporary_settings
    from prefect.testing.utilities import prefect_test_harness

    with (
        temporary_settings({PREFECT_SERVER_EPHEMERAL_ENABLED: True}),
        prefect_test_harness(server_startup_timeout=600),
    ):
        yield


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A server with the deployments of prefect.yaml, and no worker yet."""
    from tests.support.prefect_server import PrefectServer

    made = PrefectServer(tmp_path_factory.mktemp("prefect"))
    try:
        made.serve()
        made.run("work-pool", "create", "newsetl", "--type", "process", "--set-as-default")
        made.run("--no-prompt", "deploy", "--all")
        yield made
    finally:
        for process in list(made.processes):
            made.kill(process)


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
