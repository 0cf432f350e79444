"""One address for one page: canonical form, and what an article's address says of it. No network."""

from __future__ import annotations

import calendar
import re
from datetime import date
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from newsetl.model import Link, Window
from newsetl.sources.config import Source, UrlForm

# Parameters that say where a reader came from, never which page is meant.
TRACKING = re.compile(
    r"utm_\w+|spm|from|share|share_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|twclid|mc_cid|mc_eid"
    r"|_ga|_gl|scm|isappinstalled|nsukey",
    re.IGNORECASE,
)
DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


DAY_IN_PATH = re.compile(r"/(20\d\d)-(\d\d)/(\d\d)/")


def canonicalise(source: Source, url: str, *, base: str | None = None) -> str:
    """The one address under which `source` files the page at `url`, which may be relative to `base`.

    Hosts of the source become its first host and scheme; userinfo, default port, fragment and tracking
    parameters go, and the whole query where the path is an article's. Idempotent. What is no http or
    https address comes back stripped and otherwise as it is: `is_article` is False for it.
    """
    text = url.strip()
    parts = _split_url(text, base)
    if parts is None:
        return text
    scheme, netloc, path, query = parts
    form = _match_path(source, path)
    if netloc in source.hosts:
        scheme, netloc = source.scheme, (form and form[0].host) or source.host
    if form:
        query = ""
    return urlunsplit((scheme, netloc, path, query, ""))


def match_form(source: Source, url: str) -> UrlForm | None:
    """The source's URL form that the path of `url` fits; any host will do, as mirrors keep the path."""
    found = _match_url(source, url)
    return found[0] if found else None


def is_article(source: Source, url: str) -> bool:
    """True if `url` has an article's path and stands on one of the source's own hosts."""
    parts = _split_url(url.strip(), None)
    return parts is not None and parts[1] in source.hosts and _match_path(source, parts[2]) is not None


def is_own(source: Source, url: str) -> bool:
    """True if `url` stands on one of the source's own hosts."""
    parts = _split_url(url.strip(), None)
    return parts is not None and parts[1] in source.hosts


def get_folder(source: Source, url: str) -> str | None:
    """The folder in an article's address that stands for its section; None where the form has none."""
    found = _match_url(source, url)
    return found[1].groupdict().get("folder") if found else None


def get_days(source: Source, url: str) -> tuple[date, date] | None:
    """First and last day that the date in an article's address allows; None if it has no real date."""
    found = _match_url(source, url)
    if not found:
        return None
    values = found[1].groupdict()
    if values.get("year") is None or values.get("month") is None:
        return None
    try:
        year, month = int(values["year"]), int(values["month"])
        if values.get("day") is not None:
            day = date(year, month, int(values["day"]))
            return day, day
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        return None


def get_link_days(source: Source, link: Link) -> tuple[date, date] | None:
    """The days that an article may be of: by its address, or by its announcement where that says more.

    An announcement outside the address's month is of a later change.
    """
    days = get_days(source, link.url)
    if link.published_at:
        day = link.published_at.astimezone(source.timezone).date()
        if days is None or days[0] <= day <= days[1]:
            return day, day
    return days


def may_be_in_window(source: Source, link: Link, window: Window) -> bool:
    """True unless the article's days are known to lie outside the window."""
    days = get_link_days(source, link)
    return days is None or window.overlaps(*days)


def get_path_day(url: str) -> tuple[date, date] | None:
    """The day in the path of an address that fits no form of its source, such as a printed edition's."""
    try:
        found = DAY_IN_PATH.search(urlsplit(url).path)
        day = date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
    return (day, day) if day else None


# One address is asked about half a dozen times while its page is in hand.
@lru_cache(maxsize=1024)
def _split_url(text: str, base: str | None) -> tuple[str, str, str, str] | None:
    """Scheme, netloc, path and query, each settled; None if it is no http or https address."""
    head = re.split("[?#]", text, maxsplit=1)[0]
    # Browsers read a backslash as a slash.
    text = head.replace("\\", "/") + text[len(head) :]
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        scheme, host, port = parts.scheme.lower(), (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if scheme not in DEFAULT_PORTS or not HOST.fullmatch(host):
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != DEFAULT_PORTS[scheme]:
        netloc += f":{port}"
    return scheme, netloc, _normalise_path(parts.path), _normalise_query(parts.query)


def _normalise_path(path: str) -> str:
    kept: list[str] = []
    # urljoin drops such a sign without anything behind it, and only where it joins.
    steps = _percent_encode(path.rstrip(";"), "/:@!$&'()*+,;=").split("/")
    for step in steps:
        if step == "..":
            del kept[-1:]
        elif step not in ("", "."):
            kept.append(step)
    tail = "/" if kept and steps[-1] in ("", ".", "..") else ""
    return "/" + "/".join(kept) + tail


def _normalise_query(query: str) -> str:
    parts = [part for part in query.split("&") if part]
    return "&".join(
        _percent_encode(part, "/:@!$'()*+,;=?")
        for part in parts
        if not TRACKING.fullmatch(unquote(part.partition("=")[0]))
    )


def _percent_encode(text: str, safe: str) -> str:
    """`text` with every escape in upper case, none that is not needed, and none missing."""

    def settled(escape: re.Match[str]) -> str:
        character = chr(int(escape[1], 16)) if escape[1] else "%"
        return character if character in UNRESERVED else f"%{ord(character):02X}"

    text = re.sub("%([0-9A-Fa-f]{2})?", settled, text)
    return quote(text, safe=safe + "%", errors="replace")


def _match_path(source: Source, path: str) -> tuple[UrlForm, re.Match[str]] | None:
    for form in source.url_forms:
        if found := form.pattern.search(path):
            return form, found
    return None


def _match_url(source: Source, url: str) -> tuple[UrlForm, re.Match[str]] | None:
    parts = _split_url(url.strip(), source.home)
    return _match_path(source, parts[2]) if parts else None
