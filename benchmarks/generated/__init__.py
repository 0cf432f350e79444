"""A channel that has published for years, made up: what newsetl would have kept of it, batch by batch.

The same number gives the same article, whatever is made before or after it. Words are drawn as in a
language (Zipf): few are everywhere, most are rare.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate
from uuid import UUID
from zoneinfo import ZoneInfo

from newsetl.model import (
    Article,
    Batch,
    Capture,
    Credit,
    DiscoveredLink,
    DiscoveryQuery,
    Image,
    Reject,
    Request,
    Teaser,
)
from newsetl.reasons import Reason

SOURCE, HOME, HOST = "stdaily", "https://www.stdaily.com", "www.stdaily.com"
ZONE = ZoneInfo("Asia/Shanghai")
START = date(2018, 1, 1)
DAILY = 500
SECTIONS = ("News", "Cooperation", "Innovation China", "Experts in China", "Comment", "Insight", "Case")
AGENCIES = ("Science and Technology Daily", "Science and Technology Daily", "Xinhua", None)
FIELDS = ("title", "section", "agency", "published_at", "authors", "editors", "text", "images")
SURNAMES = [
    "LI",
    "WANG",
    "ZHANG",
    "LIU",
    "CHEN",
    "YANG",
    "ZHAO",
    "HUANG",
    "ZHOU",
    "WU",
    "XU",
    "SUN",
    "HU",
    "ZHU",
    "GAO",
    "LIN",
    "HE",
    "GUO",
    "MA",
    "LUO",
]
GIVEN = [
    "Xiaoxia",
    "Yun",
    "Chunyou",
    "Shihan",
    "Weizi",
    "Yilian",
    "Haoyuan",
    "Zijian",
    "Yuchen",
    "Zhexiao",
    "Ming",
    "Jianguo",
    "Lihua",
    "Xiaoming",
    "Fang",
    "Guoqiang",
    "Meiling",
    "Tao",
    "Wenjing",
    "Zhiyuan",
]
CHINESE = "王李张刘陈林郭马", ("晓夏", "雨晨", "诗涵", "哲枭", "伟")
SYLLABLES = [
    "ta",
    "ri",
    "con",
    "men",
    "tion",
    "ver",
    "lo",
    "ca",
    "ne",
    "si",
    "de",
    "pro",
    "tec",
    "ma",
    "nu",
    "ter",
    "gra",
    "phy",
    "sol",
    "ba",
    "lan",
    "ce",
    "der",
    "in",
    "qua",
]
VOCABULARY, PARAGRAPHS, WORDS = 120_000, 6, 50


@dataclass(frozen=True, slots=True)
class Words:
    """A vocabulary, each word with the sum of its weight and those of the words before."""

    words: tuple[str, ...]
    weights: tuple[float, ...]

    @classmethod
    def made(cls) -> Words:
        """`quantum` is a word in the middle, of about one article in ten."""
        pick = random.Random(7)
        words = {
            "".join(pick.choices(SYLLABLES, k=pick.choice((1, 2, 2, 3, 3, 4)))) for _ in range(VOCABULARY * 2)
        }
        found = sorted(words, key=len)[:VOCABULARY]
        found[200] = "quantum"
        return cls(tuple(found), tuple(accumulate(1 / (rank + 3) for rank in range(len(found)))))

    def some(self, pick: random.Random, count: int) -> str:
        """Return `count` words, drawn by their weights."""
        return " ".join(pick.choices(self.words, cum_weights=self.weights, k=count))


class Past:
    """The channel's articles by number, the oldest first: DAILY of them a day."""

    @cached_property
    def words(self) -> Words:
        """Return the words of the articles."""
        return Words.made()

    def article(self, number: int) -> Article:
        """Return the article of that number; one in eighty has the text of the one before, hardly changed."""
        pick = random.Random(number)
        if number % 80 == 79:
            paragraphs = self.article(number - 1).text.split("\n\n")
            paragraphs[3] = self.words.some(pick, WORDS // 2)
        else:
            paragraphs = [self.words.some(pick, WORDS) for _ in range(PARAGRAPHS)]
        title, text, at = self.words.some(pick, 9).capitalize(), "\n\n".join(paragraphs), moment(number)
        author = f"{pick.choice(SURNAMES)} {pick.choice(GIVEN)}"
        editor = pick.choice(CHINESE[0]) + pick.choice(CHINESE[1])
        url = address(number)
        return Article(
            source=SOURCE,
            url=url,
            url_form="web",
            title=title,
            section=SECTIONS[min(int(pick.expovariate(0.6)), len(SECTIONS) - 1)],
            agency=pick.choice(AGENCIES),
            published_at=at,
            published_raw=f"{at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}",
            published_precision="second",
            credits=(
                Credit(author, "author", 1, "person"),
                Credit(editor, "editor", 1, "person"),
                Credit("VCG", "photographer", 1, "organisation"),
            ),
            lead=paragraphs[0],
            text=text,
            images=(Image(f"{url}.jpg", self.words.some(pick, 12), "VCG"),),
            teasers=self.teasers(number // DAILY),
            language="en",
            title_hash=hashlib.sha256(title.casefold().replace(" ", "").encode()).hexdigest(),
            text_hash=hashlib.sha256("".join(text.split()).casefold().encode()).hexdigest(),
            found=dict.fromkeys(FIELDS, "the metadata line"),
            capture_id=UUID(int=pick.getrandbits(128)),
        )

    @lru_cache(8)  # noqa: B019  # there is one channel
    def teasers(self, day: int) -> tuple[Teaser, ...]:
        """Return the Top News block of that day: the same on all its pages."""
        pick = random.Random(-1 - day)
        return tuple(
            Teaser(self.words.some(pick, 9), self.words.some(pick, 30), address(day * DAILY + place))
            for place in range(5)
        )

    def batches(self, first: int, count: int, *, size: int) -> Iterator[Batch]:
        """Yield batches of the articles from number `first` on, with their requests and discovered links."""
        for begin in range(first, first + count, size):
            yield self.batch(range(begin, min(begin + size, first + count)))

    def batch(self, numbers: range) -> Batch:
        """Build a batch of these pages, all discovered; one in 200 is edited, one in 500 rejected."""
        captures: list[Capture] = []
        articles: list[Article] = []
        rejects: list[Reject] = []
        requests: list[Request] = []
        discovered_links: list[DiscoveredLink] = []
        for number in numbers:
            article = self.article(number)
            url, at = address(number), article.published_at + timedelta(hours=2)
            for method, page in (("listing", "node_474.html"), ("search", "Search.do")):
                discovered_links.append(
                    DiscoveredLink(
                        SOURCE,
                        url,
                        method,
                        article.section if method == "listing" else None,
                        article.title,
                        day_of(number),
                        f"{HOME}/web/English/{page}",
                        at,
                    )
                )
            requests.append(_request(url, at, 200, article.capture_id))
            requests.append(_request(url, at + timedelta(days=1, seconds=40), 304, None))
            if number % 500 == 499:
                rejects.append(
                    Reject(SOURCE, url, "parse", Reason.NO_DATE, "no date", at, article.capture_id)
                )
            else:
                articles.append(article)
            captures.append(_capture(number, article, at))
            if number % 200 == 100:
                again = UUID(int=random.Random(-number).getrandbits(128))
                text = f"{article.text} Corrected."
                edited = replace(
                    article,
                    text=text,
                    text_hash=hashlib.sha256(text.encode()).hexdigest(),
                    capture_id=again,
                )
                articles.append(edited)
                captures.append(_capture(number, edited, at + timedelta(days=1)))
        discovery_queries: list[DiscoveryQuery] = []
        for day in sorted({day_of(number) for number in numbers}):
            at = datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)
            discovery_queries += [
                DiscoveryQuery(SOURCE, method, day, day, at, DAILY) for method in ("listing", "search")
            ]
            captures += [
                _page(UUID(int=random.Random(f"{day} {node}").getrandbits(128)), node, at)
                for node in range(3)
            ]
        return Batch(
            SOURCE,
            tuple(captures),
            tuple(articles),
            tuple(rejects),
            tuple(requests),
            tuple(discovered_links),
            tuple(discovery_queries),
        )


def day_of(number: int) -> date:
    """Return the day of the article, in the source's timezone."""
    return START + timedelta(days=number // DAILY)


def moment(number: int) -> datetime:
    """When it was published: between eight and twenty o'clock."""
    midnight = datetime.combine(day_of(number), datetime.min.time(), ZONE)
    return (midnight + timedelta(hours=8, seconds=number % DAILY * 43_200 // DAILY)).astimezone(UTC)


def address(number: int) -> str:
    """Return the URL of the article."""
    return f"{HOME}/web/English/{day_of(number):%Y-%m/%d}/content_{number}.html"


def _capture(number: int, article: Article, at: datetime) -> Capture:
    assert article.capture_id
    assert article.url
    body = article.text.encode()
    return Capture(
        article.capture_id,
        SOURCE,
        "article",
        article.url,
        article.url,
        at,
        200,
        (("Content-Type", "text/html; charset=utf-8"), ("ETag", f'"{number:x}"')),
        "utf-8",
        body,
        body,
        file=f"{at:%Y/%m}.warc.gz",
        offset=number * 1000,
        length=1000,
    )


def _page(capture_id: UUID, node: int, at: datetime) -> Capture:
    url, body = f"{HOME}/web/English/node_{node}.html", b"a listing"
    headers = (("ETag", f'"{at:%j}"'),)
    return Capture(
        capture_id,
        SOURCE,
        "listing",
        url,
        url,
        at,
        200,
        headers,
        "utf-8",
        body,
        body,
        file="a.warc.gz",
        offset=1,
    )


def _request(url: str, at: datetime, status: int, capture_id: UUID | None) -> Request:
    return Request(
        SOURCE, url, HOST, "article", at, status, 1.0, 0.1, 900, True, 1, None, capture_id, "min-delay", 1.0
    )
