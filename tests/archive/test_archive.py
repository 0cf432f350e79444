"""WARC archive: every field is restored, and damage is limited to the damaged record."""

from __future__ import annotations

import gzip
import json
import os
import resource
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from threading import Thread
from uuid import uuid4

import brotli
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from newsetl.archive.reader import iterate_captures, read_capture
from newsetl.archive.writer import ArchiveWriter
from newsetl.errors import ArchiveError, FetchError
from newsetl.fetch.decoding import decode_content, parse_charset
from newsetl.model import Capture, Link
from newsetl.reasons import Reason

STARTED = datetime(2026, 11, 30, 23, 59, 59, 999999, tzinfo=timezone(timedelta(hours=-5)))
URL = "https://www.stdaily.com/web/English/2026-11/20/content_1.html"
LINK = Link(
    "stdaily",
    URL,
    "https://www.stdaily.com/",
    "丨 “Title”",
    "News",
    datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC),
)
BODY = "<p>A page, 一页。</p>".encode() * 50
CODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
    "identity": bytes,
}


def build_capture(payload: bytes = BODY, body: bytes | None = None, **fields: object) -> Capture:
    plain = Capture(
        capture_id=uuid4(),
        source="stdaily",
        kind="article",
        requested_url=URL,
        url=URL,
        fetched_at=datetime(2026, 11, 24, 7, 15, 0, 123456, tzinfo=UTC),
        status=200,
        headers=(("Content-Type", "text/html; charset=UTF-8"), ("X-Empty", "")),
        charset="utf-8",
        payload=payload,
        body=payload if body is None else body,
    )
    return replace(plain, **fields)  # type: ignore[arg-type]


def open_archive(folder: Path) -> ArchiveWriter:
    return ArchiveWriter(folder, started_at=STARTED, software="newsetl/test")


