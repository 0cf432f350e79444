"""A WARC file from an address, into a file here: one request, byte for byte, never more than allowed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO

import httpx

from newsetl.errors import NewsetlError
from newsetl.fetch.exchange import build_user_agent

# Seconds without a byte.
READ_TIMEOUT = 60.0


class DownloadError(NewsetlError):
    """The file could not be had; the text names its address."""


def download(
    url: str,
    file: BinaryIO,
    *,
    contact: str,
    max_bytes: int,
    on_progress: Callable[[int, int | None], None] = lambda _, __: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> datetime | None:
    """Writes the file at `url` into `into`; when it was last modified, if its server says so.

    `on_progress` is told the bytes had and those to come. Stops in the middle, with what it has, once
    `should_stop` is true. Raises DownloadError.
    """
    # A file that is compressed must come as it is, and not be inflated on the way.
    headers = {"User-Agent": build_user_agent(contact), "Accept-Encoding": "identity"}
    try:
        with (
            httpx.Client(
                headers=headers, timeout=READ_TIMEOUT, follow_redirects=True, trust_env=False
            ) as http,
            http.stream("GET", url) as response,
        ):
            if response.status_code != 200:
                raise DownloadError(f"{url}: the server answers {response.status_code}")
            said = response.headers.get("content-length", "")
            length = int(said) if said.isdecimal() else None
            had = 0
            _check_size(url, length or 0, max_bytes)
            for chunk in response.iter_raw():
                had += len(chunk)
                _check_size(url, had, max_bytes)
                file.write(chunk)
                on_progress(had, length)
                if should_stop():
                    break
            return _parse_last_modified(response.headers.get("last-modified"))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DownloadError(f"{url}: cannot be had ({error or type(error).__name__})") from error
    except OSError as error:
        raise DownloadError(f"{url}: cannot be written here ({error.strerror or error})") from error


def _check_size(url: str, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise DownloadError(
            f"{url}: larger than {max_bytes / 1e6:,.0f} MB; allow more with --max-download-mb"
        )


def _parse_last_modified(text: str | None) -> datetime | None:
    try:
        stated = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return stated.astimezone(UTC) if stated and stated.tzinfo else None
