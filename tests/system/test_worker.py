"""A Prefect server and a worker, as in prefect.yaml: a backfill from the browser."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

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
from tests.support.held import TIMEOUT
from tests.support.prefect_server import PrefectServer
from tests.support.replica_runs import Failing

DECLARED = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]


@pytest.fixture
def replica() -> Iterator[Failing]:
    with replica_runs.served(60) as served:
        yield served


def test_the_file_of_deployments_says_what_the_sources_and_the_schedules_say(tmp_path: Path) -> None:
    from newsetl.flows.serve import build_deployments
    from newsetl.runtime.data_folder import DataFolder

    served = build_deployments(DataFolder(tmp_path), contact=None, base_url=None, interval=None)
    assert {(each["entrypoint"].rpartition(".")[2], each["name"]) for each in DECLARED} == {
        (each.flow.fn.__name__, each.name) for each in served
    }
    for each in served:
        (declared,) = (
            other for other in DECLARED if other["entrypoint"].endswith(f".{each.flow.fn.__name__}")
        )
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
        waiting = WebDriverWait(self.browser, TIMEOUT, ignored_exceptions=[StaleElementReferenceException])
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
    prefect: PrefectServer,
    replica: Failing,
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
    assert "First day to fill, in the source's timezone." in browser.page_source
    Select(form.control("source_name", "select")).select_by_value("stdaily")
    form.control("since", "input").send_keys("03052024")
    form.control("until", "input", "date").send_keys("03142024")
    data = form.control("data", "textarea")
    data.send_keys(Keys.CONTROL, "a")
    data.send_keys(str(tmp_path / "data"))
    form.control("base_url", "textarea", "str").send_keys(replica.base_url)
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
