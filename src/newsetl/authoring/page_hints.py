"""Hints in pages about a site: its name, language, time zone, feeds, labels and selectors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urljoin
from zoneinfo import TZPATH, ZoneInfo

from bs4 import BeautifulSoup, Tag

# Metadata lines of many sites, those with more fields first; {date} is a date in any format.
METADATA_FORMATS = (
    r"By\s+(?P<author>[^|]+?)\s*\|\s*(?P<agency>[^|]+?)\s*\|\s*(?:(?:Updated|Published):?\s*)?{date}",
    r"By:?\s*(?P<author>[^|]+?)\s*\|?\s*(?:Published|Updated):?\s*{date}",
    r"By\s+(?P<author>[^()|]+?)\s*\(\s*(?P<agency>[^()]+?)\s*\)\s*{date}",
    r"{date}\s+By\s+(?P<author>[^()|]+?)\s*\(\s*(?P<agency>[^()]+?)\s*\)?",
    r"(?P<agency>[^|]+?)\s*\|\s*(?:(?:Updated|Published):?\s*)?{date}",
    r"\(?\s*(?P<agency>[^()]+?)\s*\)\s*{date}",
    r"By\s+(?P<author>[^|()]+?)\s*[|,·•–-]?\s*{date}",
    r"{date}\s*[|,·•–-]?\s*By\s+(?P<author>[^|()]+?)",
    r"(?:Updated|Published|Posted)(?:\s+on)?:?\s*{date}",
    r"{date}",
)
_SEPARATOR = re.compile(r"\s+[-–—|_]+\s+|\s*\|\s*|--+|_")
_EDITOR = re.compile(r"[\[(【]?\s*((?:[A-Za-z]+\s)?editors?|责任编辑|责编|编辑)\s*[:：]", re.IGNORECASE)
_MIN_TEXT_SHARE, _MAX_LINE_CHARS, _MAX_LABEL_CHARS = 0.8, 300, 30
# A page in Latin letters that states one of these has the language of its template.
_NON_LATIN_LANGUAGES = ("zh", "ja", "ko", "ar", "fa", "he", "ru", "uk", "el", "hi", "th")
_DATED = re.compile(r'"date(?:Published|Modified|Created)"\s*:\s*"([^"]{10,40})"')
_TIME_PROPERTIES = (
    "article:published_time", "datePublished", "publishdate", "pubdate", "date", "DC.date.issued",
    "article:modified_time", "og:updated_time",
)  # fmt: skip


def find_site_name(
    front: BeautifulSoup, articles: list[BeautifulSoup], suffix: str | None
) -> tuple[str, str]:
    """Find the name of the site. Return the name and its provenance."""
    for soup in (front, *articles):
        element = soup.select_one('meta[property="og:site_name"][content]')
        if element and (name := _collapse_whitespace(str(element["content"]))):
            return name, "og:site_name"
    if suffix:
        return suffix, "the end of its titles"
    title = _collapse_whitespace(front.title.get_text()) if front.title else ""
    parts = [part for part in _SEPARATOR.split(title) if part]
    return (min(parts, key=len), "the front page's title") if parts else ("", "")


def find_common_suffix(titles: list[str]) -> str | None:
    """Find the text after the last separator of the titles; None unless it is equal in all titles."""
    ends = {_SEPARATOR.split(title)[-1] for title in titles if _SEPARATOR.search(title)}
    return ends.pop() if len(ends) == 1 and len(titles) > 1 and all(map(_SEPARATOR.search, titles)) else None


def find_language(soups: Iterable[BeautifulSoup]) -> str | None:
    """Find the language that most pages state, ignoring pages whose letters contradict it."""
    stated: Counter[str] = Counter()
    for soup in soups:
        match = re.match(r"[A-Za-z]{2}\b", str(soup.html.get("lang", "")) if soup.html else "")
        if match and (match[0].lower() not in _NON_LATIN_LANGUAGES or not _is_latin(soup.get_text())):
            stated[match[0].lower()] += 1
    return stated.most_common(1)[0][0] if stated else None


def _is_latin(text: str) -> bool:
    return len(re.findall("[A-Za-z]", text)) > len(re.findall(r"[^\W\d_a-zA-Z]", text))


def find_feed_urls(soup: BeautifulSoup, base: str) -> Iterator[str]:
    """Yield the URLs of the feeds that the page links to in its head."""
    for link in soup.select('link[rel~="alternate"][href]'):
        if str(link.get("type", "")).lower() in ("application/rss+xml", "application/atom+xml"):
            yield urljoin(base, str(link["href"]))


def find_times(soups: Iterable[BeautifulSoup]) -> list[datetime]:
    """Find the publication times that the pages state with an offset from UTC."""
    times = []
    for text in (text for soup in soups for text in _find_stated_times(soup)):
        try:
            time = datetime.fromisoformat(text.strip())
        except ValueError:
            continue
        if time.tzinfo:
            times.append(time)
    return times


def guess_timezone(host: str, stated: list[datetime]) -> tuple[str, str]:
    """Guess the IANA time zone: a zone of the host's country, or else a fixed offset.

    Return the zone and its provenance. Times stated in UTC are ignored, as sites in any zone state them.
    """
    country, local = host.rpartition(".")[2].upper(), [time for time in stated if time.utcoffset()]
    zones = _list_zones(country) if len(country) == 2 else ()
    for name in zones:
        if all(time.astimezone(ZoneInfo(name)).utcoffset() == time.utcoffset() for time in local):
            agreed = " and the articles' times" if local else ""
            return name, f"the host's .{country.lower()}{agreed}"
    if local:
        hours = (local[0].utcoffset() or timedelta()).total_seconds() / 3600
        if hours.is_integer():
            return (
                f"Etc/GMT{-int(hours):+d}",
                "the offset of the articles' times, without daylight saving time",
            )
    return "UTC", "nothing: neither the host nor an article states a zone"


def find_folder_labels(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Map the last folder of each path to the most frequent text of the links to it.

    `links` are pairs of a path and a link text.
    """
    texts_of: dict[str, Counter[str]] = {}
    for path, text in links:
        folder = re.sub(r"/(?:(?:index|default)\.\w+)?$", "", path).rpartition("/")[2].casefold()
        if folder and "." not in folder and 0 < len(text) <= _MAX_LABEL_CHARS:
            texts_of.setdefault(folder, Counter())[text] += 1
    return {folder: texts.most_common(1)[0][0] for folder, texts in texts_of.items()}


