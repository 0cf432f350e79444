"""Tests of WARC records as other crawlers write them."""

from __future__ import annotations

import gzip
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsetl import sources
from newsetl.model import Capture
from newsetl.pipeline.importing.captures import FileOrigin, ImportFailure, SkippedRecord, iterate_captures
from newsetl.pipeline.importing.files import find_inputs
from newsetl.reasons import Reason

SOURCE = sources.load("stdaily")
URL = f"{SOURCE.scheme}://{SOURCE.host}/web/English/2026-03/01/content_1.html"
AT = datetime(2026, 11, 20, tzinfo=UTC)
PAGE = (
    b"<html><body><h1>Eels are counted</h1>\r\n\r\n<p>Wardens count the eels of the ditch.</p></body></html>"
)
HTML = "Content-Type: text/html"


def read_record(
    block: bytes, *, kind: str = "response", content_type: str = "application/http", more: str = ""
) -> Capture | ImportFailure | SkippedRecord:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: 2026-09-12T10:00:00Z\r\n"
        f"WARC-Target-URI: {URL}\r\n{more}"
        f"Content-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    file = io.BytesIO(head.encode() + block + b"\r\n\r\n")
    (item,) = iterate_captures(file, FileOrigin("a.warc", AT, AT), SOURCE)
    return item


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("page", [PAGE, PAGE.replace(b"\r\n", b"\n"), b"\xef\xbb\xbf" + PAGE])
def test_a_head_may_end_its_lines_with_lf_alone(line_end: str, page: bytes) -> None:
    head = line_end.join(["HTTP/1.1 200 OK", HTML, "", ""]).encode()
    item = read_record(head + page)
    assert isinstance(item, Capture)
    assert (item.status, item.headers, item.body) == (200, (("Content-Type", "text/html"),), page)


@pytest.mark.parametrize("block", [PAGE, gzip.compress(PAGE)], ids=["plain", "gzip"])
def test_a_resource_record_of_html_is_a_page(block: bytes) -> None:
    item = read_record(block, kind="resource", content_type="text/html; charset=utf-8")
    assert isinstance(item, Capture)
    assert (item.status, item.charset, item.body) == (200, "utf-8", PAGE)


def test_a_resource_record_of_another_type_is_no_page() -> None:
    assert read_record(b"{}", kind="resource", content_type="application/json") is SkippedRecord.OTHER_RECORD


def test_an_empty_line_before_a_gzip_body_is_left_out() -> None:
    head = f"HTTP/1.1 200 OK\r\n{HTML}\r\nContent-Encoding: gzip\r\n\r\n".encode()
    item = read_record(head + b"\r\n" + gzip.compress(PAGE))
    assert isinstance(item, Capture)
    assert item.body == PAGE


@pytest.mark.parametrize(
    ("status", "header", "more"),
    [
        ("200 OK", "", "WARC-Truncated: length\r\n"),
        ("200 OK", "", "WARC-Truncated: disconnect\r\n"),
        ("206 Partial Content", "Content-Range: bytes 0-99/5000\r\n", ""),
        ("206 Partial Content", "Content-Range: bytes 10-4999/5000\r\n", ""),
        ("206 Partial Content", "", ""),
    ],
)
def test_a_part_of_a_page_is_a_reject(status: str, header: str, more: str) -> None:
    item = read_record(f"HTTP/1.1 {status}\r\n{HTML}\r\n{header}\r\n".encode() + PAGE, more=more)
    assert isinstance(item, ImportFailure)
    assert item.error.reason is Reason.ARCHIVE_CORRUPT
    assert "a part of a page" in str(item.error)


def test_a_206_with_the_whole_page_is_a_page() -> None:
    head = f"HTTP/1.1 206 Partial Content\r\n{HTML}\r\nContent-Range: bytes 0-99/100\r\n\r\n".encode()
    assert isinstance(read_record(head + PAGE), Capture)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("a.warc.zst", "zstd -d "),
        ("a.WACZ", "unzip "),
        ("a.mhtml", "save it as HTML"),
        ("a.arc.gz", "warcio recompress "),
    ],
)
def test_a_container_that_is_not_read_is_an_error_with_the_command_that_converts_it(
    tmp_path: Path, name: str, command: str
) -> None:
    (tmp_path / name).write_bytes(b"x")
    inputs = find_inputs([str(tmp_path / name)])
    (error,) = inputs.errors
    assert error.startswith(f"{tmp_path / name}: this kind of file is not read; ")
    assert command in error
    assert (inputs.files, inputs.ignored) == ([], [])
    # In a directory it is one of the other files, which the command lists.
    assert find_inputs([str(tmp_path)]).ignored == [str(tmp_path / name)]


def test_a_folded_header_line_belongs_to_the_header_before_it() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html;\r\n\tcharset=gb18030\r\n\r\n"
    item = read_record(head + PAGE)
    assert isinstance(item, Capture)
    assert (item.headers, item.charset) == ((("Content-Type", "text/html; charset=gb18030"),), "gb18030")
