"""Source files: read whole, and every mistake named with file, key and fix."""

from importlib import resources
from pathlib import Path

import pytest

from newsetl import sources
from newsetl.errors import SourceError

GOOD = (resources.files("newsetl.sources") / "stdaily.toml").read_text(encoding="utf-8")

MISTAKES = {
    "unknown key": ("[fetch]", "[fetch]\npaws = 2", "fetch.paws: is not known here; known: "),
    "missing key": ('slug = "stdaily"', "", "slug: is missing; add slug ="),
    "missing table": ("[discover]", "[discovers]", "discover: is missing"),
    "wrong form": ("timeout = 30", 'timeout = "30"', "fetch.timeout: is '30', but must be a number"),
    "out of range": ("min_delay = 1.0", "pause = -1.0", "fetch.min_delay: is -1.0; the least is 0"),
    "bad pattern": (
        "'^/web/English/node_",
        "'^/web/English/(node_",
        "discover.listing_url_pattern: '^/web/English/(node_",
    ),
    "pattern without its group": ("(?P<month>", "(?P<moon>", "url_forms[1].pattern:"),
    "bad selector": (
        ".f_lieb_list > dl",
        ".f_lieb_list >> dl",
        "discover.listing_item_selectors: '.f_lieb_list >> dl' is no CSS",
    ),
    "no such zone": ("Asia/Shanghai", "Asia/Shanghi", "timezone: is 'Asia/Shanghi', no IANA time zone"),
    "no minute": (
        '"30 6 * * *"',
        '"60 6 * * *"',
        "schedule: is '60 6 * * *' (Bad minute); write minute hour",
    ),
    "seconds, too": ('"30 6 * * *"', '"0 30 6 * * *"', "schedule: is '0 30 6 * * *' (6 fields); write"),
    "a day that never comes": ('"30 6 * * *"', '"0 0 31 2 *"', "schedule: is '0 0 31 2 *' ("),
    "no address": ('home = "https://', 'home = "htps://', "home: is 'htps://"),
    "no date": ("first_day = 2017-01-01", 'first_day = "2017"', "first_day: is '2017', but must be a date"),
    "an archive pressed hard": (
        "min_delay = 3.0",
        "min_delay = 2.9",
        "wayback.min_delay: is 2.9; the least is 3",
    ),
    "a crawl pressed hard": (
        "min_delay = 1.5",
        "min_delay = 0",
        "commoncrawl.min_delay: is 0; the least is 1",
    ),
    "another's addresses": (
        '"m.stdaily.com/English/*',
        '"m.stdaily.org/English/*',
        "'m.stdaily.org/English/*/{year}{month}/' does not begin with one of www.stdaily.com",
    ),
    "no such place": (
        "/web/English/{year}-{month}/",
        "/web/English/{year}-{moon}/",
        "'www.stdaily.com/web/English/{year}-{moon}/': {moon} is no place; there are {year}",
    ),
    "a service without address": (
        'url = "https://search.stdaily.com:8888/xy/Search.do"\n',
        "",
        "search.url: is missing",
    ),
    "unknown field of the record": (
        'agency = "sourcename"',
        'agent = "sourcename"',
        "parse.record_tags.agent: is not known here; known: title, agency",
    ),
    "no attribute for pictures": (
        'image_attributes = ["src", "data-src", "data-original"]',
        "image_attributes = []",
        "read.image_attributes: is too short; give at least 1",
    ),
    "a correction to nobody": ("[people]", '[people]\n"A Qiao" = " "', 'people."A Qiao": is an empty name'),
    "a correction that is no name": (
        "[people]",
        '[people]\n"A Qiao" = 3',
        "people: is {'A Qiao': 3}, but must",
    ),
    "two corrections of a name": (
        "[people]",
        '[people]\n"A Qiao" = "乔"\n"a  qiao" = "桥"',
        'people."a  qiao": is there twice but for',
    ),
    "a correction to what is corrected": (
        "[people]",
        '[people]\n"A Qiao" = "b qiao"\n"B Qiao" = "乔砚林"',
        "people.\"A Qiao\": is 'b qiao', which stands for another itself; write that one",
    ),
    "syntax": ("[parse]", "[read", "not valid TOML"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_file_key_and_fix(mistake: str, tmp_path: Path) -> None:
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
    # What nobody has seen live is read only if it is named.
    assert sources.list_enabled() == ("stdaily",)
    source = sources.load("stdaily")
    assert (source.slug, source.host, source.scheme) == ("stdaily", "www.stdaily.com", "https")


def test_services_and_feeds_may_be_left_out(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    before, rest = GOOD.split("# The site's own search service", 1)
    file.write_text(before + "[parse]\nposition" + rest.split("[parse]\nposition", 1)[1], encoding="utf-8")
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


def test_a_source_that_does_not_exist_names_those_that_do() -> None:
    with pytest.raises(
        SourceError, match=r"no source named 'nowhere'; there are: cgtn, .*stdaily, xinhua. Your own"
    ):
        sources.load("nowhere")


def test_at_another_address_every_url_moves_and_nothing_waits() -> None:
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
    with pytest.raises(SourceError, match="not an address"):
        moved.with_base_url("127.0.0.1:8000")
