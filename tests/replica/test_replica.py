"""Mock site: the layouts and URLs of the real site, the same for the same seed."""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from bs4 import BeautifulSoup

from newsetl.errors import ConfigError
from newsetl.reasons import Reason
from newsetl.replica import MockArticle, MockServer, MockSite

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 20)
ARTICLE = re.compile(r"/(?:web/)?English/.*(?:content_\d+\.s?html|[0-9a-f]{32}\.shtml)$")


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(MockSite(since=SINCE, until=UNTIL)) as running:
        yield running


@pytest.fixture
def client(server: MockServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.base_url, trust_env=False) as client:
        yield client


def list_readable(site: MockSite) -> list[MockArticle]:
    return [article for article in site.listed_articles if not article.reject_reason]


def parse_names(label: str, lines: list[str]) -> list[str]:
    """Return the names on the first line with the label."""
    line = next((line for line in lines if line.startswith(label)), label).removeprefix(label).strip()
    return [" ".join(name.split()) for name in re.split(r"\s*[&、,]\s*|\s+and\s+", line) if name]


def without_top_news(page: str, base: str) -> str:
    return re.sub(r'<div class="topnews">.*?</div>', "", page, flags=re.S).replace(base, "")


def parse_rows(client: httpx.Client, path: str) -> tuple[list[tuple[str, datetime]], BeautifulSoup]:
    soup = BeautifulSoup(client.get(path).text, "lxml")
    rows = []
    for row in soup.select(".f_lieb_list > dl"):
        stamp = row.select(".sourthTime span")[1].text
        rows.append(
            (urlsplit(str(row.select("h3 a")[0]["href"])).path, datetime.fromisoformat(stamp + "+08:00"))
        )
    return rows, soup


def iterate_rows(client: httpx.Client, path: str) -> Iterator[tuple[str, datetime]]:
    """Yield all rows of a section, following its links to the next page."""
    while path:
        rows, soup = parse_rows(client, path)
        yield from rows
        after = soup.select_one("li.page-next a")
        path = str(after["href"]) if after else ""


def list_sections(client: httpx.Client) -> list[str]:
    nav = BeautifulSoup(client.get("/web/English/index.html").text, "lxml").select(".nav a")
    return [str(a["href"]) for a in nav if re.match(r"/web/English/node_\d+\.html", str(a["href"]))]


def test_the_same_seed_gives_the_same_site() -> None:
    one, two, other = (MockSite(articles=30, since=SINCE, until=UNTIL, seed=seed) for seed in (5, 5, 6))
    assert one.listed_articles == two.listed_articles
    assert [article.title for article in one.listed_articles] != [
        article.title for article in other.listed_articles
    ]
    with MockServer(one) as a, MockServer(two) as b:
        for path in (
            *one.listed_articles[3].paths,
            *one.listed_articles[20].paths,
            "/web/English/node_471.html",
            "/sitemap.xml",
        ):
            httpx.get(a.base_url)  # so that the two servers are at different Top News
            first, second = httpx.get(a.base_url + path).text, httpx.get(b.base_url + path).text
            assert without_top_news(first, a.base_url) == without_top_news(second, b.base_url)


def test_times_are_in_the_window_oldest_first() -> None:
    articles = MockSite(articles=500, since=SINCE, until=UNTIL).listed_articles
    stamps = [article.published_at for article in articles]
    assert stamps == sorted(stamps)
    assert stamps[0].date() == SINCE
    assert stamps[-1].date() == UNTIL
    assert stamps[-1].hour < 8
    assert {stamp.utcoffset() for stamp in stamps} == {timedelta(hours=8)}
    with pytest.raises(ConfigError, match="after until"):
        MockSite(since=UNTIL, until=SINCE)


def test_url_forms_follow_the_date() -> None:
    site = MockSite(articles=600, since=date(2021, 6, 1), until=date(2026, 6, 30))
    form = {
        "web": r"/web/English/\d{4}-\d\d/\d\d/content_\d+\.html",
        "hashed": r"/English/\w+/\d{6}/[0-9a-f]{32}\.shtml",
        "dated": r"/English/\w+/\d{4}-\d\d/\d\d/content_\d{7}\.shtml",
    }
    seen: dict[str, set[tuple[str, ...]]] = {}
    for article in site.listed_articles:
        kinds = tuple(kind for path in article.paths for kind in form if re.fullmatch(form[kind], path))
        assert len(kinds) == len(article.paths)
        day = article.published_at.date()
        age = (
            "dated" if day < date(2022, 1, 1) else "hashed" if day < date(2023, 2, 1)
            else "both" if day < date(2024, 5, 1) else "web"
        )  # fmt: skip
        seen.setdefault(age, set()).add(kinds)
    assert seen == {
        "dated": {("dated",)},
        "hashed": {("hashed",)},
        "both": {("web", "hashed"), ("hashed",), ("web",)},
        "web": {("web",)},
    }
    web = [
        int(article.paths[0].rpartition("_")[2][:-5]) for article in site.listed_articles if article.is_web
    ]
    assert web != sorted(web)
    assert len({path for article in site.listed_articles for path in article.paths}) == sum(
        len(s.paths) for s in site.listed_articles
    )


