"""Import of saved pages in directories, and of WARC files on disk and at a URL."""

from __future__ import annotations

import gzip
import json
import os
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsetl.pipeline import recover, shards
from newsetl.pipeline.importing import job
from newsetl.pipeline.importing.captures import FileOrigin, ImportFailure, SkippedRecord, iterate_captures
from newsetl.pipeline.importing.files import find_inputs
from newsetl.pipeline.importing.page_urls import find_page_url
from newsetl.pipeline.rebuild import rebuild
from newsetl.query import reader
from newsetl.reasons import Reason
from newsetl.replica import article_pages
from newsetl.replica.story import MockArticle
from newsetl.runtime.data_folder import DataFolder
from tests.support import replica_runs
from tests.support.commands import newsetl
from tests.support.page_factory import PAGE, STDAILY, render_text
from tests.support.replica_runs import rows
from tests.support.saved_pages import HOME, SAVED_AT, STORIES, Record, page, put, response, warc
from tests.support.stub_server import LocalSite

DAY = "/web/English/2023-02/03/content_1913283.html"
IMPORT = ("import", "--source", "stdaily")


def build_page(number: int) -> bytes:
    """Build a page that does not contain its URL."""
    return PAGE.replace("Ice on the Wires", f"Ice on {number} Wires").encode()


def query(folder: Path, statement: str) -> list[dict[str, Any]]:
    """Query the warehouse with the command."""
    objects: list[dict[str, Any]] = json.loads(
        newsetl("sql", statement, "--format", "json", cwd=folder).stdout
    )
    return objects


def compute_hashes(folder: Path) -> dict[str, tuple[int, str]]:
    """Compute the digests of every table but runs, check results and publications."""
    with reader.connect(folder / "data" / "news.duckdb") as connection:
        from newsetl.db import compare

        ignored = dict.fromkeys(("runs", "check_results", "published"), compare.ALL_COLUMNS)
        return compare.compute_digests(connection, ignored)


def import_paths(folder: Path, paths: list[Path], **options: Any) -> job.ImportResult:
    """Import the paths into the data directory."""
    data = DataFolder(folder)
    source = options.pop("source", STDAILY)
    with recover.open_warehouse(data, clock=replica_runs.now, declared=[source]) as warehouse:
        inputs = find_inputs(map(str, paths))
        return job.import_files(source, warehouse, data.archive, inputs, clock=replica_runs.now, **options)


def find_rebuild_differences(folder: Path) -> tuple[str, ...] | None:
    """Rebuild the warehouse; return the tables whose rows differ."""
    return rebuild(DataFolder(folder), clock=replica_runs.now).differing_tables


