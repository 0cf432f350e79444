"""Link → Capture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from newsetl.client import Client
from newsetl.errors import FetchError
from newsetl.model import Capture, Link


def fetch(links: Iterable[Link], client: Client) -> Iterator[Capture | tuple[Link, FetchError]]:
    """The article of each link, or the link and why there is none; one failure does not stop the others."""
    for link in links:
        try:
            yield client.get(link.url, why="article", link=link)
        except FetchError as error:
            yield link, error
