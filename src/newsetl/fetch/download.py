"""Download of a WARC file by URL: the bytes unchanged, within a size limit, resumed after a cut."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import BinaryIO

import httpx

from newsetl.errors import NewsetlError
from newsetl.fetch.exchange import build_user_agent
from newsetl.fetch.throttle import TRANSIENT_STATUSES, parse_retry_after
from newsetl.text.mail_dates import parse_mail_date

# Seconds without a received byte.
READ_TIMEOUT = 60.0
# Attempts without a new byte, and seconds between two attempts: twice as long each time.
MAX_ATTEMPTS, FIRST_PAUSE, MAX_PAUSE = 5, 1.0, 300.0
_CONTENT_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


class DownloadError(NewsetlError):
    """Failed download; the message begins with the URL."""


class _TransientError(Exception):
    """Failure after which another attempt may succeed; `pause` is the Retry-After in seconds."""

    def __init__(self, message: str, pause: float = 0.0) -> None:
        super().__init__(message)
        self.pause = pause


def download(
    url: str,
    file: BinaryIO,
    *,
    contact: str,
    max_bytes: int,
    on_progress: Callable[[int, int | None], None] = lambda _, __: None,
    should_stop: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
) -> datetime | None:
    """Download `url` into `file` and return its Last-Modified time (UTC), or None.

    After a cut or a transient status, go on at the received byte if the server supports ranges, otherwise
    from the start. Give up after five attempts without a new byte.

    `on_progress` is called with the bytes received and the total, if known. Once `should_stop` returns
    True, the download ends with an incomplete file. Raise DownloadError.
    """
    # A content coding would change the bytes of a compressed file.
    headers = {"User-Agent": build_user_agent(contact), "Accept-Encoding": "identity"}
    transfer = _Transfer(url, file, max_bytes, on_progress, should_stop)
    attempt = 0
    try:
        with httpx.Client(
            headers=headers, timeout=READ_TIMEOUT, follow_redirects=True, trust_env=False
        ) as http:
            while True:
                received = transfer.received
                try:
                    return transfer.run(http)
                except (httpx.TransportError, _TransientError) as error:
                    attempt = 1 if transfer.received > received else attempt + 1
                    pause = max(getattr(error, "pause", 0.0), FIRST_PAUSE * 2 ** (attempt - 1))
                    # A host that does not exist stays so.
                    limit = 2 if isinstance(error, httpx.ConnectError) else MAX_ATTEMPTS
                    if attempt >= limit or pause > MAX_PAUSE:
                        raise
                    if should_stop():
                        return None
                    sleep(pause)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise DownloadError(f"{url}: download failed ({error or type(error).__name__})") from error
    except _TransientError as error:
        raise DownloadError(f"{url}: {error}") from error
    except OSError as error:
        raise DownloadError(f"{url}: the file cannot be written ({error.strerror or error})") from error


class _Transfer:
    """State of one download across its attempts: the bytes received, and the version of the file."""

    def __init__(
        self,
        url: str,
        file: BinaryIO,
        max_bytes: int,
        on_progress: Callable[[int, int | None], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self.received = 0
        self._url, self._file, self._max_bytes = url, file, max_bytes
        self._on_progress, self._should_stop = on_progress, should_stop
        self._version = ""

    def run(self, http: httpx.Client) -> datetime | None:
        """Request the rest of the file and write it. Return its Last-Modified time, None if stopped.

        Raise _TransientError, DownloadError and httpx.HTTPError.
        """
        headers = {}
        if self.received and self._version:
            headers = {"Range": f"bytes={self.received}-", "If-Range": self._version}
        with http.stream("GET", self._url, headers=headers) as response:
            length = self._check_response(response)
            for chunk in response.iter_raw():
                self.received += len(chunk)
                self._check_size(self.received)
                self._file.write(chunk)
                self._on_progress(self.received, length)
                if self._should_stop():
                    return None
            return parse_mail_date(response.headers.get("last-modified", ""))

    def _check_response(self, response: httpx.Response) -> int | None:
        """Move to the byte at which the response starts, and return the length of the file if known."""
        status = response.status_code
        if status in TRANSIENT_STATUSES:
            pause = parse_retry_after(response.headers) or 0.0
            raise _TransientError(f"the server returned status {status}", pause)
        total = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if status == 206 and total and int(total[1]) == self.received:
            return int(total[2]) if total[2].isdecimal() else None
        if status in (206, 416) and self.received:
            self._version = ""
            raise _TransientError(f"the server returned another range (status {status})")
        if status != 200:
            raise DownloadError(f"{self._url}: the server returned status {status}")
        self._file.seek(0)
        self._file.truncate()
        self.received = 0
        # A weak ETag does not identify the bytes (RFC 9110, 13.1.5).
        etag = response.headers.get("etag", "")
        self._version = etag if etag.startswith('"') else response.headers.get("last-modified", "")
        declared = response.headers.get("content-length", "")
        length = int(declared) if declared.isdecimal() else None
        self._check_size(length or 0)
        return length

    def _check_size(self, size: int) -> None:
        if size > self._max_bytes:
            raise DownloadError(
                f"{self._url}: larger than {self._max_bytes / 1e6:,.0f} MB; "
                "raise the limit with --max-download-mb"
            )