def test_a_directory_of_saved_pages_becomes_articles(tmp_path: Path) -> None:
    for article in STORIES[:20]:
        put(tmp_path / f"saved/www.stdaily.com{article.paths[0]}", page(article))
    put(tmp_path / "saved" / "cover.jpg", b"\xff\xd8\xff")
    put(tmp_path / "saved" / "deep" / "er" / "gone.htm", article_pages.render_soft_404())
    done = newsetl(*IMPORT, "saved", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert "21 pages in 21 files: 20 new, 0 changed" in done.stdout
    assert "1 rejected (1 soft_404)" in done.stdout
    assert "skipped: 1 other files (saved/cover.jpg)" in done.stdout
    articles = query(tmp_path, "SELECT title, url FROM articles")
    assert {row["title"]: row["url"] for row in articles} == {
        article.title: HOME + article.paths[0] for article in STORIES[:20]
    }
    captures = rows(
        tmp_path / "data",
        "SELECT DISTINCT via, fetched_at, obtained_at > fetched_at, url = requested_url FROM captures",
    )
    assert captures == [("file", SAVED_AT, True, True)]
    assert rows(tmp_path / "data", "SELECT url, reason FROM open_rejects") == [
        ("saved/deep/er/gone.htm", "soft_404")
    ]
    assert rows(
        tmp_path / "data", "SELECT kind, state, discovered, new, already_loaded, rejected FROM runs"
    ) == [("import", "completed", 21, 20, 0, 1)]
    before = compute_hashes(tmp_path)
    again = newsetl(*IMPORT, "saved", cwd=tmp_path)
    assert again.returncode == 0, again.stdout
    assert "0 new, 0 changed, 0 duplicate URLs, 21 already loaded, 0 rejected" in again.stdout
    moved = newsetl(*IMPORT, tmp_path / "saved", cwd=tmp_path)
    assert "21 already loaded" in moved.stdout
    assert compute_hashes(tmp_path) == before
    rebuilt = newsetl("rebuild", cwd=tmp_path)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "different from before: nothing" in rebuilt.stdout


def test_a_lower_case_text_is_an_article(tmp_path: Path) -> None:
    put(tmp_path / "page.txt", render_text(page(STORIES[3]).decode()).lower().encode())
    done = newsetl(*IMPORT, "page.txt", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    ((title, url, published_at),) = rows(tmp_path / "data", "SELECT title, url, published_at FROM articles")
    assert title == " ".join(STORIES[3].title.lower().split())
    assert (url, published_at) == (None, STORIES[3].published_at)
    assert rows(tmp_path / "data", "SELECT requested_url, via_url FROM captures") == [("", "page.txt")]


HASHED = "/English/ChinaNews/202201/ea4e9697af5443d6b77981e78196bfa6.shtml"
NAMES = {
    "www.stdaily.com/web/English/2023-02/03/content_1913283.html": DAY,
    "stdaily.com/English/ChinaNews/202201/ea4e9697af5443d6b77981e78196bfa6.shtml": HASHED,
    "mirror.example/English/ChinaNews/202201/ea4e9697af5443d6b77981e78196bfa6.shtml.html": HASHED,
    "web/English/2023-02/03/content_1913283.html": DAY,
    "www.stdaily.com_web_English_2023-02_03_content_1913283.html": DAY,
    "https___www.stdaily.com_web_English_2023-02_03_content_1913283.html.txt": DAY,
    "www.stdaily.com_web_English_2023-02_03_content_1913283.txt": DAY,
    "https%3A%2F%2Fm.stdaily.com%2Fweb%2FEnglish%2F2023-02%2F03%2Fcontent_1913283.html": DAY,
    f"http:{HASHED}".replace("/", "%2f"): HASHED,
    "content_1913283.html": None,
    "a_b_c_d_e_f_g_h_i_j_k_l_m_n_o_p_q_r_s_t_u_v_w_x_y_z.html": None,
    "index.html": None,
    ".html": None,
}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_url_from_a_file_name(name: str) -> None:
    path = NAMES[name]
    assert find_page_url(f"/home/me/saved/{name}", build_page(1), STDAILY) == (HOME + path if path else "")


STATED = {
    "canonical": f'<link href="{HOME}{DAY}" rel="canonical">',
    "other quotes and host": f"<LINK rel='shortlink canonical' href='http://m.stdaily.com{DAY}' />",
    "og:url": f'<meta property="og:url" content="{HOME}{DAY}?from=x&amp;y=1"/>',
    "relative": f"<link rel=canonical href={DAY}>",
    "a mirror's": f'<link rel="canonical" href="http://mirror.example{DAY}">',
    "saved from": f"<!-- saved from url=(0064){HOME}{DAY} -->",
    "SingleFile": f"<!--\n Page saved with SingleFile \n url: {HOME}{DAY} \n saved date: today -->",
    "HTTrack": f"<!-- Mirrored from www.stdaily.com{DAY} by HTTrack Website Copier/3.x, today -->",
    "monolith": f"<!-- Saved from {HOME}{DAY} at 2026-11-20T10:00:00Z using monolith v2.8.1 -->",
    "Save Page WE": f'<meta name="savepage-url" content="{HOME}{DAY}">',
    "WebScrapBook": f'<html data-scrapbook-source="{HOME}{DAY}" data-scrapbook-create="2026">',
}


@pytest.mark.parametrize("name", STATED)
def test_the_url_from_a_page(name: str) -> None:
    stated = f"<html><head>{STATED[name]}</head>".encode()
    assert find_page_url("/saved/x.html", stated, STDAILY) == HOME + DAY
    other = stated.replace(b"/web/English", b"/web/gdxw").replace(b"/English", b"/Chinese")
    assert find_page_url("/saved/x.html", other, STDAILY) == ""


def test_given_urls_come_first(tmp_path: Path) -> None:
    other = DAY.replace("1913283", "77")
    put(tmp_path / "saved" / f"www.stdaily.com{DAY}", build_page(1))
    put(tmp_path / "saved" / "b.html", build_page(2))
    (tmp_path / "urls.tsv").write_text(f"saved/www.stdaily.com{DAY}\thttp://m.stdaily.com{other}\n")
    done = newsetl(*IMPORT, "saved", "--urls", "urls.tsv", cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    urls = rows(tmp_path / "data", "SELECT url FROM articles ORDER BY url NULLS FIRST")
    assert urls == [(None,), (HOME + other,)]
    (tmp_path / "urls.tsv").write_text("saved/b.html\tnowhere\n")
    wrong = newsetl(*IMPORT, "saved", "--urls", "urls.tsv", cwd=tmp_path)
    assert wrong.returncode == 2
    assert "nowhere" in wrong.stderr


def test_a_window_imports_only_its_days(tmp_path: Path) -> None:
    """Import pages whose day is in the URL, and texts whose day is only in the page."""
    days = sorted({article.published_at.astimezone(STDAILY.timezone).date() for article in STORIES})
    since, until = days[2], days[-3]
    for article in STORIES:
        put(tmp_path / f"saved/{article.number}{article.paths[0]}", page(article))
        put(tmp_path / f"saved/{article.number}.txt", render_text(page(article).decode()).encode())
    done = newsetl(*IMPORT, "saved", "--since", since, "--until", until, cwd=tmp_path)
    expected = [s for s in STORIES if since <= s.published_at.astimezone(STDAILY.timezone).date() <= until]
    assert 0 < len(expected) < len(STORIES)
    assert done.returncode == 0, done.stderr
    assert f"{2 * (len(STORIES) - len(expected))} pages of other days" in done.stdout
    titles = rows(tmp_path / "data", "SELECT DISTINCT title FROM articles")
    assert {title for (title,) in titles} == {article.title for article in expected}
    assert rows(tmp_path / "data", "SELECT since, until, discovered FROM runs") == [
        (since, until, 2 * len(expected))
    ]
    assert "different from before: nothing" in newsetl("rebuild", cwd=tmp_path).stdout


def build_codings(article: MockArticle) -> list[Record]:
    """Build records of the page: plain, gzip, chunked, both, and decoded with its old headers."""
    body = page(article)
    _, url, _, html = response(article)
    compressed = gzip.compress(body)
    chunked = b"".join(
        b"%x\r\n%s\r\n" % (len(part), part) for part in (compressed[:700], compressed[700:], b"")
    )
    return [
        ("response", url, body, html),
        ("response", url, compressed, html | {"Content-Encoding": "gzip"}),
        ("response", url, chunked, html | {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}),
        ("response", url, body, html | {"Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}),
        ("response", url, body, html | {"Content-Encoding": "br"}),
        ("response", url, body, html | {"Content-Encoding": "x-unheard-of"}),
    ]


def test_a_page_is_the_same_in_every_coding(tmp_path: Path) -> None:
    """Import one article per coding, each in its own file."""
    articles = dict(enumerate(STORIES[:6]))
    for index, article in articles.items():
        put(tmp_path / f"{index}.warc.gz", warc([build_codings(article)[index]])[0])
    import_paths(tmp_path / "data", [tmp_path / f"{index}.warc.gz" for index in articles])
    found = rows(tmp_path / "data", "SELECT via_url, title FROM captures JOIN articles USING (capture_id)")
    assert {Path(via_url.partition("#")[0]).name: title for via_url, title in found} == {
        f"{index}.warc.gz": article.title for index, article in articles.items()
    }
    assert len(found) == 6
    assert find_rebuild_differences(tmp_path / "data") == ()


def build_crawl(six: Sequence[MockArticle]) -> list[Record]:
    """Build the records of a crawl: six articles, and records that are no articles."""
    first, *others = six
    return [
        ("warcinfo", "", b"software: a crawler\r\n", {}),
        ("request", HOME + first.paths[0], b"GET / HTTP/1.1\r\n\r\n", {}),
        response(first, Server="nginx"),
        ("response", f"{HOME}/web/English/index.html", b"<html>an index</html>", {}),
        ("response", "https://elsewhere.example" + DAY, build_page(1), {}),
        ("response", "http://m.stdaily.com" + DAY, b"", {"status": "404 Not Found"}),
        ("revisit", HOME + first.paths[0], b"", {}),
        ("metadata", HOME + first.paths[0], b"ip: 1.2.3.4", {}),
        *map(response, others),
    ]


SKIPPED = (
    "skipped: 3 records of other kinds; 2 responses that are no article of the source; "
    "1 responses without a page; 1 revisit records"
)


def test_a_warc_file_gives_its_articles_and_counts_the_rest(tmp_path: Path) -> None:
    """Import files compressed per record, uncompressed, and compressed as a whole."""
    files = {"crawl.WARC.gz": STORIES[:6], "crawl.warc": STORIES[6:12], "whole.warc.gz": STORIES[12:18]}
    for name, six in files.items():
        content, starts = warc(build_crawl(six), is_gzip=name == "crawl.WARC.gz")
        put(tmp_path / name, gzip.compress(content) if name == "whole.warc.gz" else content)
        done = newsetl(*IMPORT, name, cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        assert "6 pages in 1 files: 6 new, " in done.stdout
        assert SKIPPED in done.stdout
        found = rows(
            tmp_path / "data",
            "SELECT via, via_url, fetched_at, content_type, title FROM captures "
            f"LEFT JOIN articles USING (capture_id) WHERE starts_with(via_url, '{name}#') "
            'ORDER BY file, "offset"',
        )
        taken = [start for (kind, *_), start in zip(build_crawl(six), starts, strict=True)][2:3] + starts[8:]
        assert found == [
            ("warc", f"{name}#{start}", SAVED_AT, "text/html", article.title)
            for start, article in zip(taken, six, strict=True)
        ]
    assert rows(tmp_path / "data", "SELECT count(*) FROM articles") == [(18,)]
    before = compute_hashes(tmp_path)
    assert "18 already loaded" in newsetl(*IMPORT, *files, cwd=tmp_path).stdout
    assert compute_hashes(tmp_path) == before
    assert "different from before: nothing" in newsetl("rebuild", cwd=tmp_path).stdout


def test_a_truncated_file_gives_its_complete_records_and_one_reject(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Truncate the last record after, or before its end by, a number of bytes."""
    complete, starts = dict[Path, bytes](), dict[Path, int]()
    articles = dict[Path, Sequence[MockArticle]]()
    cases = [(size, is_gzip) for size in (40, 300, -40) for is_gzip in (True, False)]
    for (size, is_gzip), four in zip(cases, (STORIES[n : n + 4] for n in range(0, 24, 4)), strict=True):
        file = tmp_path / f"crawl {size}.warc{'.gz' if is_gzip else ''}"
        content, (*_, start) = warc(map(response, four), is_gzip=is_gzip)
        put(file, content[: start + size] if size > 0 else content[:size])
        complete[file], starts[file], articles[file] = content, start, four
    files = list(complete)
    assert import_paths(tmp_path / "data", files).summary.rejected == {Reason.ARCHIVE_CORRUPT: 6}
    assert capfd.readouterr() == ("", "")
    titles = "SELECT title FROM articles ORDER BY title"
    assert rows(tmp_path / "data", titles) == sorted(
        (article.title,) for four in articles.values() for article in four[:3]
    )
    rejected = rows(tmp_path / "data", "SELECT url, reason, message, rejected_at FROM open_rejects")
    assert {(url, reason, at) for url, reason, _, at in rejected} == {
        (f"{file}#{start}", "archive_corrupt", SAVED_AT) for file, start in starts.items()
    }
    assert len(rejected) == 6
    for url, _, message, _ in rejected:
        name, _, start = url.rpartition("#")
        assert message.startswith(f"{name} at {start}: ")
    before = compute_hashes(tmp_path)
    assert import_paths(tmp_path / "data", files).summary.already_loaded == 18
    assert compute_hashes(tmp_path) == before
    assert find_rebuild_differences(tmp_path / "data") == ()
    for file, content in complete.items():
        put(file, content)
    assert import_paths(tmp_path / "data", files).summary.new == 6
    assert rows(tmp_path / "data", titles) == sorted((article.title,) for article in STORIES)
    assert rows(tmp_path / "data", "SELECT count(*) FROM open_rejects") == [(0,)]
    assert find_rebuild_differences(tmp_path / "data") == ()


def test_a_truncated_file_that_was_compressed_as_a_whole(tmp_path: Path) -> None:
    content = gzip.compress(warc(map(response, STORIES[:8]), is_gzip=False)[0])
    put(tmp_path / "x.warc.gz", content[: len(content) * 3 // 4])
    done = newsetl(*IMPORT, "x.warc.gz", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (3, "")
    ((count,),) = rows(tmp_path / "data", "SELECT count(*) FROM articles")
    assert 3 <= count < 8
    assert rows(tmp_path / "data", "SELECT reason, count(*) FROM open_rejects GROUP BY ALL") == [
        ("archive_corrupt", 1)
    ]


@pytest.mark.parametrize("is_gzip", [True, False])
def test_a_damaged_record_costs_only_itself(is_gzip: bool, tmp_path: Path) -> None:
    content, starts = warc(map(response, STORIES[:5]), is_gzip=is_gzip)
    broken = bytearray(content)
    if is_gzip:
        broken[starts[2] + 200 : starts[2] + 260] = bytes(60)
    else:
        broken[starts[2] : starts[2] + 4] = b"XXXX"
    put(tmp_path / "x.warc", bytes(broken))
    done = newsetl(*IMPORT, "x.warc", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr == ""
    assert "5 pages" in done.stdout  # the damaged record is counted too
    titles = {title for (title,) in rows(tmp_path / "data", "SELECT title FROM articles")}
    assert titles == {article.title for index, article in enumerate(STORIES[:5]) if index != 2}
    assert rows(tmp_path / "data", "SELECT url FROM open_rejects") == [(f"x.warc#{starts[2]}",)]


INVALID_FILES = {
    "an ARC file": (
        b"filedesc://x.arc 0.0.0.0 20240601080000 text/plain 76\n1 0 X\nURL IP-address\n\n",
        "an ARC file",
    ),
    "an ARC file, gzip": (gzip.compress(b"filedesc://x.arc 0.0.0.0 20240601 text/plain 76\n"), "an ARC file"),
    "no WARC": (bytes(range(256)) * 40, "no WARC record begins with"),
    "no WARC, gzip": (gzip.compress(b"a letter\n" * 100), "no WARC record begins with b'a letter"),
    "half a gzip head": (b"\x1f\x8b\x08", "the file ends within a record"),
    "no length": (b"WARC/1.0\r\nWARC-Type: response\r\n\r\n", "a record without a length"),
    "a negative length": (
        b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: -5\r\n\r\n",
        "without a length",
    ),
    "an endless line": (b"WARC/1.0" + b"x" * 100_000, "archive_corrupt"),
}


def test_an_invalid_warc_file_is_one_reject_with_its_error(tmp_path: Path) -> None:
    for number, (content, _) in enumerate(INVALID_FILES.values()):
        put(tmp_path / f"invalid{number}.warc.gz", content)
    put(tmp_path / "page.html", build_page(1))
    files = [f"invalid{number}.warc.gz" for number in range(len(INVALID_FILES))]
    done = newsetl(*IMPORT, *files, "page.html", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert done.stderr == ""
    found = rows(tmp_path / "data", "SELECT url, reason, message FROM open_rejects ORDER BY url")
    assert [(url, reason) for url, reason, _ in found] == [(f"{file}#0", "archive_corrupt") for file in files]
    for (name, (_, message)), (_, _, error) in zip(INVALID_FILES.items(), found, strict=True):
        assert message in error or message == "archive_corrupt", name
    assert rows(tmp_path / "data", "SELECT count(*) FROM articles") == [(1,)]


def test_empty_files_and_files_without_a_page_are_rejects(tmp_path: Path) -> None:
    put(tmp_path / "in" / "empty.warc", b"")
    put(tmp_path / "in" / "empty.html", b"")
    put(tmp_path / "in" / "picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10)
    put(tmp_path / "in" / "huge.html", b"<html>" + b"x" * STDAILY.fetch.max_bytes)
    done = newsetl(*IMPORT, "in", cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    found = rows(tmp_path / "data", "SELECT url, reason FROM open_rejects ORDER BY url")
    assert found == [
        ("in/empty.html", "empty_body"),
        ("in/empty.warc", "empty_body"),
        ("in/huge.html", "too_large"),
        ("in/picture.txt", "not_html"),
    ]
    before = compute_hashes(tmp_path)
    newsetl(*IMPORT, "in", cwd=tmp_path)
    assert compute_hashes(tmp_path) == before
    assert "different from before: nothing" in newsetl("rebuild", cwd=tmp_path).stdout


def test_a_broken_coding_and_a_gzip_bomb_are_rejects_and_rebuilt(tmp_path: Path) -> None:
    bomb = gzip.compress(b"<p>" + b"x" * (STDAILY.fetch.max_bytes + 1))
    truncated = gzip.compress(page(STORIES[0]))[:-100]
    content, starts = warc(
        [
            ("response", HOME + DAY, bomb, {"Content-Encoding": "gzip"}),
            ("response", HOME + DAY, truncated, {"Content-Encoding": "gzip"}),
        ]
    )
    put(tmp_path / "x.warc.gz", content)
    assert newsetl(*IMPORT, "x.warc.gz", cwd=tmp_path).returncode == 3
    found = rows(
        tmp_path / "data", "SELECT url, reason, capture_id IS NULL FROM open_rejects ORDER BY reason"
    )
    assert found == [
        (f"x.warc.gz#{starts[0]}", "too_large", True),
        (f"x.warc.gz#{starts[1]}", "undecodable", False),
    ]
    assert "different from before: nothing" in newsetl("rebuild", cwd=tmp_path).stdout


def test_special_files_and_link_loops(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    put(folder / "a.html", build_page(1))
    os.mkfifo(folder / "pipe.html")
    (folder / "round").symlink_to(folder)
    (folder / "itself.html").symlink_to(folder / "itself.html")
    (folder / "broken.html").symlink_to("nowhere")
    (folder / "same.html").symlink_to(folder / "a.html")
    (tmp_path / "beside").mkdir()
    put(tmp_path / "beside" / "b.html", build_page(2))
    (folder / "beside").symlink_to(tmp_path / "beside")
    odd = os.fsencode(folder) + b"/ bl\xe4ue\n\xe7\x94\xb5.html"
    Path(os.fsdecode(odd)).write_bytes(build_page(3))
    put(folder / "中文 文章.txt", build_page(4))
    done = newsetl(*IMPORT, "in", cwd=tmp_path)
    assert done.returncode == 1
    assert "in/pipe.html" in done.stdout.split("skipped: ")[1]
    failed = [line.split("FAILED: ")[1] for line in done.stdout.splitlines() if "FAILED: " in line]
    assert [line.split(":")[0] for line in failed] == ["in/broken.html", "in/itself.html"]
    found = rows(tmp_path / "data", "SELECT via_url FROM captures ORDER BY ALL")
    assert found == [
        ("in/ bl\\xe4ue\\x0a电.html",),
        ("in/a.html",),
        ("in/beside/b.html",),
        ("in/中文 文章.txt",),
    ]
    assert rows(tmp_path / "data", "SELECT state, error FROM runs") == [
        ("failed", "in/broken.html: cannot be read (No such file or directory) and 1 more")
    ]
    assert "different from before: nothing" in newsetl("rebuild", cwd=tmp_path).stdout


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that root cannot read either")
def test_an_unreadable_file_is_named_and_the_others_are_loaded(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.html").symlink_to("/proc/self/mem")
    (tmp_path / "in" / "b.warc").symlink_to("/proc/self/mem")
    put(tmp_path / "in" / "c.html", build_page(2))
    done = newsetl(*IMPORT, "in", cwd=tmp_path)
    assert done.returncode == 1
    assert "FAILED: in/a.html: cannot be read (Input/output error)" in done.stdout
    assert "in/b.warc" in done.stdout
    assert rows(tmp_path / "data", "SELECT count(*) FROM articles") == [(1,)]


MISUSE = {
    "no such file": (("missing.html",), "missing.html: no such file or directory"),
    "one file of two": (("page.html", "missing"), "missing: no such file or directory"),
    "a page's URL": ((HOME + DAY,), "not the URL of a .warc or .warc.gz file"),
    "no contact": (("http://127.0.0.1:9/x.warc",), "no contact set; pass --contact or set NEWSETL_CONTACT"),
    "reversed window": (("page.html", "--since", "2024-02-02", "--until", "2024-02-01"), "is after --until"),
    "no URLs": (("page.html", "--urls", "none"), "--urls none: cannot be read"),
}


@pytest.mark.parametrize("misuse", MISUSE)
def test_bad_usage_is_one_line_and_loads_nothing(misuse: str, tmp_path: Path) -> None:
    words, message = MISUSE[misuse]
    put(tmp_path / "page.html", build_page(1))
    done = newsetl(*IMPORT, *words, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    assert not (tmp_path / "data").exists()


def test_nothing_to_import_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    done = newsetl(*IMPORT, "in", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "stdaily: nothing to import; the directory is empty\n")
    put(tmp_path / "in" / "x.arc.gz", b"")
    done = newsetl(*IMPORT, "in", cwd=tmp_path)
    assert done.stdout == "stdaily: nothing to import; 1 other files (in/x.arc.gz)\n"
    assert not (tmp_path / "data").exists()


def test_a_warc_file_at_a_url(tmp_path: Path) -> None:
    content, starts = warc(map(response, STORIES[:3]))
    kind = {"Content-Type": "application/gzip", "Content-Encoding": "gzip"}
    with LocalSite(
        {
            "/CC-NEWS-1.warc.gz": (200, kind | {"Last-Modified": "Sat, 01 Jun 2024 08:00:00 GMT"}, content),
            "/moved.warc.gz": (302, {"Location": "/CC-NEWS-1.warc.gz"}, b""),
            "/truncated.warc.gz": (
                200,
                kind | {"Last-Modified": "Sat, 01 Jun 2024 08:00:00 GMT"},
                content[:-50],
            ),
            "/gone.warc.gz": (410, {}, b"gone"),
        }
    ) as site:
        command = (*IMPORT, "--contact", "me@example.org")
        url = f"{site.base_url}/CC-NEWS-1.warc.gz"
        done = newsetl(*command, url, f"{site.base_url}/gone.warc.gz", cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert f"FAILED: {site.base_url}/gone.warc.gz: the server returned status 410" in done.stdout
        assert "3 pages in 1 files: 3 new" in done.stdout
        assert site.requests[0].headers["User-Agent"].startswith("newsetl/")
        assert site.requests[0].headers["User-Agent"].endswith("(+me@example.org)")
        found = rows(tmp_path / "data", 'SELECT via, via_url FROM captures ORDER BY "offset"')
        assert found == [("warc", f"{url}#{start}") for start in starts]
        before = compute_hashes(tmp_path)
        assert "3 already loaded" in newsetl(*command, f"{site.base_url}/moved.warc.gz", cwd=tmp_path).stdout
        assert compute_hashes(tmp_path) == before
        truncated = newsetl(*command, f"{site.base_url}/truncated.warc.gz", cwd=tmp_path)
        assert "2 already loaded, 1 rejected (1 archive_corrupt)" in truncated.stdout
        capped = newsetl(*command, f"{site.base_url}/big.warc", "--max-download-mb", "1", cwd=tmp_path)
        assert "returned status 404" in capped.stdout
        site.routes["/big.warc"] = (200, {}, bytes(1_000_001))
        capped = newsetl(*command, f"{site.base_url}/big.warc", "--max-download-mb", "1", cwd=tmp_path)
        assert "larger than 1 MB; raise the limit with --max-download-mb" in capped.stdout
        assert "different from before: nothing" in newsetl("rebuild", cwd=tmp_path).stdout
    assert "download failed" in newsetl(*command, url, cwd=tmp_path).stdout
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == [
        "archive", "lock", "news.duckdb", "work.duckdb",
    ]  # fmt: skip


def test_a_stopped_import_continues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shards, "SHARD_RECORDS", 4)
    file = put(tmp_path / "x.warc.gz", warc(map(response, STORIES[:20]))[0])
    calls = 0

    def should_stop() -> bool:
        nonlocal calls
        calls += 1
        return calls > 11

    done = import_paths(tmp_path / "data", [file], should_stop=should_stop)
    assert 0 < done.summary.new < 20
    assert done.summary.error == "stopped after 0 of 1 files"
    again = import_paths(tmp_path / "data", [file])
    assert (again.summary.already_loaded, again.summary.new) == (done.summary.new, 20 - done.summary.new)
    assert rows(tmp_path / "data", "SELECT count(*), count(DISTINCT capture_id) FROM captures") == [(20, 20)]


def test_a_large_warc_file_needs_little_memory(tmp_path: Path) -> None:
    filler, _ = warc([("response", "https://elsewhere.example/", bytes(30_000_000), {})])
    large, _ = warc([("response", HOME + DAY, bytes(60_000_000), {})])
    path = put(tmp_path / "x.warc.gz", filler * 3 + large + warc([response(STORIES[0])])[0])
    at = datetime(2026, 1, 1, tzinfo=UTC)
    tracemalloc.start()
    with path.open("rb") as opened:
        found = list(iterate_captures(opened, FileOrigin("x", at, at), STDAILY))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [getattr(each, "via_url", each) for each in found[:3]] == [SkippedRecord.OTHER_PAGE] * 3
    assert isinstance(found[3], ImportFailure)
    assert len(found) == 5
    assert peak < 20_000_000, peak


def test_the_time_of_a_file_is_neither_in_the_future_nor_before_the_source(tmp_path: Path) -> None:
    later = replica_runs.now() + timedelta(days=400)
    put(tmp_path / "future.html", build_page(1), later)
    put(tmp_path / "zip.html", build_page(2), datetime(1980, 1, 1, tzinfo=UTC))
    files = [tmp_path / "future.html", tmp_path / "zip.html"]
    done = import_paths(tmp_path / "data", files)
    assert done.summary.new == 2
    assert rows(tmp_path / "data", "SELECT count(*) FROM captures WHERE fetched_at = obtained_at") == [(2,)]
    assert import_paths(tmp_path / "data", files).summary.already_loaded == 2


def test_a_better_parser_retries_imported_pages_without_a_request(tmp_path: Path) -> None:
    from newsetl.pipeline.retry_rejects import retry_rejects

    strict = replace(STDAILY, parse=replace(STDAILY.parse, min_text_chars=100_000))
    file = put(tmp_path / "x.warc.gz", warc(map(response, STORIES[:3]))[0])
    put(tmp_path / "gone.html", article_pages.render_soft_404(), replica_runs.now() - timedelta(hours=1))
    done = import_paths(tmp_path / "data", [file, tmp_path / "gone.html"], source=strict)
    assert done.summary.rejected.total() == 4
    data = DataFolder(tmp_path / "data")
    with recover.open_warehouse(data, clock=replica_runs.now) as warehouse:
        assert not warehouse.crawl_state.find_due_links("stdaily", now=replica_runs.now() + timedelta(days=2))
        assert not warehouse.crawl_state.get_known_urls("stdaily", due_before=replica_runs.now()) & {
            HOME + s.paths[0] for s in STORIES
        }
        again = retry_rejects(
            STDAILY, warehouse, data.archive, clock=replica_runs.now, contact="me@example.org"
        )
    assert (again.from_archive, again.from_network, again.skipped) == (3, 0, 0)
    assert rows(tmp_path / "data", "SELECT reason FROM open_rejects") == [("soft_404",)]
    assert rows(tmp_path / "data", "SELECT count(*) FROM requests") == [(0,)]


def test_the_reject_of_a_corrected_file_is_resolved(tmp_path: Path) -> None:
    file = put(tmp_path / "x.html", build_page(1)[:90])
    assert import_paths(tmp_path / "data", [file]).summary.rejected.total() == 1
    put(file, build_page(1), SAVED_AT + timedelta(days=1))
    assert import_paths(tmp_path / "data", [file]).summary.new == 1
    assert rows(tmp_path / "data", "SELECT count(*) FROM open_rejects") == [(0,)]
    assert rows(tmp_path / "data", "SELECT count(*) FROM rejects WHERE resolved_at IS NOT NULL") == [(1,)]
