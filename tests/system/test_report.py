"""The report in a real browser: it opens from disk, filters, sorts, fits a phone, its numbers are right."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from newsetl.query import report, status
from tests.support import replica_runs
from tests.support.factories import Room, batch, page, web
from tests.support.harmful import NASTY, add_harmful
from tests.support.held import TIMEOUT
from tests.support.replica_runs import Weeks

CONTRASTS = (
    ("ink", "page"), ("soft", "page"), ("accent", "page"), ("ink", "card"), ("soft", "card"),
    ("good", "good-card"), ("partial", "partial-card"), ("warn", "warn-card"), ("overdue", "overdue-card"),
    ("soft", "neutral-card"),
)  # fmt: skip


@pytest.fixture(scope="session")
def folder(weeks: Weeks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight weeks, and articles that mean harm, were changed and went."""
    folder = tmp_path_factory.mktemp("report")
    shutil.copy(weeks.folder / "news.duckdb", folder / "news.duckdb")
    add_harmful(folder / "news.duckdb")
    report.write_report(folder / "news.duckdb", folder / "report.html")
    return folder


def shown(browser: Chrome, file: Path, *, width: int = 1280, theme: str = "light") -> None:
    """The file is open, and drawn."""
    browser.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    )
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    browser.get_log("browser")
    browser.get(file.as_uri())
    browser.execute_script("localStorage.clear()")
    WebDriverWait(browser, TIMEOUT).until(lambda _: drawn(browser) == theme)


def drawn(browser: Chrome) -> str | None:
    """The theme in which the charts are drawn."""
    theme: str | None = browser.execute_script("return document.documentElement.dataset.drawn")
    return theme


def texts(browser: Chrome, selector: str) -> list[str]:
    """What stands in the elements, seen or not."""
    found: list[str] = browser.execute_script(
        "return [...document.querySelectorAll(arguments[0])].map((each) => each.textContent.trim())", selector
    )
    return found


def number(text: str) -> int:
    return int(text.replace(",", "") or 0)


