"""Drafts by `newsetl source new` of three sites with different layouts."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from newsetl import sources
from newsetl.authoring import examples, page_hints, url_patterns
from newsetl.authoring.draft import Draft, build_slug, draft_source, write_draft
from newsetl.cli.warehouse_access import now
from newsetl.errors import ConfigError, DiscoverError
from newsetl.model import Article
from newsetl.normalise import article_json
from newsetl.pipeline import parse_page
from newsetl.replica import MockServer, MockSite, other_sites
from newsetl.replica.response import HTML, MockResponse
from newsetl.sources.config import Source
from tests.support.page_factory import build_capture

URLS = {
    "json-ld": "https://www.harbourpost.de/",
    "meta-tags": "https://valley-gazette.in/",
    None: "https://www.example.cn/web/English/index.html",
}
# Right values of each source file.
EXPECTED = {
    "json-ld": {
        "slug": "harbourpost", "name": "The Harbour Post", "language": "en", "timezone": "Europe/Berlin",
        "feeds": ("/feeds/all.rss",), "sitemaps": (), "section": "(?!)", "rows": (".cards > div",),
        "suffixes": ("The Harbour Post",), "contents": (".story-body",),
    },
    "meta-tags": {
        "slug": "valley_gazette", "name": "Valley Gazette", "language": "en", "timezone": "Asia/Kolkata",
        "feeds": (), "sitemaps": ("/maps/stories.xml",), "section": "(?!)", "rows": ("#latest > li",),
        "suffixes": ("Valley Gazette",), "contents": ("#text",),
    },
    None: {
        "slug": "example", "name": "EnglishChannel", "language": "en", "timezone": "Asia/Shanghai",
        "feeds": ("/rss.xml",), "sitemaps": ("/sitemap.xml",), "rows": (".f_lieb_list > dl",),
        "section": r"^/web/English/node_\d+\.html$|^/English/\w+/common_list\.shtml$",
        "suffixes": ("中国科技网",), "contents": ("#printContent",),
    },
}  # fmt: skip
# Number of right fields, of 16, and the names of the other fields.
RIGHT_FIELDS = {
    "json-ld": (15, {"sections"}),
    "meta-tags": (15, {"sections"}),
    None: (13, {"sections", "section", "suffixes"}),
}


@pytest.fixture(scope="module", params=list(URLS), ids=str)
def site(request: pytest.FixtureRequest) -> Iterator[tuple[other_sites.Layout | None, MockServer, Draft]]:
    mock_site = MockSite(articles=60, since=date(2026, 9, 1), until=date(2026, 9, 30))
    with MockServer(mock_site, layout=request.param) as server:
        yield request.param, server, draft_site(server, URLS[request.param])


def draft_site(server: MockServer, url: str, **options: object) -> Draft:
    settings = {"slug": None, "base_url": server.base_url, "contact": None, "articles": 3} | options
    return draft_source(url, clock=now, on_progress=lambda _: None, **settings)  # type: ignore[arg-type]


def compare_articles(
    layout: other_sites.Layout | None, server: MockServer, source: Source
) -> dict[str, bool]:
    """Return for each field True if it is parsed right in every article of the mock site."""
    right = dict.fromkeys(("title", "authors", "published_at", "text"), True)
    articles = [each for each in server.site.listed_articles if not each.reject_reason and not each.is_review]
    assert len(articles) > 40
    for article in articles:
        path = other_sites.get_path(layout, article) if layout else article.paths[0]
        expected = (
            other_sites.build_expected(layout, article) if layout else article.build_expected(server.base_url)
        )
        url = f"{source.scheme}://{source.host}{path}"
        outcome = parse_page.parse_page(build_capture(server.respond(path).body, url), source)
        parsed = (
            article_json.build_article_json(outcome, source, path) if isinstance(outcome, Article) else {}
        )
        for field in right:
            right[field] = right[field] and parsed.get(field) == expected[field]
    return right


def test_most_of_a_draft_is_right_without_an_edit(
    site: tuple[other_sites.Layout | None, MockServer, Draft],
) -> None:
    layout, server, draft = site
    source, expected = draft.source, EXPECTED[layout]
    paths = {
        path
        for article in server.site.listed_articles
        if not layout or not (article.reject_reason or article.is_review)
        for path in ([other_sites.get_path(layout, article)] if layout else article.paths)
    }
    others = (
        "/",
        "/about",
        "/contact.html",
        "/desk/world",
        "/web/English/node_471.html",
        "/web/video/index.html",
    )
    results = {
        "slug": source.slug == expected["slug"],
        "name": source.name == expected["name"],
        "language": source.language == expected["language"],
        "timezone": source.timezone.key == expected["timezone"],
        "feeds": tuple(map(get_path, source.discover.feeds)) == expected["feeds"],
        "sitemaps": tuple(map(get_path, source.discover.sitemaps)) == expected["sitemaps"],
        "index": source.discover.start_urls == (URLS[layout],),
        "section": source.discover.listing_url_pattern.pattern == expected["section"],
        "rows": source.discover.listing_item_selectors == expected["rows"],
        "url_forms": all(is_article_path(source, path) for path in paths)
        and not any(is_article_path(source, path) for path in others),
        "sections": {*source.sections.values()}
        == {article.section.label for article in server.site.listed_articles},
        "suffixes": source.parse.title_suffixes == expected["suffixes"],
        "contents": source.parse.content_selectors == expected["contents"],
    }
    article_results = compare_articles(layout, server, source)
    results |= {name: article_results[name] for name in ("title", "authors", "published_at")}
    right = [name for name, is_right in results.items() if is_right]
    assert len(results) == 16
    assert (len(right), set(results) - set(right)) == RIGHT_FIELDS[layout]
    assert article_results["text"], layout


def get_path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def is_article_path(source: Source, path: str) -> bool:
    return any(form.pattern.search(path) for form in source.url_forms)


def test_a_draft_is_written_once_with_an_example_to_fill_in(
    site: tuple[other_sites.Layout | None, MockServer, Draft], tmp_path: Path
) -> None:
    _, _, draft = site
    file = write_draft(draft, tmp_path)
    source = sources.load_file(file)
    differences = list(examples.compare_examples(source, examples.get_examples_folder(file)))
    blanks = {
        difference.partition(":")[0]
        for _, difference in differences
        if difference.endswith("what the page says")
    }
    # The only differences are the fields that were not found and are blank.
    assert len(blanks) == len(differences)
    assert blanks <= {"section", "agency", "authors", "editors"}
    with pytest.raises(ConfigError, match="exists already; give another name with --slug"):
        write_draft(draft, tmp_path)


def test_a_front_page_that_scripts_fill_is_an_error() -> None:
    class Shell(MockServer):
        def respond(self, path: str) -> MockResponse:  # noqa: ARG002  # all pages are the same
            return MockResponse(
                b'<html><body><div id="app"></div><script src="/app.js"></script></body></html>', HTML
            )

    with Shell(MockSite(articles=10, since=date(2026, 9, 1), until=date(2026, 9, 2))) as server:
        with pytest.raises(
            DiscoverError, match="the page needs JavaScript, which newsetl does not run: declare a feed"
        ):
            draft_site(server, "https://www.example.org/")
        with pytest.raises(ConfigError, match="not an absolute URL; write one"):
            draft_site(server, "www.example.org")
        with pytest.raises(ConfigError, match=r"slug: is 'My Site'; use lower-case letters.*--slug"):
            draft_site(server, "https://www.example.org/", slug="My Site")


@pytest.mark.parametrize(
    ("paths", "pattern"),
    [
        (("/n3/2021/1001/c90000-9903412.html", "/n3/2022/0529/c90000-9855458.html"),
         r"^/n3/(?P<year>\d{4})/(?P<month>\d\d)(?P<day>\d\d)/c\d+-\d+\.html$"),
        (("/news/2024-08-26/Young-hands-1wnm1yS/p.html", "/news/2024-08-27/A-boat-that-1wnm1yS/p.html"),
         r"^/news/(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)/[\w%.-]+/p\.html$"),
        (("/page/202103/1219898.shtml", "/page/202104/1219899.shtml"),
         r"^/page/(?P<year>\d{4})(?P<month>\d\d)/\d+\.shtml$"),
        (("/20240508/5c6b935f325d4c05949c/c.html", "/20240509/5c6b935f325d4c059490/c.html"),
         r"^/(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)/[0-9a-f]{20}/c\.html$"),
        (("/news/sci-tech/2025-02-14/detail-ihen8760.shtml", "/news/voices/2025-02-14/detail-ihen8761.shtml"),
         r"^/news/(?P<folder>[\w-]+)/(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)/[\w%.-]+\.shtml$"),
    ],
)  # fmt: skip
def test_url_patterns_are_inferred_from_two_urls(paths: tuple[str, str], pattern: str) -> None:
    groups = url_patterns.group_urls((path, "A headline that is long enough for one") for path in paths)
    (form,) = url_patterns.select_article_groups(groups)
    assert form.pattern == pattern
    assert all(re.search(form.pattern, path) for path in paths)


@pytest.mark.parametrize(
    ("host", "slug"),
    [
        ("www.chinadaily.com.cn", "chinadaily"),
        ("english.scio.gov.cn", "scio"),
        ("www.bbc.co.uk", "bbc"),
        ("valley-gazette.in:8080", "valley_gazette"),
        ("localhost", "localhost"),
        ("www.20minutes.fr", "n20minutes"),
    ],
)
def test_a_slug_is_built_from_the_registered_part_of_the_host(host: str, slug: str) -> None:
    assert build_slug(host) == slug


def test_a_zone_is_guessed_from_country_and_times() -> None:
    assert page_hints.guess_timezone("www.example.cn", [])[0] == "Asia/Shanghai"
    assert page_hints.guess_timezone("www.example.org", []) == (
        "UTC",
        "nothing: neither the host nor an article states a zone",
    )


def test_a_zone_is_guessed_from_times_anywhere_in_the_scripts() -> None:
    json_ld = '{"@graph": [{"dateModified": "2026-03-04T08:15:00+08:00"}], }'
    script = f'<script type="application/ld+json">{json_ld}</script>'
    tag = '<meta property="article:modified_time" content="2026-03-04T08:15:00+08:00">'
    for html in (script, tag):
        stated = page_hints.find_times([BeautifulSoup(html, "lxml")])
        assert page_hints.guess_timezone("www.example.org", stated)[0] == "Etc/GMT-8"


def test_a_folder_has_the_label_of_the_link_to_it() -> None:
    links = [
        ("/news/sci-tech/", "Sci & Tech"),
        ("/news/sci-tech/index.html", "Sci & Tech"),
        ("/news/sci-tech/", "More"),
        ("/voices", "Voices"),
        ("/news/sci-tech/2026-03-04/a.shtml", "Ferry"),
        ("/world/", "A headline that is far too long to be the name of a section"),
    ]
    assert page_hints.find_folder_labels(links) == {"sci-tech": "Sci & Tech", "voices": "Voices"}