@pytest.fixture
def captures() -> list[Capture]:
    html = ("Content-Type", "text/html")
    return [
        *(
            build_capture(
                code(BODY), BODY, headers=(html, ("Content-Encoding", name)), charset=None, link=LINK
            )
            for name, code in CODERS.items()
        ),
        build_capture(requested_url="http://stdaily.com/x?y=1", kind="listing"),
        build_capture(
            headers=(("X-Odd", "caf\xe9 \xd6\xd0"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")),
            charset=None,
        ),
        build_capture(b"", kind="robots", status=404, headers=(), charset=None),
        build_capture(b"\r\n\r\nHTTP/1.1 200 OK\r\n\r\n\x00\xff", status=599),
        build_capture(b"no gzip", b"", headers=(("Content-Encoding", "gzip"),), charset=None),
        build_capture(
            via="wayback", via_url=f"https://web.archive.org/web/2024id_/{URL}", obtained_at=STARTED
        ),
    ]


def test_every_field_is_restored(tmp_path: Path, captures: list[Capture]) -> None:
    with open_archive(tmp_path) as writer:
        stored = [writer.store(each) for each in captures]
        assert [read_capture(tmp_path, each.file or "", each.offset or 0) for each in stored] == stored
    assert [replace(each, file=None, offset=None, length=None) for each in stored] == captures
    assert list(iterate_captures(tmp_path)) == stored
    assert [read_capture(tmp_path, each.file or "", each.offset or 0) for each in reversed(stored)] == stored[
        ::-1
    ]


def test_one_file_per_run_named_by_its_start_in_utc(tmp_path: Path) -> None:
    with open_archive(tmp_path) as writer:
        assert list(tmp_path.iterdir()) == []
        file = writer.store(build_capture()).file
        assert file
        assert (tmp_path / f"{file}.open").is_file()
        assert not (tmp_path / file).exists()
    assert file.startswith("2026/12/20261201T045959Z-")
    assert file.endswith(".warc.gz")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [tmp_path / file]
    with open_archive(tmp_path):
        pass
    assert len(list(tmp_path.rglob("*.warc.gz*"))) == 1


def test_the_offset_is_that_of_a_gzip_member(tmp_path: Path, captures: list[Capture]) -> None:
    with open_archive(tmp_path) as writer:
        stored = [writer.store(each) for each in captures]
    for each in stored:
        assert each.file
        assert each.offset
        assert each.length
        raw = (tmp_path / each.file).read_bytes()
        assert gzip.decompress(raw[each.offset : each.offset + each.length]).startswith(b"WARC/1.1\r\n")
    assert len(raw) == (stored[-1].offset or 0) + (stored[-1].length or 0)


def test_warcio_reads_the_file(tmp_path: Path, captures: list[Capture]) -> None:
    with open_archive(tmp_path) as writer:
        stored = [writer.store(each) for each in captures]
    with (tmp_path / (stored[0].file or "")).open("rb") as file:
        records = ArchiveIterator(file, check_digests="raise")
        first = next(records)
        assert first.rec_type == "warcinfo"
        assert b"software: newsetl/test" in first.content_stream().read()
        for each in stored:
            record = next(records)
            headers = record.rec_headers
            assert record.rec_type == "response"
            assert headers["WARC-Target-URI"] == each.url
            assert headers["WARC-Date"] == "2026-11-24T07:15:00.123456Z"
            assert headers["WARC-Record-ID"] == f"<urn:uuid:{each.capture_id}>"
            assert record.http_headers.get_statuscode() == str(each.status)
            if each.link:
                assert json.loads(headers["Newsetl-Link"].encode("ascii"))["section"] == "News"
            # Reading the payload checks its digest.
            assert record.raw_stream.read() == each.payload
            assert (records.get_record_offset(), records.get_record_length()) == (each.offset, each.length)
        assert next(records, None) is None


def test_transfer_encoding_is_dropped(tmp_path: Path) -> None:
    with open_archive(tmp_path) as writer:
        stored = writer.store(
            build_capture(headers=(("transfer-encoding", "chunked"), ("A", "b")), charset=None)
        )
    assert stored.headers == (("A", "b"),)
    assert list(iterate_captures(tmp_path)) == [stored]


HEADER = st.text(
    st.characters(min_codepoint=33, max_codepoint=255, exclude_characters=":\x7f\x85\xa0"), max_size=8
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.binary(max_size=200),
    st.lists(st.tuples(HEADER.filter(bool), HEADER), max_size=4),
    st.none()
    | st.builds(Link, st.text(), st.text(), st.text(), st.none() | st.text(), published_at=st.none()),
)
def test_any_payload_headers_and_link_are_restored(
    tmp_path: Path, payload: bytes, headers: list[tuple[str, str]], link: Link | None
) -> None:
    try:
        body = decode_content(headers, payload)
    except FetchError:
        body = b""
    original = build_capture(payload, body, headers=tuple(headers), charset=parse_charset(headers), link=link)
    with open_archive(tmp_path) as writer:
        stored = writer.store(original)
    assert read_capture(tmp_path, stored.file or "", stored.offset or 0) == stored


def _write_captures(folder: Path, count: int = 4) -> tuple[Path, list[Capture]]:
    with open_archive(folder) as writer:
        stored = [writer.store(build_capture(os.urandom(300))) for _ in range(count)]
    return folder / (stored[0].file or ""), stored


@pytest.mark.parametrize("position", [0, 1, 40, -9, -1])
def test_damage_is_limited_to_its_record(tmp_path: Path, position: int) -> None:
    path, stored = _write_captures(tmp_path)
    raw = bytearray(path.read_bytes())
    damaged = stored[1]
    at = (damaged.offset or 0) + (position if position >= 0 else (damaged.length or 0) + position)
    raw[at] ^= 0xFF
    path.write_bytes(raw)
    first, error, *rest = iterate_captures(tmp_path)
    assert first == stored[0]
    assert isinstance(error, ArchiveError)
    assert f"at {damaged.offset}" in str(error)
    assert rest == stored[2:]
    with pytest.raises(ArchiveError, match=f"at {damaged.offset}"):
        read_capture(tmp_path, damaged.file or "", damaged.offset or 0)


def test_a_truncated_end_is_reported_after_the_complete_records(tmp_path: Path) -> None:
    path, stored = _write_captures(tmp_path)
    path.write_bytes(path.read_bytes()[:-100])
    path.rename(f"{path}.open")
    (tmp_path / "2026/12/20261202T000000Z-empty.warc.gz.open").touch()
    *complete, error = iterate_captures(tmp_path)
    assert complete == stored[:-1]
    assert isinstance(error, ArchiveError)
    assert "ends within a record" in str(error)


def test_files_of_other_programs_are_reported(tmp_path: Path) -> None:
    _, stored = _write_captures(tmp_path, 1)
    (tmp_path / "2020").mkdir()
    (tmp_path / "2020/a.warc.gz").write_bytes(
        gzip.compress(b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", mtime=0)
    )
    (tmp_path / "2020/b.warc.gz").write_bytes(b"not an archive")
    (tmp_path / "2020/notes.txt").write_text("ignored")
    first, second, third = iterate_captures(tmp_path)
    assert isinstance(first, ArchiveError)
    assert isinstance(second, ArchiveError)
    assert third == stored[0]
    with pytest.raises(ArchiveError, match="no such file"):
        read_capture(tmp_path, "2020/c.warc.gz", 0)
    assert list(iterate_captures(tmp_path / "nothing")) == []


def test_threads_may_store_at_once(tmp_path: Path) -> None:
    stored: list[Capture] = []
    with open_archive(tmp_path) as writer:
        threads = [
            Thread(
                target=lambda: stored.extend(
                    [writer.store(build_capture(os.urandom(999))) for _ in range(25)]
                )
            )
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(stored) == 100
    assert list(iterate_captures(tmp_path)) == sorted(stored, key=lambda each: each.offset or 0)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    with pytest.raises(ArchiveError, match="cannot be written"):
        open_archive(tmp_path).store(build_capture())
    tmp_path.chmod(stat.S_IRWXU)


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "archive").touch()
    with pytest.raises(ArchiveError, match="cannot be written"):
        open_archive(tmp_path / "archive").store(build_capture())


def test_a_failed_write_leaves_no_partial_record(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with open_archive(tmp_path) as writer:
        first = writer.store(build_capture())
        # The limit on the file size stops the write after its first bytes, as a full disk would.
        resource.setrlimit(
            resource.RLIMIT_FSIZE, ((first.offset or 0) + (first.length or 0) + 100, limits[1])
        )
        try:
            with pytest.raises(ArchiveError, match="cannot be written"):
                writer.store(build_capture())
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        size = (tmp_path / f"{first.file}.open").stat().st_size
        assert size == (first.offset or 0) + (first.length or 0)
        second = writer.store(build_capture())
    assert list(iterate_captures(tmp_path)) == [first, second]


@pytest.mark.parametrize("name", ["gzip", "br", "zstd"])
def test_a_bomb_ends_at_the_limit(name: str) -> None:
    bomb = CODERS[name](bytes(50_000_000))
    with pytest.raises(FetchError) as caught:
        decode_content([("Content-Encoding", name)], bomb, limit=1_000_000)
    assert caught.value.reason is Reason.TOO_LARGE
    fits = CODERS[name](bytes(1_000_000))
    assert decode_content([("Content-Encoding", name)], fits, limit=1_000_000) == bytes(1_000_000)


@pytest.mark.parametrize(
    ("coding", "payload"),
    [
        ("gzip", b"plain text"),
        ("gzip", gzip.compress(BODY, mtime=0)[:-30]),
        ("zstd", zstandard.compress(BODY)[:-5]),
        ("br", b"\xff\xff\xff"),
        ("compress", BODY),
        ("gzip, gzip", gzip.compress(gzip.compress(BODY, mtime=0), mtime=0)),
    ],
)
def test_a_broken_or_unknown_coding_is_undecodable(coding: str, payload: bytes) -> None:
    with pytest.raises(FetchError) as caught:
        decode_content([("content-encoding", coding)], payload)
    assert caught.value.reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    ("value", "charset"),
    [
        ("text/html; charset=GB2312", "gb2312"),
        ('text/html;charset="utf-8"', "utf-8"),
        ("text/html", None),
        ("\xff;=", None),
    ],
)
def test_the_charset_of_the_content_type(value: str, charset: str | None) -> None:
    assert parse_charset([("content-type", value)]) == charset
    assert parse_charset([]) is None


def test_records_are_plain_gzip_members(tmp_path: Path) -> None:
    path, stored = _write_captures(tmp_path, 2)
    text = gzip.GzipFile(fileobj=BytesIO(path.read_bytes())).read()
    assert text.count(b"WARC/1.1\r\n") == 3
    assert stored[0].payload in text