def sql(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    return replica_runs.rows(folder, statement)


def test_it_opens_from_disk_without_a_word_in_the_console(browser: Chrome, folder: Path) -> None:
    shown(browser, folder / "report.html")
    assert browser.get_log("browser") == []
    charts = browser.find_elements(By.CSS_SELECTOR, ".chart[aria-label]:has(svg.marks)")
    assert [chart.get_attribute("id") for chart in charts] == ["volume-chart", "delays-chart", "drift-chart"]
    titles = texts(browser, ".role-axis-title text")
    assert set(titles) == {
        "Day of publication",
        "Articles per day",
        "Articles",
        "Time from publication",
        "Week of publication",
        "Field",
    }
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert len(text.encode()) < 3_000_000
    assert not re.search(
        r"<(?:script|img|iframe|source)[^>]+src=|@import|url\((?!data:)", text.split("<script>")[0]
    )
    assert browser.execute_script("return performance.getEntriesByType('resource').map((e) => e.name)") == []


def test_its_numbers_are_those_of_the_tables(browser: Chrome, folder: Path) -> None:
    shown(browser, folder / "report.html")
    counted = sql(
        folder,
        "SELECT published_on::VARCHAR, coalesce(section, 'No section'), count(*) FROM articles GROUP BY ALL",
    )
    head, *lines = (
        [cell.strip() for cell in row]
        for row in browser.execute_script(
            "return [...document.querySelectorAll('#volume-table tr')]"
            ".map((row) => [...row.cells].map((cell) => cell.textContent))"
        )
    )
    told = {
        (line[0], section, number(cell))
        for line in lines
        for section, cell in zip(head[1:-1], line[1:-1], strict=True)
        if cell
    }
    assert "Other sections" in head
    assert {fact for fact in told if fact[1] != "Other sections"} <= set(counted)
    assert sum(fact[2] for fact in told) == sum(number(line[-1]) for line in lines)
    ((articles, words, gone),) = sql(
        folder, "SELECT count(*), sum(words)::BIGINT, count(gone_at) FROM articles"
    )
    ((changed,),) = sql(folder, "SELECT count(DISTINCT article_id) FROM article_revisions")
    ((rejected,),) = sql(folder, "SELECT count(*) FROM open_rejects")
    states = dict(
        sql(folder, "SELECT if(is_overdue, 'overdue', state), count(*) FROM coverage_calendar GROUP BY ALL")
    )
    assert sum(fact[2] for fact in told) == articles > 100
    tiles = texts(browser, ".tiles dd")
    days = sum(states.values())
    assert [tiles[0], tiles[1], tiles[2], *tiles[4:]] == [
        f"{articles:,}",
        f"{words:,}",
        f"{states['complete']} of {days}",
        f"{changed}",
        f"{gone}",
        f"{rejected}",
    ]
    assert changed > 0 < gone
    cells = browser.execute_script(
        "return [...document.querySelectorAll('td[data-state]')].map((e) => e.dataset.state)"
    )
    assert {state: cells.count(state) for state in cells} == states
    edited = sql(
        folder,
        "SELECT count(*) FROM article_people WHERE role = 'editor' GROUP BY person_id "
        "ORDER BY ALL DESC LIMIT 15",
    )
    people = texts(browser, ".columns > div:first-child td:nth-child(2)")
    assert [number(cell) for cell in people] == [count for (count,) in edited]
    reasons = texts(browser, "#rejected > .scroll tbody td:nth-child(2)")
    by_reason = sql(
        folder, "SELECT count(*) FROM open_rejects GROUP BY reason ORDER BY count(*) DESC, reason"
    )
    assert [number(cell) for cell in reasons] == [count for (count,) in by_reason]
    delays = dict(zip(texts(browser, "#delays tbody th"), texts(browser, "#delays tbody td"), strict=True))
    assert delays["under 1 hour"] == "1"
    assert delays["1 to 3 hours"] == "2"
    assert number(delays["over 7 days"]) == articles - 3
    fallen = sql(folder, "SELECT week_on::VARCHAR FROM drift WHERE is_regression")
    assert [(text,) for text in texts(browser, "#regressions time")] == fallen != []
    needs = list(status.list_action_items(folder / "news.duckdb"))
    assert texts(browser, ".action-items code") == [need.command for need in needs] != []


def test_what_means_harm_is_shown_as_text(browser: Chrome, folder: Path) -> None:
    shown(browser, folder / "report.html")
    assert browser.execute_script("return window.hurt") is None
    ((title,),) = sql(folder, "SELECT title FROM articles WHERE title LIKE '%now'")
    browser.find_element(By.ID, "filter").send_keys("<b>bold</b>")
    titles = texts(browser, "#article-table td.title bdi")
    assert sorted(titles) == sorted([title, NASTY])
    assert browser.execute_script("return document.querySelectorAll('main img, main b b').length") == 0
    links: list[str] = browser.execute_script("return [...document.links].map((link) => link.href)")
    assert {link.split(":")[0] for link in links} <= {"file", "http", "https"}
    oldest = "#changes .change:last-of-type"
    assert texts(browser, f"{oldest} ins") == ["now", "half the"]
    assert texts(browser, f"{oldest} del") == ["all"]
    assert texts(browser, f"{oldest} summary .diff") == [title.replace("\0", "")]


def test_the_table_is_filtered_as_one_types(browser: Chrome, folder: Path) -> None:
    shown(browser, folder / "report.html")
    field, count = browser.find_element(By.ID, "filter"), browser.find_element(By.ID, "count")
    ((articles,),) = sql(folder, "SELECT count(*) FROM articles")
    assert count.text == f"{articles} articles"
    assert len(texts(browser, "#article-table tbody tr")) == 50
    left = [articles]
    for letter in "insight":
        field.send_keys(letter)
        left.append(number(count.text.split()[0]))
    assert left == sorted(left, reverse=True)
    field.send_keys(" 2026-04")
    words = (
        "concat_ws(chr(10), title, section, array_to_string(authors, ', '), array_to_string(editors, ', '))"
    )

    def found(condition: str) -> int:
        return int(sql(folder, f"SELECT count(*) FROM articles WHERE {condition}")[0][0])

    both = found(f"strftime(published_on, '%Y-%m') = '2026-04' AND {words} ILIKE '%insight%'")
    assert count.text == f"{both} of {articles} articles"
    assert len(texts(browser, "#article-table tbody tr")) == min(50, both) > 0
    gone, insights = f"{words} ILIKE '%gone%' OR gone_at IS NOT NULL", f"{words} ILIKE '%insight%'"
    for typed, expected in (("gone", found(gone)), ("ÍNSIGHT", found(insights)), ("insight zzz", 0)):
        field.clear()
        field.send_keys(typed)
        assert number(count.text.split()[0]) == expected
    field.clear()
    field.send_keys(Keys.SPACE)
    browser.find_element(By.ID, "more").click()
    assert len(texts(browser, "#article-table tbody tr")) == 100


def test_the_keyboard_sorts_the_table_and_walks_the_calendar(browser: Chrome, folder: Path) -> None:
    shown(browser, folder / "report.html")
    keys = ActionChains(browser)
    focus = "return document.activeElement"
    keys.send_keys(Keys.TAB).perform()
    assert browser.execute_script(focus).text == "Skip to the report"
    keys.send_keys(Keys.ENTER).perform()
    assert browser.execute_script(focus).get_attribute("id") == "main"
    browser.execute_script("document.querySelector('#filter').focus()")
    for _ in range(6):
        keys.send_keys(Keys.TAB)
    keys.perform()
    assert browser.execute_script(focus).text.startswith("Words")
    assert browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    words = [count for (count,) in sql(folder, "SELECT words FROM articles ORDER BY words DESC")]
    for direction, expected in (("descending", words), ("ascending", words[::-1])):
        keys.send_keys(Keys.ENTER).perform()
        assert browser.execute_script("return document.activeElement.parentElement.ariaSort") == direction
        assert len(browser.find_elements(By.CSS_SELECTOR, "[aria-sort]")) == 1
        cells = texts(browser, "#article-table tbody td:nth-child(6)")
        assert [number(cell) for cell in cells] == expected[:50]
    browser.execute_script("document.querySelector('.calendar td[tabindex=\"0\"]').focus()")
    keys.send_keys(Keys.ARROW_UP).perform()
    newest = sql(folder, "SELECT max(published_on) FROM coverage_calendar")[0][0]
    day = newest - timedelta(days=7)
    assert texts(browser, ".day-details")[0].startswith(f"{day:%A}, {day.day} {day:%b %Y}: ")
    assert len(browser.find_elements(By.CSS_SELECTOR, '.calendar td[tabindex="0"]')) == 1


def test_it_fits_a_phone(browser: Chrome, folder: Path) -> None:
    shown(browser, folder / "report.html", width=360)
    browser.execute_script("for (const each of document.querySelectorAll('details')) each.open = true")
    root = browser.execute_script(
        "const root = document.documentElement; return [root.scrollWidth, innerWidth]"
    )
    assert root == [360, 360]
    # What is wider is in a place that scrolls by itself.
    wide = browser.execute_script(
        "return [...document.querySelectorAll('main *')].filter((each) => "
        "!each.closest('.scroll, svg, .hidden') && each.getBoundingClientRect().right > 361)"
        ".map((each) => each.outerHTML.slice(0, 80))"
    )
    assert wide == []
    assert browser.get_log("browser") == []


@pytest.mark.parametrize(("theme", "is_dark"), [("light", False), ("dark", True)])
def test_it_follows_the_systems_theme_until_the_reader_chooses(
    browser: Chrome, folder: Path, theme: str, is_dark: bool
) -> None:
    def colours(*names: str) -> dict[str, tuple[float, ...]]:
        found = browser.execute_script(
            "const probe = document.body.appendChild(document.createElement('i'));"
            "return arguments[0].map((name) => { probe.style.color = `var(--${name})`;"
            "return getComputedStyle(probe).color; })",
            names,
        )
        return {
            name: tuple(map(float, re.findall(r"[\d.]+", text)[:3]))
            for name, text in zip(names, found, strict=True)
        }

    shown(browser, folder / "report.html", theme=theme)
    found = colours(*{name for pair in CONTRASTS for name in pair})
    assert (luminance(found["page"]) < 0.1) is is_dark
    for text, ground in CONTRASTS:
        light, dark = sorted((luminance(found[text]), luminance(found[ground])), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
    button = browser.find_element(By.ID, "theme")
    other = "light" if is_dark else "dark"
    assert button.text == f"{other.capitalize()} theme"
    button.click()
    WebDriverWait(browser, TIMEOUT).until(lambda _: drawn(browser) == other)
    assert (luminance(colours("page")["page"]) < 0.1) is not is_dark
    assert browser.get_log("browser") == []


def luminance(colour: tuple[float, ...]) -> float:
    """Of an sRGB colour, as WCAG defines it."""
    red, green, blue = (
        part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4
        for part in colour
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def nothing(room: Room) -> None:
    """No article."""


def one(room: Room) -> None:
    """One article."""
    room.load(batch(page(1, web(1))))


def without_days(room: Room) -> None:
    """Two articles that tell their month only."""
    room.load(batch(*(page(n, web(n), published_precision="month", title=f"No {n}") for n in (1, 2))))


def many(room: Room) -> None:
    """More articles than the table takes."""
    one(room)
    room.warehouse.connection.execute(
        "INSERT INTO articles SELECT articles.* REPLACE (uuid() AS article_id) FROM articles, range(2099)"
    )


@pytest.mark.parametrize(
    ("fill", "charts", "says"),
    [
        (nothing, 0, (
            "lede: No articles yet.", "No run yet.", "No run has queried these days yet.",
            "No articles yet. newsetl ingest fetches new articles",
        )),
        (one, 1, (
            "lede: 1 article published on 1 Mar 2026", "No delays: every article is older",
            "No duplicate articles.",
        )),
        (without_days, 1, ("2 articles with a known month only",)),
        (many, 1, ("The newest 2,000 of 2,100 articles",)),
    ],
)  # fmt: skip
def test_little_and_much_make_a_good_page(
    browser: Chrome, tmp_path: Path, fill: Callable[[Room], None], charts: int, says: tuple[str, ...]
) -> None:
    room = Room(tmp_path / "news.duckdb")
    if fill is nothing:
        room.warehouse.connection.execute("DELETE FROM runs")
    fill(room)
    room.warehouse.close()
    written = report.write_report(tmp_path / "news.duckdb", tmp_path / "report.html")
    shown(browser, written.path)
    body = " ".join(browser.find_element(By.TAG_NAME, "main").text.split())
    body += " lede: " + " ".join(browser.find_element(By.CLASS_NAME, "lede").text.split())
    assert [words for words in says if words not in body] == []
    assert len(browser.find_elements(By.CSS_SELECTOR, ".chart svg")) == charts
    assert browser.get_log("browser") == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["news.duckdb", "report.html"]
