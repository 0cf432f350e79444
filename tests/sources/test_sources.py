"""Parsing of source files, and error messages with file, key and fix."""

from importlib import resources
from pathlib import Path

import pytest

from newsetl import sources
from newsetl.errors import SourceError

GOOD = (resources.files("newsetl.sources") / "stdaily.toml").read_text(encoding="utf-8")

MISTAKES = {
    "unknown key": ("[fetch]", "[fetch]\npaws = 2", "fetch.paws: is an unknown key; use one of "),
    "missing key": ('slug = "stdaily"', "", "slug: is missing; add slug ="),
    "missing table": ("[discover]", "[discovers]", "discover: is missing"),
    "wrong type": ("timeout = 30", 'timeout = "30"', "fetch.timeout: is '30'; write a number"),
    "out of range": ("min_delay = 1.0", "min_delay = -1.0", "fetch.min_delay: is -1.0; the minimum is 0"),
    "bad pattern": (
        "'^/web/English/node_",
        "'^/web/English/(node_",
        "discover.listing_url_pattern: '^/web/English/(node_",
    ),
    "pattern without its group": ("(?P<month>", "(?P<moon>", "url_forms[1].pattern:"),
    "bad selector": (
        ".f_lieb_list > dl",
        ".f_lieb_list >> dl",
        "discover.listing_item_selectors: '.f_lieb_list >> dl' is not a CSS",
    ),
    "unknown time zone": (
        "Asia/Shanghai",
        "Asia/Shanghi",
        "timezone: is 'Asia/Shanghi', not an IANA time zone",
    ),
    "invalid minute": (
        '"30 6 * * *"',
        '"60 6 * * *"',
        "schedule: is '60 6 * * *' (Bad minute); write minute hour",
    ),
    "cron with seconds": (
        '"30 6 * * *"',
        '"0 30 6 * * *"',
        "schedule: is '0 30 6 * * *' (6 fields); write",
    ),
    "day that does not exist": ('"30 6 * * *"', '"0 0 31 2 *"', "schedule: is '0 0 31 2 *' ("),
    "invalid URL": ('home = "https://', 'home = "htps://', "home: is 'htps://"),
    "no date": ("first_day = 2017-01-01", 'first_day = "2017"', "first_day: is '2017'; write a date"),
    "minimum delay of the Wayback Machine": (
        "min_delay = 3.0",
        "min_delay = 2.9",
        "wayback.min_delay: is 2.9; the minimum is 3",
    ),
    "minimum delay of Common Crawl": (
        "min_delay = 1.5",
        "min_delay = 0",
        "commoncrawl.min_delay: is 0; the minimum is 1",
    ),
    "prefix on another host": (
        '"m.stdaily.com/English/*',
        '"m.stdaily.org/English/*',
        "'m.stdaily.org/English/*/{year}{month}/': unknown host; begin with one of www.stdaily.com",
    ),
    "unknown placeholder": (
        "/web/English/{year}-{month}/",
        "/web/English/{year}-{moon}/",
        "'www.stdaily.com/web/English/{year}-{moon}/': unknown placeholder {moon}; use {year}, {month}",
    ),
    "service without URL": (
        'url = "https://search.stdaily.com:8888/xy/Search.do"\n',
        "",
        "search.url: is missing",
    ),
    "unknown field of the metadata record": (
        'agency = "sourcename"',
        'agent = "sourcename"',
        "parse.record_tags.agent: is an unknown key; use one of title, agency",
    ),
    "no image attribute": (
        'image_attributes = ["src", "data-src", "data-original"]',
        "image_attributes = []",
        "parse.image_attributes: is too short; give at least 1",
    ),
    "correction to nothing": (
        "[people]",
        '[people]\n"A Qiao" = " "',
        'people."A Qiao": is an empty name',
    ),
    "correction that is no text": (
        "[people]",
        '[people]\n"A Qiao" = 3',
        "people: is {'A Qiao': 3}; write texts only",
    ),
    "two corrections of one name": (
        "[people]",
        '[people]\n"A Qiao" = "乔"\n"a  qiao" = "桥"',
        'people."a  qiao": occurs twice, apart from case',
    ),
    "correction to a corrected name": (
        "[people]",
        '[people]\n"A Qiao" = "b qiao"\n"B Qiao" = "乔砚林"',
        "people.\"A Qiao\": is 'b qiao', which is itself corrected; write the final name",
    ),
    "syntax": ("[parse]", "[read", "not valid TOML"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_an_invalid_file_is_reported_with_file_key_and_fix(mistake: str, tmp_path: Path) -> None:
    before, after, message = MISTAKES[mistake]
    assert before in GOOD
    file = tmp_path / "mine.toml"
    file.write_text(GOOD.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        sources.load_file(file)
    assert str(raised.value).startswith(f"{file}: ")
    assert message in str(raised.value)


def test_a_name_may_be_corrected_to_itself(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        GOOD.replace("[people]", '[people]\n"LI Na" = "Li Na"\n"N. Li" = "li na"'), encoding="utf-8"
    )
    assert sources.load_file(file).people == {"LI Na": "Li Na", "N. Li": "li na"}


def test_every_packaged_source_loads() -> None:
    for slug in sources.list_all():
        assert sources.load(slug).verified, slug
    # Sources that were never checked against live pages are disabled.
    assert sources.list_enabled() == ("stdaily",)
    source = sources.load("stdaily")
    assert (source.slug, source.host, source.scheme) == ("stdaily", "www.stdaily.com", "https")


def test_services_and_feeds_may_be_left_out(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    before, rest = GOOD.split("# Search service", 1)
    file.write_text(before + "[parse]\n" + rest.split("\n[parse]\n", 1)[1], encoding="utf-8")
    source = sources.load_file(file)
    assert (source.search, source.wayback, source.commoncrawl, source.discover.feeds) == (
        None,
        None,
        None,
        (),
    )
    file.write_text(GOOD.replace("[discover]", '[discover]\nfeeds = ["https://www.stdaily.com/rss.xml"]'))
    assert sources.load_file(file).discover.feeds == ("https://www.stdaily.com/rss.xml",)
    assert sources.load("stdaily").min_delays["web.archive.org"] == 3


def test_the_error_for_an_unknown_source_lists_the_sources() -> None:
    with pytest.raises(
        SourceError, match=r"no source named 'nowhere'; use one of cgtn, .*stdaily, xinhua, or give"
    ):
        sources.load("nowhere")


def test_a_base_url_moves_every_url_and_removes_the_minimum_delays() -> None:
    moved = sources.load("stdaily").with_base_url("http://127.0.0.1:8000/")
    assert moved.hosts == ("127.0.0.1:8000", "localhost:8000")
    assert moved.fetch.min_delay == 0
    assert {
        url.split("/web")[0].split("/sitemap")[0]
        for url in (*moved.discover.start_urls, *moved.discover.sitemaps)
    } == {"http://127.0.0.1:8000"}
    assert moved.search
    assert moved.wayback
    assert moved.commoncrawl
    services = (moved.search, moved.wayback, moved.commoncrawl)
    assert {url.split("/")[2] for service in services for url in service.urls} == {"127.0.0.1:8000"}
    assert moved.wayback.cdx == "http://127.0.0.1:8000/cdx/search/cdx"
    assert {prefix.split("/")[0] for prefix in moved.wayback.prefixes} == {"127.0.0.1:8000"}
    assert {*moved.min_delays.values()} == {0.0}
    with pytest.raises(SourceError, match="not a URL"):
        moved.with_base_url("127.0.0.1:8000")
