"""The replica is the channel of the facts: same shapes, same addresses, the same every time."""

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
def replica() -> Iterator[MockServer]:
    with MockServer(MockSite(since=SINCE, until=UNTIL)) as running:
        yield running


@pytest.fixture
def client(replica: MockServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=replica.base_url, trust_env=False) as client:
        yield client


def readable(channel: MockSite) -> list[MockArticle]:
    return [story for story in channel.listed_articles if not story.rejected]


def named(label: str, lines: list[str]) -> list[str]:
    """The names on the first line with the label."""
    line = next((line for line in lines if line.startswith(label)), label).removeprefix(label).strip()
    return [" ".join(name.split()) for name in re.split(r"\s*[&、,]\s*|\s+and\s+", line) if name]


def without_top_news(page: str, base: str) -> str:
    return re.sub(r'<div class="topnews">.*?</div>', "", page, flags=re.S).replace(base, "")


def rows(client: httpx.Client, path: str) -> tuple[list[tuple[str, datetime]], BeautifulSoup]:
    soup = BeautifulSoup(client.get(path).text, "lxml")
    found = []
    for row in soup.select(".f_lieb_list > dl"):
        stamp = row.select(".sourthTime span")[1].text
        found.append(
            (urlsplit(str(row.select("h3 a")[0]["href"])).path, datetime.fromisoformat(stamp + "+08:00"))
        )
    return found, soup


def listed(client: httpx.Client, path: str) -> Iterator[tuple[str, datetime]]:
    """All rows of a section, by its own links to the next page."""
    while path:
        found, soup = rows(client, path)
        yield from found
        after = soup.select_one("li.page-next a")
        path = str(after["href"]) if after else ""


def sections(client: httpx.Client) -> list[str]:
    nav = BeautifulSoup(client.get("/web/English/index.html").text, "lxml").select(".nav a")
    return [str(a["href"]) for a in nav if re.match(r"/web/English/node_\d+\.html", str(a["href"]))]


def test_same_seed_same_channel() -> None:
    one, two, other = (MockSite(articles=30, since=SINCE, until=UNTIL, seed=seed) for seed in (5, 5, 6))
    assert one.listed_articles == two.listed_articles
    assert [story.title for story in one.listed_articles] != [story.title for story in other.listed_articles]
    with MockServer(one) as a, MockServer(two) as b:
        for path in (
            *one.listed_articles[3].paths,
            *one.listed_articles[20].paths,
            "/web/English/node_471.html",
            "/sitemap.xml",
        ):
            httpx.get(a.base_url)  # so that the two stand at different turns
            first, second = httpx.get(a.base_url + path).text, httpx.get(b.base_url + path).text
            assert without_top_news(first, a.base_url) == without_top_news(second, b.base_url)


def test_stamps_lie_in_the_window_oldest_first() -> None:
    stories = MockSite(articles=500, since=SINCE, until=UNTIL).listed_articles
    stamps = [story.published_at for story in stories]
    assert stamps == sorted(stamps)
    assert stamps[0].date() == SINCE
    assert stamps[-1].date() == UNTIL
    assert stamps[-1].hour < 8
    assert {stamp.utcoffset() for stamp in stamps} == {timedelta(hours=8)}
    with pytest.raises(ConfigError, match="after until"):
        MockSite(since=UNTIL, until=SINCE)


def test_generations_follow_the_date() -> None:
    channel = MockSite(articles=600, since=date(2021, 6, 1), until=date(2026, 6, 30))
    form = {
        "web": r"/web/English/\d{4}-\d\d/\d\d/content_\d+\.html",
        "hashed": r"/English/\w+/\d{6}/[0-9a-f]{32}\.shtml",
        "dated": r"/English/\w+/\d{4}-\d\d/\d\d/content_\d{7}\.shtml",
    }
    seen: dict[str, set[tuple[str, ...]]] = {}
    for story in channel.listed_articles:
        kinds = tuple(kind for path in story.paths for kind in form if re.fullmatch(form[kind], path))
        assert len(kinds) == len(story.paths)
        day = story.published_at.date()
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
    web = [int(story.paths[0].rpartition("_")[2][:-5]) for story in channel.listed_articles if story.is_web]
    assert web != sorted(web)
    assert len({path for story in channel.listed_articles for path in story.paths}) == sum(
        len(s.paths) for s in channel.listed_articles
    )