def test_a_recent_site_still_has_old_urls(server: MockServer) -> None:
    articles = list_readable(server.site)
    assert len(articles) == 120
    assert sum(len(article.paths) == 2 for article in articles) in range(7, 13)
    assert sum(not article.is_web for article in articles) in range(4, 9)


def test_listings_have_every_article_once(server: MockServer, client: httpx.Client) -> None:
    paths = list_sections(client)
    assert len(paths) == 7
    rows = [row for path in paths for row in iterate_rows(client, path)]
    assert sorted(path for path, _ in rows) == sorted(
        article.paths[0] for article in server.site.listed_articles
    )
    stamps = {article.paths[0]: article.published_at for article in server.site.listed_articles}
    assert {(stamp - stamps[path]).total_seconds() for path, stamp in rows} == {0, 1}


def test_listing_pages_are_sixteen_rows_and_at_most_ten() -> None:
    site = MockSite(articles=1000, since=SINCE, until=UNTIL)
    with MockServer(site) as server, httpx.Client(base_url=server.base_url) as client:
        rows, soup = parse_rows(client, "/web/English/node_471.html")
        assert len(rows) == 16
        assert soup.select_one('ul.pages[pages="10"][current="1"]')
        assert (label := soup.select_one(".breadcrumb"))
        assert label.text == "position: EnglishChannel > News"
        section_rows = list(iterate_rows(client, "/web/English/node_471.html"))
        news = [article.paths[0] for article in site.listed_articles if article.section.label == "News"]
        assert [path for path, _ in section_rows] == news[::-1][:160]
        for beyond in (
            "/web/English/node_471_11.html",
            "/web/English/node_471_1.html",
            "/web/English/node_9.html",
        ):
            assert len(client.get(beyond).content) == 15175
        old = BeautifulSoup(client.get("/English/Service/common_list.shtml").text, "lxml")
        hrefs = [urlsplit(str(a["href"])).path for a in old.select(".dete li a")]
        assert (
            hrefs
            == [s.paths[-1] for s in site.listed_articles if s.section.folder == "Service" and s.old_form][
                ::-1
            ]
        )


def test_sidebars_link_to_unlisted_articles(server: MockServer, client: httpx.Client) -> None:
    soup = BeautifulSoup(client.get("/web/English/node_471.html").text, "lxml")
    links = [str(a["href"]) for a in soup.select(".aside a")]
    known = {server.base_url + path for article in server.site.listed_articles for path in article.paths}
    assert links
    assert not known & set(links)
    assert all("Source" in client.get(link).text for link in links)


def test_the_sitemap_has_the_newest_200_urls() -> None:
    site = MockSite(articles=400, since=SINCE, until=UNTIL)
    with MockServer(site) as server:
        response = httpx.get(server.base_url + "/sitemap.xml")
    locs = re.findall(r"<loc>(.*?)</loc><lastmod>(.*?)</lastmod>", response.text)
    newest = [
        (server.base_url + path, s.published_at.isoformat())
        for s in reversed(site.listed_articles)
        for path in s.paths
    ]
    assert locs == newest[:200]


