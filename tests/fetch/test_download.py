"""Tests of downloads that fail, are cut, or change on the way."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from newsetl.fetch.download import DownloadError, download
from tests.support.stub_server import LocalSite, SiteHandler

BODY = bytes(range(256)) * 1_000
TAG = {"ETag": '"one"'}


def send(handler: SiteHandler, status: int, body: bytes, length: int, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in (headers | {"Content-Length": str(length)}).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
    handler.close_connection = True


def fetch(serve: Callable[[SiteHandler, int], None], **options: int) -> tuple[bytes, list[float], list[str]]:
    """Return the file, the pauses and the Range headers of a download; `serve` gets the attempt from 1."""
    file, pauses = io.BytesIO(), list[float]()
    attempts = 0

    def route(handler: SiteHandler) -> None:
        nonlocal attempts
        attempts += 1
        serve(handler, attempts)

    with LocalSite({"/a.warc.gz": route}) as site:
        limit = options.get("max_bytes", 10**9)
        download(
            f"{site.base_url}/a.warc.gz", file, contact="t@example.org", max_bytes=limit, sleep=pauses.append
        )
        return file.getvalue(), pauses, [request.headers.get("Range", "") for request in site.requests]


def serve_range(handler: SiteHandler, size: int, headers: dict[str, str]) -> None:
    start = int(handler.headers.get("Range", "bytes=0-")[6:-1])
    rest = BODY[start:]
    status, more = (
        (206, {"Content-Range": f"bytes {start}-{len(BODY) - 1}/{len(BODY)}"}) if start else (200, {})
    )
    send(handler, status, rest[:size], len(rest), headers | more)


def test_a_cut_download_goes_on_where_it_was_cut() -> None:
    body, pauses, ranges = fetch(lambda handler, _: serve_range(handler, 100_000, TAG))
    assert body == BODY
    assert ranges == ["", "bytes=100000-", "bytes=200000-"]
    assert pauses == [1, 1]


def test_without_a_version_the_download_starts_again() -> None:
    body, _, ranges = fetch(lambda handler, attempt: serve_range(handler, 100_000 * attempt, {}))
    assert body == BODY
    assert ranges == ["", "", ""]


def test_a_file_that_changed_is_downloaded_from_the_start() -> None:
    def serve(handler: SiteHandler, attempt: int) -> None:
        if attempt == 1:
            serve_range(handler, 100_000, TAG)
        else:
            send(handler, 200, BODY[::-1], len(BODY), {"ETag": '"two"'})

    assert fetch(serve)[0] == BODY[::-1]


def test_another_range_than_asked_starts_again() -> None:
    def serve(handler: SiteHandler, attempt: int) -> None:
        if attempt == 2:
            send(handler, 206, BODY[5:], len(BODY) - 5, {"Content-Range": f"bytes 5-9/{len(BODY)}"})
        else:
            serve_range(handler, 100_000 if attempt == 1 else len(BODY), TAG)

    body, _, ranges = fetch(serve)
    assert (body, ranges) == (BODY, ["", "bytes=100000-", ""])


def test_a_transient_status_is_retried_after_its_pause() -> None:
    def serve(handler: SiteHandler, attempt: int) -> None:
        if attempt <= 2:
            send(handler, 503, b"", 0, {"Retry-After": "7"} if attempt == 1 else {})
        else:
            serve_range(handler, len(BODY), TAG)

    body, pauses, _ = fetch(serve)
    assert (body, pauses) == (BODY, [7, 2])


@pytest.mark.parametrize(
    ("status", "headers", "attempts"), [(503, {}, 5), (404, {}, 1), (503, {"Retry-After": "99999"}, 1)]
)
def test_a_download_that_fails_for_ever_ends_with_its_status(
    status: int, headers: dict[str, str], attempts: int
) -> None:
    seen: list[int] = []

    def serve(handler: SiteHandler, attempt: int) -> None:
        seen.append(attempt)
        send(handler, status, b"", 0, headers)

    with pytest.raises(DownloadError, match=f"/a.warc.gz: the server returned status {status}"):
        fetch(serve)
    assert len(seen) == attempts


def test_a_file_above_the_limit_is_refused() -> None:
    with pytest.raises(DownloadError, match="raise the limit with --max-download-mb"):
        fetch(lambda handler, _: serve_range(handler, len(BODY), TAG), max_bytes=1_000)
