"""Scrapy: its SitemapSpider, BeautifulSoup, and an item pipeline into DuckDB. BASE FILE

Settings are what its documentation advises for a crawl that shall be quick: no delay, sixteen requests at a
time at the one host, no cookies, log of INFO.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from scrapy import Spider
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.http import Response
from scrapy.spiders import SitemapSpider

from benchmarks.peers import reading


class ArticlesPipeline:
    """Items into the table, in batches."""

    def __init__(self, path: str) -> None:
        self._path = path

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> ArticlesPipeline:
        """Create the pipeline with the file in the settings."""
        return cls(crawler.settings["DUCKDB_FILE"])

    def open_spider(self, *_: Spider) -> None:
        """Create the table."""
        self._table = reading.Table(self._path)

    def process_item(self, item: Any, *_: Spider) -> Any:
        """Add a row."""
        self._table.add(item)
        return item

    def close_spider(self, *_: Spider) -> None:
        """Write the remaining rows."""
        self._table.close()


class ArticleSpider(SitemapSpider):
    """The articles that a sitemap names."""

    name = "articles"

    def parse(self, response: Response, **_: Any) -> Iterator[dict[str, Any]]:
        """Yield the article of a page."""
        if row := reading.article(response.body, response.url):
            yield row


def main(base: str, file: str) -> None:
    """Crawls all that `base` names."""
    process = CrawlerProcess(
        {
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": 32,
            "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
            "DOWNLOAD_DELAY": 0,
            "COOKIES_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "INFO",
            "ITEM_PIPELINES": {ArticlesPipeline: 300},
            "DUCKDB_FILE": file,
        }
    )
    process.crawl(ArticleSpider, sitemap_urls=[f"{base}/sitemap.xml"])
    process.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