def test_recent_channel_still_shows_old_addresses(replica: MockServer) -> None:
    stories = readable(replica.site)
    assert len(stories) == 120
    assert sum(len(story.paths) == 2 for story in stories) in range(7, 13)
    assert sum(not story.is_web for story in stories) in range(4, 9)


def test_listings_announce_every_story_once(replica: MockServer, client: httpx.Client) -> None:
    paths = sections(client)
    assert len(paths) == 7
    found = [row for path in paths for row in listed(client, path)]
    assert sorted(path for path, _ in found) == sorted(
        story.paths[0] for story in replica.site.listed_articles
    )
    stamps = {story.paths[0]: story.published_at for story in replica.site.listed_articles}
    assert {(stamp - stamps[path]).total_seconds() for path, stamp in found} == {0, 1}


def test_listing_pages_are_sixteen_rows_and_at_most_ten() -> None:
    channel = MockSite(articles=1000, since=SINCE, until=UNTIL)
    with MockServer(channel) as replica, httpx.Client(base_url=replica.base_url) as client:
        found, soup = rows(client, "/web/English/node_471.html")
        assert len(found) == 16
        assert soup.select_one('ul.pages[pages="10"][current="1"]')
        assert (label := soup.select_one(".breadcrumb"))
        assert label.text == "position: EnglishChannel > News"
        whole = list(listed(client, "/web/English/node_471.html"))
        news = [story.paths[0] for story in channel.listed_articles if story.section.label == "News"]
        assert [path for path, _ in whole] == news[::-1][:160]
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
            == [s.paths[-1] for s in channel.listed_articles if s.section.folder == "Service" and s.old_form][
                ::-1
            ]
        )


def test_sidebars_hold_live_articles_that_nothing_announces(
    replica: MockServer, client: httpx.Client
) -> None:
    soup = BeautifulSoup(client.get("/web/English/node_471.html").text, "lxml")
    links = [str(a["href"]) for a in soup.select(".aside a")]
    known = {replica.base_url + path for story in replica.site.listed_articles for path in story.paths}
    assert links
    assert not known & set(links)
    assert all("Source" in client.get(link).text for link in links)


def test_sitemap_has_the_newest_two_hundred_addresses() -> None:
    channel = MockSite(articles=400, since=SINCE, until=UNTIL)
    with MockServer(channel) as replica:
        answer = httpx.get(replica.base_url + "/sitemap.xml")
    locs = re.findall(r"<loc>(.*?)</loc><lastmod>(.*?)</lastmod>", answer.text)
    newest = [
        (replica.base_url + path, s.published_at.isoformat())
        for s in reversed(channel.listed_articles)
        for path in s.paths
    ]
    assert locs == newest[:200]


def test_search_pages_through_what_fits(replica: MockServer, client: httpx.Client) -> None:
    def found(**form: object) -> dict[str, Any]:
        answer: dict[str, Any] = client.post("/xy/Search.do", data={"channel": 1, "siteID": 1, **form}).json()
        return answer

    everything = found(pageNo=0, pageSize=20)
    assert everything["foundNum"] == len(replica.site.listed_articles)
    assert [hit["url"] for hit in everything["article"]] == [
        replica.base_url + story.paths[0] for story in replica.site.listed_articles[::-1][:20]
    ]
    assert len(found(pageNo=6)["article"]) == len(replica.site.listed_articles) - 120
    day = found(startDate="2026-11-05", endDate="2026-11-06", pageSize=100)["article"]
    assert {hit["date"][:10] for hit in day} == {"2026-11-05", "2026-11-06"}
    assert set(day[0]) == {"title", "url", "date", "sourcename", "enpcontent"}
    reviews = found(title="weekly review", pageSize=100)
    assert reviews["foundNum"] == sum(story.is_review for story in replica.site.listed_articles)
    ending = readable(replica.site)[7].content.paragraphs[-1]
    assert replica.base_url + readable(replica.site)[7].paths[0] in [
        hit["url"] for hit in found(q=ending)["article"]
    ]
    assert found(content="no such words")["foundNum"] == 0
    assert client.post("/xy/Search.do", data={"startDate": "yesterday"}).status_code == 400
    assert client.get("/founder/NewSearchServlet.do?siteID=1").status_code == 200


