"""A Prefect server and workers, as in prefect.yaml: a backfill from the browser, and what dies on the way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait

from newsetl._version import __version__
from newsetl.model import Window
from newsetl.pipeline import backfill
from tests.support import ROOT, replica_runs
from tests.system.test_serve import Slow

DECLARED = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
PATIENCE = 180


class Prefect:
    """A server on a port of its own, with its records in a folder, and workers."""

    def __init__(self, home: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
        self.environment = clean | {
            "DO_NOT_TRACK": "1",
            "NEWSETL_CONTACT": "you@example.org",
            "PREFECT_API_URL": f"{self.url}/api",
            # The least that it takes: two signs of life before a run counts as dead.
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
            "PREFECT_HOME": str(home),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
            "PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "ui"),
            "PREFECT_WORKER_QUERY_SECONDS": "2",
        }
        self.processes: list[subprocess.Popen[bytes]] = []
        self.log = home / "log"

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "prefect", *words],
                env=self.environment,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "prefect", *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def serve(self) -> subprocess.Popen[bytes]:
        server = self.start("server", "start", "--port", str(self.port))
        self.wait(self.is_up)
        return server

    def work(self) -> subprocess.Popen[bytes]:
        return self.start("worker", "start", "--pool", "newsetl", "--limit", "2")

    def is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/health", timeout=5).is_success
        except httpx.HTTPError:
            return False

    def wait(self, what: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + PATIENCE
        while not (found := what()):
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")[-5000:]
            time.sleep(0.3)
        return found

    def found(self, what: str, **wanted: Any) -> Any:
        return httpx.post(f"{self.url}/api/{what}/filter", json=wanted, timeout=30).raise_for_status().json()

    def state(self, run_id: str) -> str:
        (run,) = self.found("flow_runs", flow_runs={"id": {"any_": [run_id]}})
        return str(run["state"]["name"])

    def ask(self, entrypoint: str, **parameters: Any) -> str:
        """A run of the deployment is to begin now; its id."""
        (deployment,) = (
            each for each in self.found("deployments") if each["entrypoint"].endswith(entrypoint)
        )
        answer = httpx.post(
            f"{self.url}/api/deployments/{deployment['id']}/create_flow_run",
            json={"parameters": parameters, "state": {"type": "SCHEDULED"}},
            timeout=30,
        )
        return str(answer.raise_for_status().json()["id"])

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.processes.remove(process)


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prefect]:
    made = Prefect(tmp_path_factory.mktemp("prefect"))
    try:
        made.serve()
        made.run("work-pool", "create", "newsetl", "--type", "process", "--set-as-default")
        made.run("--no-prompt", "deploy", "--all")
        yield made
    finally:
        for process in list(made.processes):
            made.kill(process)


@pytest.fixture
def replica() -> Iterator[Slow]:
    with replica_runs.served(60, cls=Slow) as served:
        assert isinstance(served, Slow)
        yield served


def test_the_file_of_deployments_says_what_the_sources_and_the_schedules_say(tmp_path: Path) -> None:
    from newsetl.flows.serve import build_deployments
    from newsetl.runtime.data_folder import DataFolder

    served = build_deployments(DataFolder(tmp_path), contact=None, base_url=None, interval=None)
    assert {(each["entrypoint"].rpartition(".")[2], each["name"]) for each in DECLARED} == {
        (each.flow.name, each.name) for each in served
    }
    for each in served:
        (declared,) = (other for other in DECLARED if other["entrypoint"].endswith(f".{each.flow.name}"))
        assert declared["version"] == __version__
        known = each.flow.parameters.model_dump()["properties"]
        assert set(declared.get("parameters", ())) <= set(known)
        schedules = declared.get("schedules", [])
        assert [(other["cron"], other["timezone"]) for other in schedules] == (
            [(each.schedule.cron, each.schedule.timezone or "UTC")] if each.schedule else []
        )


class Form:
    """The form of a deployment's parameters in Prefect's pages."""

    def __init__(self, browser: Chrome, url: str) -> None:
        self.browser = browser
        browser.get(url)
        self.until(lambda: self.field("source_name"))

    def until(self, what: Callable[[], Any]) -> Any:
        # The pages are drawn anew as they learn more.
        waiting = WebDriverWait(self.browser, 60, ignored_exceptions=[StaleElementReferenceException])
        return waiting.until(lambda _: what())

    def field(self, name: str) -> WebElement | None:
        for field in self.browser.find_elements(By.CSS_SELECTOR, ".schema-form-property"):
            if field.find_element(By.CSS_SELECTOR, ".schema-form-property__label").text.split()[:1] == [name]:
                return field
        return None

    def control(self, name: str, selector: str, kind: str | None = None) -> WebElement:
        """Where the value goes in; `kind` for a field that may be None."""

        def look() -> WebElement | None:
            field = self.field(name)
            for button in field.find_elements(By.CSS_SELECTOR, "button") if field and kind else ():
                if button.text == kind and button.get_attribute("aria-selected") == "false":
                    button.click()
                    return None
            found = field.find_elements(By.CSS_SELECTOR, selector) if field else []
            return found[0] if found else None

        found: WebElement = self.until(look)
        return found


def shoot(browser: Chrome, name: str) -> None:
    """A picture of the page, for who wants to look: NEWSETL_SHOTS names the folder."""
    if folder := os.environ.get("NEWSETL_SHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        time.sleep(1.5)
        browser.save_screenshot(f"{folder}/{name}.png")


def test_a_backfill_is_started_from_the_browser_and_explains_itself(
    browser: Chrome,
    prefect: Prefect,
    replica: Slow,
    tmp_path: Path,
) -> None:
    worker = prefect.work()
    by_hand = next(
        each
        for each in prefect.found("deployments")
        if each["name"] == "manual" and "since" in each["parameter_openapi_schema"]["required"]
    )
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 1280, "height": 1400, "deviceScaleFactor": 1, "mobile": False},
    )
    form = Form(browser, f"{prefect.url}/deployments/deployment/{by_hand['id']}/run")
    assert "The first day to fill, in the source's timezone." in browser.page_source
    Select(form.control("source_name", "select")).select_by_value("stdaily")
    form.control("since", "input").send_keys("03052024")
    form.control("until", "input", "date").send_keys("03142024")
    data = form.control("data", "textarea")
    data.send_keys(Keys.CONTROL, "a")
    data.send_keys(str(tmp_path / "data"))
    form.control("at", "textarea", "str").send_keys(replica.base_url)
    browser.execute_script("window.scrollTo(0, 0)")
    shoot(browser, "form")
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    wanted = {"deployments": {"id": {"any_": [by_hand["id"]]}}}
    (run,) = prefect.wait(lambda: prefect.found("flow_runs", **wanted))
    prefect.wait(lambda: prefect.state(run["id"]) == "Completed")
    (run,) = prefect.found("flow_runs", **wanted)
    assert run["name"] == "backfill stdaily 2024-03-05 to 2024-03-14"
    assert run["state"]["message"].startswith("10 of 10 days done, ")
    browser.get(f"{prefect.url}/runs/flow-run/{run['id']}")
    form.until(lambda: run["name"] in browser.page_source and "10 of 10 days done" in browser.page_source)
    shoot(browser, "run")
    artifacts = {
        each["key"]: each for each in prefect.found("artifacts", flow_runs={"id": {"any_": [run["id"]]}})
    }
    assert set(artifacts) == {"backfill", "backfill-stdaily-2024-03-05", "action-items"}
    for key, words in (
        ("backfill", "days done"),
        ("action-items", "Manual actions"),
        ("backfill-stdaily-2024-03-05", "10 of 10 days done"),
    ):
        browser.get(f"{prefect.url}/artifacts/artifact/{artifacts[key]['id']}")
        form.until(lambda words=words: words in browser.page_source)
        shoot(browser, f"artifact-{key}")
    severe = [each["message"] for each in browser.get_log("browser") if each["level"] == "SEVERE"]
    # Its own icons apart, the pages want nothing that is not there.
    assert [each for each in severe if "favicon.ico" not in each and "undefined.svg" not in each] == []
    source = replica_runs.source_of(replica)
    with replica_runs.opened(tmp_path / "plain", source) as warehouse:
        backfill.backfill(
            source,
            warehouse,
            tmp_path / "plain" / "archive",
            clock=replica_runs.now,
            window=Window(date(2024, 3, 5), date(2024, 3, 14)),
        )
    assert replica_runs.contents(tmp_path / "data") == replica_runs.contents(tmp_path / "plain")
    prefect.kill(worker)


def test_the_server_goes_in_the_middle_of_a_run_and_the_articles_come(
    prefect: Prefect, replica: Slow, tmp_path: Path
) -> None:
    server = prefect.processes[0]
    worker = prefect.work()
    replica.min_delay = 0.3
    run_id = prefect.ask("ingest", data=str(tmp_path / "data"), base_url=replica.base_url)
    prefect.wait(lambda: replica.asked >= 10)
    prefect.kill(server)
    prefect.wait(
        lambda: (
            (tmp_path / "data" / "news.duckdb").exists()
            and replica_runs.rows(tmp_path / "data", "SELECT state FROM runs") == [("completed",)]
        )
    )
    assert "Prefect could not be reached: " in prefect.log.read_text(encoding="utf-8")
    prefect.processes.insert(0, prefect.serve())
    prefect.processes.pop()
    # The run has waited for a server that it can tell.
    prefect.wait(lambda: prefect.state(run_id) == "Completed")
    replica_runs.ingest(tmp_path / "whole", replica_runs.source_of(replica))
    assert replica_runs.contents(tmp_path / "data") == replica_runs.contents(tmp_path / "whole")
    prefect.kill(worker)


def test_a_worker_is_killed_in_the_middle_and_the_next_run_does_the_rest(
    prefect: Prefect, replica: Slow, tmp_path: Path
) -> None:
    code = "import asyncio, datetime; from newsetl.flows import notify; "
    code += "asyncio.run(notify.bury(datetime.timedelta(seconds=45)))"
    subprocess.run([sys.executable, "-c", code], env=prefect.environment, check=True)
    worker = prefect.work()
    replica.min_delay = 0.3
    run_id = prefect.ask("ingest", data=str(tmp_path / "data"), base_url=replica.base_url)
    prefect.wait(lambda: replica.asked >= 10)
    prefect.kill(worker)
    # Its runs are in sessions of their own, and would go on.
    lock = (tmp_path / "data" / "lock").read_text(encoding="utf-8")
    os.kill(int(lock.partition("(process ")[2].partition(",")[0]), signal.SIGKILL)
    replica.min_delay = 0.0
    assert prefect.state(run_id) == "Running"
    worker = prefect.work()
    prefect.wait(lambda: prefect.state(run_id) == "Crashed")
    again = prefect.ask("ingest", data=str(tmp_path / "data"), base_url=replica.base_url)
    prefect.wait(lambda: prefect.state(again) == "Completed")
    assert "had crashed; loaded now from its archive file" in prefect.log.read_text(encoding="utf-8")
    replica_runs.ingest(tmp_path / "whole", replica_runs.source_of(replica))
    assert replica_runs.contents(tmp_path / "data") == replica_runs.contents(tmp_path / "whole")
    prefect.kill(worker)