def test_search_pages_through_the_matches(server: MockServer, client: httpx.Client) -> None:
    def search(**form: object) -> dict[str, Any]:
        result: dict[str, Any] = client.post("/xy/Search.do", data={"channel": 1, "siteID": 1, **form}).json()
        return result

    everything = search(pageNo=0, pageSize=20)
    assert everything["foundNum"] == len(server.site.listed_articles)
    assert [hit["url"] for hit in everything["article"]] == [
        server.base_url + article.paths[0] for article in server.site.listed_articles[::-1][:20]
    ]
    assert len(search(pageNo=6)["article"]) == len(server.site.listed_articles) - 120
    day = search(startDate="2026-11-05", endDate="2026-11-06", pageSize=100)["article"]
    assert {hit["date"][:10] for hit in day} == {"2026-11-05", "2026-11-06"}
    assert set(day[0]) == {"title", "url", "date", "sourcename", "enpcontent"}
    reviews = search(title="weekly review", pageSize=100)
    assert reviews["foundNum"] == sum(article.is_review for article in server.site.listed_articles)
    ending = list_readable(server.site)[7].content.paragraphs[-1]
    assert server.base_url + list_readable(server.site)[7].paths[0] in [
        hit["url"] for hit in search(q=ending)["article"]
    ]
    assert search(content="no such words")["foundNum"] == 0
    assert client.post("/xy/Search.do", data={"startDate": "yesterday"}).status_code == 400
    assert client.get("/founder/NewSearchServlet.do?siteID=1").status_code == 200


def test_one_article_at_two_urls(server: MockServer, client: httpx.Client) -> None:
    article = next(article for article in list_readable(server.site) if len(article.paths) == 2)
    current, old = (client.get(path).text for path in article.paths)
    assert "<!--enpcontent-->" in current
    assert current.count("<!--enpproperty ") == 1
    assert re.search(r"<date>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}</date>", current)
    assert "<urlpad>null</urlpad>" in current
    assert "fec_wrapper.js" in current.partition("</head>")[0]
    assert "DocIDforCount" in current
    assert "enpcontent" not in old
    crumb = BeautifulSoup(old, "lxml").select(".position")[0].text
    assert crumb.lower() == f"position: englishchannel > {article.section.label} > article".lower()


def test_every_page_has_its_expected_values(server: MockServer, client: httpx.Client) -> None:
    for article in list_readable(server.site):
        expected: Any = article.build_expected(server.base_url)
        assert expected["url"] == server.base_url + article.paths[0]
        for path in article.paths:
            soup = BeautifulSoup(client.get(path).text, "lxml")
            paragraphs = [" ".join(p.text.split()) for p in soup.select(".content p")]
            text = expected["text"].split("\n\n")
            start = paragraphs.index(text[0])
            body = [p for p in paragraphs[start:] if p in text]
            assert body == text
            assert " ".join(soup.select("h1")[0].text.split()) == expected["title"]
            lines = [" ".join(line.text.split()) for line in soup.select(".content p, .editor")]
            assert expected["editors"] == parse_names("Edited by", lines) + parse_names("Editor:", lines)
            agency, author = (soup.select(f".f_{label}")[0].text.strip() for label in ("source", "author"))
            assert expected["agency"] == ("Science and Technology Daily" if agency else None)
            assert expected["authors"] == (parse_names("", [author]) or parse_names("By ", lines))
            plain = " ".join(soup.text.split())
            assert expected["published_at"][:19].replace("T", " ") in plain
            assert [
                server.base_url + urlsplit(str(img["src"])).path for img in soup.select(".content img")
            ] == [image["url"] for image in expected["images"]]
            attributes = " ".join(str(img["data-original-title"]) for img in soup.select(".content img"))
            for image in expected["images"]:
                shown = " ".join((plain + " " + attributes).split())
                assert (image["caption"] or "") in shown
                assert (image["credit"] or "") in shown


def test_top_news_changes_with_the_capture(server: MockServer, client: httpx.Client) -> None:
    path = list_readable(server.site)[0].paths[0]
    first, second = client.get(path).text, client.get(path).text
    assert first != second
    assert without_top_news(first, server.base_url) == without_top_news(second, server.base_url)
    assert "<li>• <p>" in first + second


def test_soft_404(server: MockServer, client: httpx.Client) -> None:
    for path in ("/web/English/2026-11/01/content_1.html", "/English/News/202611/none.shtml"):
        response = client.get(path)
        assert (response.status_code, len(response.content)) == (200, 15175)
        assert "printContent" not in response.text
    assert client.get("/web/gdxw/node_324.html").status_code == 404
    assert client.post("/web/English/index.html").status_code == 404
    rejected = [article for article in server.site.listed_articles if article.reject_reason]
    assert [article.reject_reason for article in rejected].count(Reason.SOFT_404) == 2
    assert len(rejected) == 3
    for article in rejected:
        response = client.get(article.paths[0])
        assert response.status_code == 200
        assert article.build_expected(server.base_url) == {"rejected": {"reason": article.reject_reason}}
        assert (len(response.content) == 15175) is (article.reject_reason is Reason.SOFT_404)
        assert ("稿件详情" in response.text and 2500 < len(response.content) < 3500) is (
            article.reject_reason is Reason.REMOVED_PAGE
        )