def test_one_story_under_two_addresses(replica: MockServer, client: httpx.Client) -> None:
    story = next(story for story in readable(replica.site) if len(story.paths) == 2)
    current, old = (client.get(path).text for path in story.paths)
    assert "<!--enpcontent-->" in current
    assert current.count("<!--enpproperty ") == 1
    assert re.search(r"<date>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}</date>", current)
    assert "<urlpad>null</urlpad>" in current
    assert "fec_wrapper.js" in current.partition("</head>")[0]
    assert "DocIDforCount" in current
    assert "enpcontent" not in old
    crumb = BeautifulSoup(old, "lxml").select(".position")[0].text
    assert crumb.lower() == f"position: englishchannel > {story.section.label} > article".lower()


def test_truth_stands_on_every_page(replica: MockServer, client: httpx.Client) -> None:
    for story in readable(replica.site):
        truth: Any = story.build_expected(replica.base_url)
        assert truth["url"] == replica.base_url + story.paths[0]
        for path in story.paths:
            soup = BeautifulSoup(client.get(path).text, "lxml")
            paragraphs = [" ".join(p.text.split()) for p in soup.select(".content p")]
            text = truth["text"].split("\n\n")
            start = paragraphs.index(text[0])
            body = [p for p in paragraphs[start:] if p in text]
            assert body == text
            assert " ".join(soup.select("h1")[0].text.split()) == truth["title"]
            lines = [" ".join(line.text.split()) for line in soup.select(".content p, .editor")]
            assert truth["editors"] == named("Edited by", lines) + named("Editor:", lines)
            agency, author = (soup.select(f".f_{label}")[0].text.strip() for label in ("source", "author"))
            assert truth["agency"] == ("Science and Technology Daily" if agency else None)
            assert truth["authors"] == (named("", [author]) or named("By ", lines))
            plain = " ".join(soup.text.split())
            assert truth["published_at"][:19].replace("T", " ") in plain
            assert [
                replica.base_url + urlsplit(str(img["src"])).path for img in soup.select(".content img")
            ] == [image["url"] for image in truth["images"]]
            attributes = " ".join(str(img["data-original-title"]) for img in soup.select(".content img"))
            for image in truth["images"]:
                shown = " ".join((plain + " " + attributes).split())
                assert (image["caption"] or "") in shown
                assert (image["credit"] or "") in shown


def test_top_news_changes_with_the_capture(replica: MockServer, client: httpx.Client) -> None:
    path = readable(replica.site)[0].paths[0]
    first, second = client.get(path).text, client.get(path).text
    assert first != second
    assert without_top_news(first, replica.base_url) == without_top_news(second, replica.base_url)
    assert "<li>• <p>" in first + second


def test_soft_404(replica: MockServer, client: httpx.Client) -> None:
    for path in ("/web/English/2026-11/01/content_1.html", "/English/News/202611/none.shtml"):
        answer = client.get(path)
        assert (answer.status_code, len(answer.content)) == (200, 15175)
        assert "printContent" not in answer.text
    assert client.get("/web/gdxw/node_324.html").status_code == 404
    assert client.post("/web/English/index.html").status_code == 404
    rejected = [story for story in replica.site.listed_articles if story.rejected]
    assert [story.rejected for story in rejected].count(Reason.SOFT_404) == 2
    assert len(rejected) == 3
    for story in rejected:
        answer = client.get(story.paths[0])
        assert answer.status_code == 200
        assert story.build_expected(replica.base_url) == {"rejected": {"reason": story.rejected}}
        assert (len(answer.content) == 15175) is (story.rejected is Reason.SOFT_404)
        assert ("稿件详情" in answer.text and 2500 < len(answer.content) < 3500) is (
            story.rejected is Reason.REMOVED_PAGE
        )


