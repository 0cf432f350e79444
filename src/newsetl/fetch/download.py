"""Download of a WARC file by URL: one request, the bytes unchanged, within a size limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO

import httpx

from newsetl.errors import NewsetlError
from newsetl.fetch.exchange import build_user_agent

# Seconds without a received byte.
READ_TIMEOUT = 60.0


class DownloadError(NewsetlError):
    """Failed download; the message begins with the URL."""


def download(
    url: str,
    file: BinaryIO,
    *,
    contact: str,
    max_bytes: int,
    on_progress: Callable[[int, int | None], None] = lambda _, __: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> datetime | None:
    """Download `url` into `file` and return its Last-Modified time (UTC), or None.

    `on_progress` is called with the bytes received and the total, if known. Once `should_stop` returns
    True, the download ends with an incomplete file. Raise DownloadError.
    """
    # A content coding would change the bytes of a compressed file.
    headers = {"User-Agent": build_user_agent(contact), "Accept-Encoding": "identity"}
    try:
        with (
            httpx.Client(
                headers=headers, timeout=READ_TIMEOUT, follow_redirects=True, trust_env=False
            ) as http,
            http.stream("GET", url) as response,
        ):
            if response.status_code != 200:
                raise DownloadError(f"{url}: the server returned status {response.status_code}")
            declared = response.headers.get("content-length", "")
            length = int(declared) if declared.isdecimal() else None
            received = 0
            _check_size(url, length or 0, max_bytes)
            for chunk in response.iter_raw():
                received += len(chunk)
                _check_size(url, received, max_bytes)
                file.write(chunk)
                on_progress(received, length)
                if should_stop():
                    break
            return _parse_last_modified(response.headers.get("last-modified"))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DownloadError(f"{url}: download failed ({error or type(error).__name__})") from error
    except OSError as error:
        raise DownloadError(f"{url}: the file cannot be written ({error.strerror or error})") from error


def _check_size(url: str, size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise DownloadError(
            f"{url}: larger than {max_bytes / 1e6:,.0f} MB; raise the limit with --max-download-mb"
        )


def _parse_last_modified(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None