def test_add_edit_remove(server: MockServer, client: httpx.Client) -> None:
    site = server.site
    newest = site.listed_articles[-1]
    added = site.add(5)
    assert all(article.published_at > newest.published_at for article in added)
    assert all(article.published_at.date() == UNTIL and article.published_at.hour < 8 for article in added)
    assert site.listed_articles[-5:] == added
    (late,) = site.add(day=date(2026, 11, 4))
    assert late.published_at.date() == date(2026, 11, 4)
    (next_day,) = site.add(day=date(2026, 11, 21))
    assert site.listed_articles[-1] == next_day
    assert site.until == date(2026, 11, 21)
    assert late.title in " ".join(client.get(late.paths[0]).text.replace("&nbsp;", " ").split()).replace(
        "&amp;", "&"
    )

    article = list_readable(site)[10]
    before: Any = article.build_expected(server.base_url)
    edited = site.edit(article)
    after: Any = edited.build_expected(server.base_url)
    assert {key for key in after if after[key] != before[key]} == {"text"}
    assert after["text"].rpartition("\n\n")[2] in client.get(edited.paths[-1]).text.replace("&nbsp;", " ")
    edited = site.edit(article, title="A Title Put Right")
    assert edited.build_expected(server.base_url) == {**after, "title": "A Title Put Right"}
    assert edited in site.listed_articles
    last: Any = site.edit(edited, text="The last word.").build_expected(server.base_url)
    assert last["text"].endswith("\n\nThe last word.")

    count = len(site.listed_articles)
    site.remove(edited)
    assert len(site.listed_articles) == count - 1
    assert all("稿件详情" in client.get(path).text for path in edited.paths)
    assert edited.paths[0] not in client.get("/sitemap.xml").text
    with pytest.raises(ConfigError, match="no listed article"):
        site.edit(edited)


def test_added_articles_are_before_eight_on_the_last_day() -> None:
    site = MockSite(articles=10, since=UNTIL, until=UNTIL)
    added = site.add(3000)
    stamps = [article.published_at for article in added]
    assert stamps == sorted(stamps)
    assert stamps[-1] <= datetime.fromisoformat("2026-11-20T08:00:00+08:00")


def test_conditional_requests(server: MockServer, client: httpx.Client) -> None:
    article = list_readable(server.site)[0]
    first = client.get(article.paths[0])
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    by_tag, by_date = (
        {"If-None-Match": first.headers["etag"]},
        {"If-Modified-Since": first.headers["last-modified"]},
    )
    for header in (by_tag, by_date):
        response = client.get(article.paths[0], headers=header)
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == first.headers["etag"]
    assert client.get(article.paths[0], headers={"If-None-Match": '"other"', **by_date}).status_code == 200
    assert client.get(article.paths[0], headers={"If-Modified-Since": "not a date"}).status_code == 200
    server.site.edit(article)
    assert client.get(article.paths[0], headers=by_tag).status_code == 200
    assert client.get(article.paths[0], headers=by_date).status_code == 200


def test_one_connection_many_requests_and_all_threads_joined() -> None:
    before = threading.active_count()
    with MockServer(MockSite(articles=5, since=SINCE, until=UNTIL)) as server:
        connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc)
        connection.connect()
        port = connection.sock.getsockname()
        for method, path in (("GET", "/robots.txt"), ("HEAD", "/sitemap.xml"), ("GET", "/nowhere?a=1")):
            connection.request(method, path)
            response = connection.getresponse()
            body = response.read()
            assert len(body) == (0 if method == "HEAD" else int(response.headers["Content-Length"]))
            assert connection.sock.getsockname() == port
        assert server.requests == [("GET", "/robots.txt"), ("HEAD", "/sitemap.xml"), ("GET", "/nowhere?a=1")]
        server.requests.clear()
        assert server.requests == []
    assert threading.active_count() == before
    connection.close()


