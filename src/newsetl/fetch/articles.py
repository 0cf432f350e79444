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
            if link.held:
                yield web_archive.get(client, link, link.held)
            else:
                yield client.get(link.url, why="article", link=link)
        except FetchError as error:
            yield link, error
