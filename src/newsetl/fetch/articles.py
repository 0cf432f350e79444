"""Link → Capture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from newsetl.errors import FetchError
from newsetl.fetch import web_archive
from newsetl.fetch.client import Client
from newsetl.model import Capture, Link


def fetch(links: Iterable[Link], client: Client) -> Iterator[Capture | tuple[Link, FetchError]]:
    """The article of each link, or the link and why there is none; one failure does not stop the others.

    What an archive holds is asked of the archive. A failure is one of `link.place`: that of an archive
    says nothing of the article's own address.
    """
    for link in links:
        try:
            if link.archive_location:
                yield web_archive.fetch_archived_page(client, link, link.archive_location)
            else:
                yield client.get(link.url, kind="article", link=link)
        except FetchError as error:
            yield link, error
