"""Fetching of discovered links: Link → Capture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from newsetl.errors import FetchError
from newsetl.fetch import web_archive
from newsetl.fetch.client import Client
from newsetl.model import Capture, Link


def fetch(links: Iterable[Link], client: Client) -> Iterator[Capture | tuple[Link, FetchError]]:
    """Yield the capture of each link, or the link with its error. An error does not stop the other links.

    A link with an archive location is fetched from that archive. Its error is about `link.locator`, not
    about the article's own URL.
    """
    for link in links:
        try:
            if link.archive_location:
                yield web_archive.fetch_archived_page(client, link, link.archive_location)
            else:
                yield client.get(link.url, kind="article", link=link)
        except FetchError as error:
            yield link, error