def find_editor_labels(lines: Iterable[str]) -> list[str]:
    """Find the labels of editor lines, as printed."""
    return list(dict.fromkeys(match[1] for line in lines if (match := _EDITOR.match(line))))


def has_label(label: str, lines: Iterable[str]) -> bool:
    """Return True if a line has the label with a colon, or begins with the label and a name."""
    words = re.escape(label)
    pattern = re.compile(rf"(?<!\w){words}\s*[:：]|^{words}\s+[A-Z]", re.IGNORECASE)
    return any(len(line) <= _MAX_LINE_CHARS and pattern.search(line) for line in lines)


def find_content_selector(soups: list[BeautifulSoup], texts: list[list[str]]) -> str | None:
    """Find a selector of the smallest element with most of the text, unique on every page.

    `texts` are the parsed paragraphs of each page, which may include some lines outside of the article.
    """
    votes: Counter[str] = Counter()
    sizes: dict[str, int] = {}
    for soup, paragraphs in zip(soups, texts, strict=True):
        for selector, size in _find_boxes(soup, paragraphs):
            votes[selector] += 1
            sizes[selector] = sizes.get(selector, 0) + size
    candidates = [selector for selector, count in votes.items() if count == len(soups)]
    return min(candidates, key=lambda selector: (sizes[selector], not selector.startswith("#")), default=None)


def find_rows_selector(soup: BeautifulSoup, is_article: Any) -> str | None:
    """Find a selector of the repeated elements of a listing that link to one article each."""
    best: tuple[int, str] | None = None
    for parent in soup.find_all(["ul", "ol", "div", "section", "main", "tbody"]):
        kinds = Counter(
            child.name for child in parent.find_all(recursive=False) if _links_one_article(child, is_article)
        )
        if not kinds or not (name := _build_selector(parent)):
            continue
        kind, count = kinds.most_common(1)[0]
        if count >= 3 and (best is None or count > best[0]):
            best = count, f"{name} > {kind}"
    return best[1] if best else None


def _links_one_article(element: Tag, is_article: Any) -> bool:
    anchors = [element] if element.name == "a" else element.select("a[href]")
    return len({str(each.get("href")) for each in anchors if is_article(str(each.get("href")))}) == 1


def _find_boxes(soup: BeautifulSoup, paragraphs: list[str]) -> Iterator[tuple[str, int]]:
    parts = [re.sub(r"\s+", "", text) for text in paragraphs]
    for element in soup.find_all(["div", "article", "section", "main", "td"]):
        name = _build_selector(element)
        text = re.sub(r"\s+", "", element.get_text())
        contained = sum(len(part) for part in parts if part in text)
        if name and contained >= _MIN_TEXT_SHARE * sum(map(len, parts)) and len(soup.select(name)) == 1:
            yield name, len(text)


def _build_selector(element: Tag) -> str | None:
    if re.fullmatch(r"[A-Za-z][\w-]*", str(element.get("id") or "")) and not re.search(
        r"\d{3}", str(element["id"])
    ):
        return f"#{element['id']}"
    names = [
        name for name in str(element.get("class") or "").split() if re.fullmatch(r"[A-Za-z][\w-]*", name)
    ]
    return f".{names[0]}" if names else None


def _find_stated_times(soup: BeautifulSoup) -> Iterator[str]:
    for name in _TIME_PROPERTIES:
        for element in soup.select(f'meta[property="{name}"], meta[name="{name}"], meta[itemprop="{name}"]'):
            yield str(element.get("content", ""))
    for element in soup.select("time[datetime]"):
        yield str(element["datetime"])
    for element in soup.select('script[type="application/ld+json"]'):
        # A regular expression also finds times in nested objects and in invalid JSON.
        yield from _DATED.findall(element.get_text())


def _list_zones(country: str) -> tuple[str, ...]:
    """List the time zones of a country, the most populous first, from zone.tab of the tz database."""
    files = [Path(folder) / "zone.tab" for folder in TZPATH]
    text = next((file.read_text(encoding="utf-8") for file in files if file.exists()), None)
    if text is None:
        text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return tuple(row[2] for row in rows if row[0] == country)


def _collapse_whitespace(text: str) -> str:
    return " ".join(text.split())
