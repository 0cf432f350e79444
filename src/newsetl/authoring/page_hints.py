"""What a page's head says of the site and of itself, and lines that hint at a landmark. No network."""

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

# Metadata lines of many sites; {date} is a date in any form. The first ones say more.
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
_MOST, _LONGEST_LINE, _LONGEST_LABEL = 0.8, 300, 30
# A template's own language is not that of its English channel.
_NON_LATIN_LANGUAGES = ("zh", "ja", "ko", "ar", "fa", "he", "ru", "uk", "el", "hi", "th")
_DATED = re.compile(r'"date(?:Published|Modified|Created)"\s*:\s*"([^"]{10,40})"')
_STAMPS = (
    "article:published_time", "datePublished", "publishdate", "pubdate", "date", "DC.date.issued",
    "article:modified_time", "og:updated_time",
)  # fmt: skip


def find_site_name(
    front: BeautifulSoup, articles: list[BeautifulSoup], suffix: str | None
) -> tuple[str, str]:
    """The channel's name, and where it was found."""
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
    """What stands behind the last separator of every title."""
    ends = {_SEPARATOR.split(title)[-1] for title in titles if _SEPARATOR.search(title)}
    return ends.pop() if len(ends) == 1 and len(titles) > 1 and all(map(_SEPARATOR.search, titles)) else None


def find_language(soups: Iterable[BeautifulSoup]) -> str | None:
    """The language that most pages state for themselves, unless their letters are others."""
    said: Counter[str] = Counter()
    for soup in soups:
        found = re.match(r"[A-Za-z]{2}\b", str(soup.html.get("lang", "")) if soup.html else "")
        if found and (found[0].lower() not in _NON_LATIN_LANGUAGES or not _is_latin(soup.get_text())):
            said[found[0].lower()] += 1
    return said.most_common(1)[0][0] if said else None


def _is_latin(text: str) -> bool:
    return len(re.findall("[A-Za-z]", text)) > len(re.findall(r"[^\W\d_a-zA-Z]", text))


def find_feed_urls(soup: BeautifulSoup, base: str) -> Iterator[str]:
    """The feeds that a page names in its head."""
    for link in soup.select('link[rel~="alternate"][href]'):
        if str(link.get("type", "")).lower() in ("application/rss+xml", "application/atom+xml"):
            yield urljoin(base, str(link["href"]))


def find_times(soups: Iterable[BeautifulSoup]) -> list[datetime]:
    """When the articles were published, as they themselves state it with an offset from GMT."""
    found = []
    for stamp in (stamp for soup in soups for stamp in _find_stated_times(soup)):
        try:
            moment = datetime.fromisoformat(stamp.strip())
        except ValueError:
            continue
        if moment.tzinfo:
            found.append(moment)
    return found


def guess_timezone(host: str, stated: list[datetime]) -> tuple[str, str]:
    """A guess at the IANA zone, and from what: one of the host's country, else a fixed offset.

    A time that is stated in GMT may be anybody's.
    """
    country, local = host.rpartition(".")[2].upper(), [moment for moment in stated if moment.utcoffset()]
    zones = _list_zones(country) if len(country) == 2 else ()
    for name in zones:
        if all(moment.astimezone(ZoneInfo(name)).utcoffset() == moment.utcoffset() for moment in local):
            agreed = " and the articles' times" if local else ""
            return name, f"the host's .{country.lower()}{agreed}"
    if local:
        hours = (local[0].utcoffset() or timedelta()).total_seconds() / 3600
        if hours.is_integer():
            return f"Etc/GMT{-int(hours):+d}", "the offset of the articles' times; a city's has summer time"
    return "UTC", "nothing: neither the host nor an article tells"


def find_folder_labels(links: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Folder → what most links to it say, of paths with the links' text; the last folder of a path is it."""
    said: dict[str, Counter[str]] = {}
    for path, text in links:
        folder = re.sub(r"/(?:(?:index|default)\.\w+)?$", "", path).rpartition("/")[2].casefold()
        if folder and "." not in folder and 0 < len(text) <= _LONGEST_LABEL:
            said.setdefault(folder, Counter())[text] += 1
    return {folder: texts.most_common(1)[0][0] for folder, texts in said.items()}


def find_editor_labels(lines: Iterable[str]) -> list[str]:
    """Labels before an editor's name, as printed."""
    return list(dict.fromkeys(found[1] for line in lines if (found := _EDITOR.match(line))))


def has_label(label: str, lines: Iterable[str]) -> bool:
    """True if a line has the label: with a colon, or at its beginning before a name."""
    words = re.escape(label)
    form = re.compile(rf"(?<!\w){words}\s*[:：]|^{words}\s+[A-Z]", re.IGNORECASE)
    return any(len(line) <= _LONGEST_LINE and form.search(line) for line in lines)


def find_content_selector(soups: list[BeautifulSoup], texts: list[list[str]]) -> str | None:
    """A selector for the smallest box that holds most of the text of every page, once on each.

    What was read as the text may have had some lines too many.
    """
    votes: Counter[str] = Counter()
    sizes: dict[str, int] = {}
    for soup, paragraphs in zip(soups, texts, strict=True):
        for selector, size in _find_boxes(soup, paragraphs):
            votes[selector] += 1
            sizes[selector] = sizes.get(selector, 0) + size
    fitting = [selector for selector, count in votes.items() if count == len(soups)]
    return min(fitting, key=lambda selector: (sizes[selector], not selector.startswith("#")), default=None)


def find_rows_selector(soup: BeautifulSoup, is_article: Any) -> str | None:
    """A selector for the repeated boxes of a listing that hold a link to an article each."""
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
    wanted = [re.sub(r"\s+", "", text) for text in paragraphs]
    for element in soup.find_all(["div", "article", "section", "main", "td"]):
        name = _build_selector(element)
        text = re.sub(r"\s+", "", element.get_text())
        held = sum(len(part) for part in wanted if part in text)
        if name and held >= _MOST * sum(map(len, wanted)) and len(soup.select(name)) == 1:
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
    for name in _STAMPS:
        for element in soup.select(f'meta[property="{name}"], meta[name="{name}"], meta[itemprop="{name}"]'):
            yield str(element.get("content", ""))
    for element in soup.select("time[datetime]"):
        yield str(element["datetime"])
    for element in soup.select('script[type="application/ld+json"]'):
        # Wherever they stand in it, and if it is no JSON, too.
        yield from _DATED.findall(element.get_text())


def _list_zones(country: str) -> tuple[str, ...]:
    """The zones of a country, the most populous first, by the database's own table."""
    places = [Path(folder) / "zone.tab" for folder in TZPATH]
    text = next((place.read_text(encoding="utf-8") for place in places if place.exists()), None)
    if text is None:
        text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return tuple(row[2] for row in rows if row[0] == country)


def _collapse_whitespace(text: str) -> str:
    return " ".join(text.split())