def test_add_change_remove(replica: MockServer, client: httpx.Client) -> None:
    channel = replica.site
    newest = channel.listed_articles[-1]
    added = channel.add(5)
    assert all(story.published_at > newest.published_at for story in added)
    assert all(story.published_at.date() == UNTIL and story.published_at.hour < 8 for story in added)
    assert channel.listed_articles[-5:] == added
    (late,) = channel.add(day=date(2026, 11, 4))
    assert late.published_at.date() == date(2026, 11, 4)
    (next_day,) = channel.add(day=date(2026, 11, 21))
    assert channel.listed_articles[-1] == next_day
    assert channel.until == date(2026, 11, 21)
    assert late.title in " ".join(client.get(late.paths[0]).text.replace("&nbsp;", " ").split()).replace(
        "&amp;", "&"
    )

    story = readable(channel)[10]
    before: Any = story.build_expected(replica.base_url)
    edited = channel.edit(story)
    after: Any = edited.build_expected(replica.base_url)
    assert {key for key in after if after[key] != before[key]} == {"text"}
    assert after["text"].rpartition("\n\n")[2] in client.get(edited.paths[-1]).text.replace("&nbsp;", " ")
    edited = channel.edit(story, title="A Title Put Right")
    assert edited.build_expected(replica.base_url) == {**after, "title": "A Title Put Right"}
    assert edited in channel.listed_articles
    again: Any = channel.edit(edited, text="The last word.").build_expected(replica.base_url)
    assert again["text"].endswith("\n\nThe last word.")

    count = len(channel.listed_articles)
    channel.remove(edited)
    assert len(channel.listed_articles) == count - 1
    assert all("稿件详情" in client.get(path).text for path in edited.paths)
    assert edited.paths[0] not in client.get("/sitemap.xml").text
    with pytest.raises(ConfigError, match="lists no story"):
        channel.edit(edited)


def test_adding_never_passes_eight_on_the_last_day() -> None:
    channel = MockSite(articles=10, since=UNTIL, until=UNTIL)
    added = channel.add(3000)
    stamps = [story.published_at for story in added]
    assert stamps == sorted(stamps)
    assert stamps[-1] <= datetime.fromisoformat("2026-11-20T08:00:00+08:00")


def test_conditional_requests(replica: MockServer, client: httpx.Client) -> None:
    story = readable(replica.site)[0]
    first = client.get(story.paths[0])
    assert first.headers["content-type"] == "text/html; charset=utf-8"
    by_tag, by_date = (
        {"If-None-Match": first.headers["etag"]},
        {"If-Modified-Since": first.headers["last-modified"]},
    )
    for header in (by_tag, by_date):
        answer = client.get(story.paths[0], headers=header)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == first.headers["etag"]
    assert client.get(story.paths[0], headers={"If-None-Match": '"other"', **by_date}).status_code == 200
    assert client.get(story.paths[0], headers={"If-Modified-Since": "not a date"}).status_code == 200
    replica.site.edit(story)
    assert client.get(story.paths[0], headers=by_tag).status_code == 200
    assert client.get(story.paths[0], headers=by_date).status_code == 200


def test_one_connection_many_requests_and_all_threads_joined() -> None:
    before = threading.active_count()
    with MockServer(MockSite(articles=5, since=SINCE, until=UNTIL)) as replica:
        connection = http.client.HTTPConnection(urlsplit(replica.base_url).netloc)
        connection.connect()
        port = connection.sock.getsockname()
        for method, path in (("GET", "/robots.txt"), ("HEAD", "/sitemap.xml"), ("GET", "/nowhere?a=1")):
            connection.request(method, path)
            answer = connection.getresponse()
            body = answer.read()
            assert len(body) == (0 if method == "HEAD" else int(answer.headers["Content-Length"]))
            assert connection.sock.getsockname() == port
        assert replica.requests == [("GET", "/robots.txt"), ("HEAD", "/sitemap.xml"), ("GET", "/nowhere?a=1")]
        replica.requests.clear()
        assert replica.requests == []
    assert threading.active_count() == before
    connection.close()


FORMS = {
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
def test_any_forty_stories_hold_every_form(replica: MockServer, client: httpx.Client, start: int) -> None:
    pages = [client.get(story.paths[0]).text for story in readable(replica.site)[start : start + 40]]
    assert [name for name, form in FORMS.items() if not any(re.search(form, page) for page in pages)] == []