FORMATS = {
    "both empty": r">Source: ?</span><span class=\"f_source\"></span> \|.*f_author\"></span>",
    "source empty": r"f_source\"></span> \|.*f_author\">[A-Z]+ \w+</span>",
    "author empty": r"f_source\">Sc[^<]+</span> \|.*f_author\"></span>",
    "lower-case labels": r">source: </span><span class=\"f_source\">science and technology daily<",
    "upper-case agency": r">SCIENCE AND TECHNOLOGY DAILY<",
    "no blank after colons": r">Source:</span>.*Author:<span",
    "no-break in agency": r"f_source\">Science&nbsp;and",
    "Chinese agency and author": r"f_source\">科技日报</span>.*f_author\">[\u4e00-\u9fff]+<",
    "Chinese author": r"f_author\">[\u4e00-\u9fff]+<",
    "reporters": r"f_author\">Staff Reporters<",
    "editorial office": r"f_author\">The Editorial Office<",
    "no-break in author": r"f_author\">[A-Z]+&nbsp;\w+<",
    "ampersand": r"f_author\">[A-Z]+ \w+ &amp; [A-Z]+ \w+<",
    "and": r"f_author\">[A-Z]+ \w+ and [A-Z]+ \w+<",
    "comma": r"f_author\">[A-Z]+ \w+, [A-Z]+ \w+<",
    "enumeration comma": r"f_author\">[\u4e00-\u9fff]+、[\u4e00-\u9fff]+<",
    "three authors": r"f_author\">[A-Z]+ \w+, [A-Z]+ \w+ and [A-Z]+ \w+<",
    "desk in the By line": r"f_author\"></span>[\s\S]*<p[^>]*>By Staff Reporters</p>",
    "By line with empty author": r"f_author\"></span>[\s\S]*<p[^>]*>By [A-Z]+ \w+</p>",
    "By line before caption": r">By [^<]+</p>\n<p[^>]+><img[^>]+></p>\n<p[^>]+>[^<]+\(PHOTO",
    "By line after caption": r"PHOTO[^<]+</p>\n<p[^>]*>By[ &]",
    "Edited by": r"<p[^>]*>Edited by [A-Z]+ \w+</p>",
    "Edited by, no-break": r"<p[^>]*>Edited&nbsp;by&nbsp;[A-Z]+&nbsp;\w+</p>",
    "editor": r">Editor: [\u4e00-\u9fff]+<",
    "editor without blank": r">Editor:[\u4e00-\u9fff]+<",
    "editors, enumeration": r">Editor: [\u4e00-\u9fff]+、[\u4e00-\u9fff]+<",
    "editors, comma": r">Editor: [\u4e00-\u9fff]+, [\u4e00-\u9fff]+<",
    "editors, ampersand": r">Editor: [A-Z]+ \w+ &amp; [A-Z]+ \w+<",
    "no editor": r"editor\"></",
    "editor inside the text": r"<p[^>]*>Editor:[^<]+</p>\n(?:<!--/enpcontent|\n</div>)",
    "caption": r">[^<]+\. \(PHOTO: VCG\)</p>",
    "caption, mark without blank": r">[^<]+\. \(PHOTO:VCG\)</p>",
    "caption, glued": r">[^<]+\.\(PHOTO: XINHUA\)</p>",
    "mark without brackets": r"<p[^>]*>PHOTO: VCG</p>",
    "mark alone": r"<p[^>]*>\(PHOTO: VCG\)</p>",
    "caption in the attribute": r"data-original-title=\"[^\"]+\(PHOTO: ?VCG\)\"",
    "credit with no-break": r"\(PHOTO:&nbsp;S&amp;T&nbsp;Daily\)",
    "credit of an office": r"\(PHOTO: Publicity Office of",
    "two pictures": r"<img[\s\S]+<p[\s\S]+<img[^>]+></p>",
    "no-break paragraph": r"<p[^>]*>(?:&nbsp;){4}</p>",
    "no-break in title": r"<h1>[^<]*&nbsp;",
    "title, colon without blank": r"<h1>[^<]+\w:\w",
    "bullets": r"(?:<p[^>]*>(?:<span>)?\* [^<]+(?:</span>)?</p>\n){3}",
    "sub-head": r"<p[^>]*>(?:<span>)?[A-Z][^<.]{8,50}(?:</span>)?</p>",
    "review": r"<h1>WEEKLY REVIEW ?\(\w+ \d+-[\w ]*\d+\)</h1>",
    "title suffix": r"<title>\s+[^<]+ - 中国科技网\s+</title>",
    "two blanks in breadcrumb": r"EnglishChannel</a>  &gt; ",
    "no blank in breadcrumb": r"</a>&gt; \w",
    "paragraph in the title field": r"<title><p>[^<]+</p></title>",
}  # fmt: skip


@pytest.mark.parametrize("start", [0, 31, 75])
def test_any_forty_articles_have_every_format(server: MockServer, client: httpx.Client, start: int) -> None:
    pages = [client.get(article.paths[0]).text for article in list_readable(server.site)[start : start + 40]]
    assert [name for name, form in FORMATS.items() if not any(re.search(form, page) for page in pages)] == []
