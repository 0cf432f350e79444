"""Canonical URLs, and sections and dates in URLs; without network access."""

from __future__ import annotations

import calendar
import re
from datetime import date
from functools import lru_cache
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

from newsetl.model import Link, Window
from newsetl.sources.config import Source, UrlForm
from newsetl.text.absolute_url import encode_host

# Query parameters that track visitors and do not select a page.
TRACKING = re.compile(
    r"utm_\w+|spm|from|share|share_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|igshid|twclid|mc_cid|mc_eid"
    r"|_ga|_gl|scm|isappinstalled|nsukey",
    re.IGNORECASE,
)
# The path of a script, without a number that could name an article.
SCRIPT = re.compile(r"[^\d]*\.(?:php|aspx?|jsp|cgi|cfm|do|pl)", re.IGNORECASE)
DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"[\w.-]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


DAY_IN_PATH = re.compile(r"/(20\d\d)-(\d\d)/(\d\d)/")


def canonicalise(source: Source, url: str, *, base: str | None = None) -> str:
    """Return the canonical form of `url`, which may be relative to `base`. Idempotent.

    The hosts of the source are replaced by its first host and its scheme. Userinfo, default port, fragment
    and tracking parameters are removed. The URL of an article keeps only the parameters that tell articles
    apart: those that its URL form declares or matches, and all of a script such as /view.php. A text that is
    no http or https URL is stripped and otherwise unchanged; `is_article` is False for such a text.
    """
    text = url.strip()
    parts = _split_url(text, base)
    if parts is None:
        return text
    scheme, netloc, path, query = parts
    form = _match_parts(source, path, query)
    if netloc in source.hosts:
        scheme, netloc = source.scheme, (form and form[0].host) or source.host
    if form:
        query = _select_query(form[0], path, query)
    return urlunsplit((scheme, netloc, path, query, ""))


def match_form(source: Source, url: str) -> UrlForm | None:
    """Return the URL form that the path of `url` matches, on any host, as mirrors keep the path."""
    match = _match_url(source, url)
    return match[0] if match else None


def is_article(source: Source, url: str) -> bool:
    """Return True if `url` has the path of an article and is on one of the source's hosts."""
    parts = _split_url(url.strip(), None)
    return parts is not None and parts[1] in source.hosts and _match_parts(source, *parts[2:]) is not None


def is_own(source: Source, url: str) -> bool:
    """Return True if `url` is on one of the source's hosts."""
    parts = _split_url(url.strip(), None)
    return parts is not None and parts[1] in source.hosts


def get_folder(source: Source, url: str) -> str | None:
    """Return the path segment that stands for the section, or None if the URL form has none."""
    match = _match_url(source, url)
    return match[1].groupdict().get("folder") if match else None


def get_days(source: Source, url: str) -> tuple[date, date] | None:
    """Return the first and last possible day by the date in the URL, or None without a valid date."""
    match = _match_url(source, url)
    if not match:
        return None
    values = match[1].groupdict()
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
    """Return the first and last possible day of a discovered link, by its URL and its publication time.

    A publication time outside of the month in the URL belongs to a later change and is ignored.
    """
    days = get_days(source, link.url)
    if link.published_at:
        day = link.published_at.astimezone(source.timezone).date()
        if days is None or days[0] <= day <= days[1]:
            return day, day
    return days


def may_be_in_window(source: Source, link: Link, window: Window) -> bool:
    """Return False if the days of the link are known and lie outside of the window, True otherwise."""
    days = get_link_days(source, link)
    return days is None or window.overlaps(*days)


def get_path_day(url: str) -> tuple[date, date] | None:
    """Return the day in the path of a URL without a URL form, such as the URL of a print edition."""
    try:
        match = DAY_IN_PATH.search(urlsplit(url).path)
        day = date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
    return (day, day) if day else None


# The pipeline splits the URL of the current page about six times.
@lru_cache(maxsize=1024)
def _split_url(text: str, base: str | None) -> tuple[str, str, str, str] | None:
    """Return the normalised scheme, netloc, path and query, or None for no http or https URL."""
    head = re.split("[?#]", text, maxsplit=1)[0]
    # Browsers treat a backslash as a slash.
    text = head.replace("\\", "/") + text[len(head) :]
    try:
        parts = urlsplit(urljoin(base, text) if base else text)
        scheme, host, port = parts.scheme.lower(), unquote(parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if scheme not in DEFAULT_PORTS or not HOST.fullmatch(host):
        return None
    netloc = f"[{host}]" if ":" in host else encode_host(host)
    if port is not None and port != DEFAULT_PORTS[scheme]:
        netloc += f":{port}"
    return scheme, netloc, _normalise_path(parts.path), _normalise_query(parts.query)


def _normalise_path(path: str) -> str:
    resolved: list[str] = []
    # urljoin drops trailing semicolons, but only if it joins two URLs; drop them in all URLs.
    segments = _percent_encode(path.rstrip(";"), "/:@!$&'()*+,;=").split("/")
    for segment in segments:
        if segment == "..":
            del resolved[-1:]
        elif segment not in ("", "."):
            resolved.append(segment)
    tail = "/" if resolved and segments[-1] in ("", ".", "..") else ""
    return "/" + "/".join(resolved) + tail


def _normalise_query(query: str) -> str:
    parts = [part for part in query.split("&") if part]
    return "&".join(
        _percent_encode(part, "/:@!$'()*+,;=?")
        for part in parts
        if not TRACKING.fullmatch(unquote(part.partition("=")[0]))
    )


def _percent_encode(text: str, safe: str) -> str:
    """Percent-encode `text`, with escapes in upper case and only where they are needed."""

    def normalise_escape(escape: re.Match[str]) -> str:
        character = chr(int(escape[1], 16)) if escape[1] else "%"
        return character if character in UNRESERVED else f"%{ord(character):02X}"

    text = re.sub("%([0-9A-Fa-f]{2})?", normalise_escape, text)
    return quote(text, safe=safe + "%", errors="replace")


def _match_parts(source: Source, path: str, query: str) -> tuple[UrlForm, re.Match[str]] | None:
    """Return the first URL form that the path matches, or the path with its query."""
    for form in source.url_forms:
        if match := form.pattern.search(path) or (query and form.pattern.search(f"{path}?{query}")):
            return form, match
    return None


def _select_query(form: UrlForm, path: str, query: str) -> str:
    """Return the part of the query that tells articles of the form apart."""
    parts = [part for part in query.split("&") if part]
    if form.parameters:
        return "&".join(part for part in parts if unquote(part.partition("=")[0]) in form.parameters)
    return query if not form.pattern.search(path) or SCRIPT.fullmatch(path) else ""


def _match_url(source: Source, url: str) -> tuple[UrlForm, re.Match[str]] | None:
    parts = _split_url(url.strip(), source.home)
    return _match_parts(source, *parts[2:]) if parts else None
