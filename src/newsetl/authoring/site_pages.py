"""The pages of a site that is being drafted, known by its own host wherever the site is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlsplit, urlunsplit

from bs4 import BeautifulSoup

from newsetl.authoring import toml_writer
from newsetl.errors import ConfigError, DiscoverError, HostUnavailableError, StageError
from newsetl.fetch.client import Client
from newsetl.model import Capture, CaptureKind
from newsetl.reasons import Reason
from newsetl.sources.config import Source


class SitePages:
    """Asks through one client for the pages of `found.url`, which is served from `at` if that is given."""

    def __init__(
        self, client: Client, found: toml_writer.SourceFindings, at: str | None, tell: Callable[[str], None]
    ) -> None:
        self._client, self._found, self._at, self._tell = client, found, at, tell
        self._served = urlsplit(client.source.home).netloc
        self._failure: tuple[Reason, str] | None = None

    @property
    def source(self) -> Source:
        """The provisional source that the client asks for."""
        return self._client.source

    def get(self, url: str, why: CaptureKind) -> Capture | None:
        """The page, asked for where the site is served; None if it fails, which `failure` tells."""
        self._tell(url)
        try:
            return self._client.get(self._moved(url), kind=why)
        except StageError as error:
            self._failure = error.reason, str(error)
        except HostUnavailableError as error:
            raise ConfigError(str(error)) from error
        return None

    def _moved(self, url: str) -> str:
        parts = urlsplit(url)
        if not self._at or parts.netloc != urlsplit(self._found.url).netloc:
            return url
        return urlunsplit((urlsplit(self._at).scheme, self._served, parts.path, parts.query, ""))

    def failure(self) -> DiscoverError:
        """Why the last page that failed did, as an error to raise."""
        assert self._failure
        return DiscoverError(*self._failure)

    def own(self, url: str) -> str | None:
        """The address on the site's own host; None for another's."""
        parts, home = urlsplit(url), urlsplit(self._found.url)
        same = {self._served, home.netloc, f"www.{home.netloc}", home.netloc.removeprefix("www.")}
        if parts.netloc not in same:
            return None
        if parts.netloc not in (self._served, home.netloc):
            self._found.hosts[parts.netloc] = None
        return urlunsplit((home.scheme, home.netloc, parts.path, parts.query, ""))

    def links(self, soup: BeautifulSoup, base: str) -> Iterator[tuple[str, str]]:
        """The links of a page to the site itself, each with its text."""
        for anchor in soup.select("a[href]"):
            try:
                url = self.own(urljoin(base, str(anchor["href"])))
            except ValueError:
                continue
            if url:
                yield url, " ".join(anchor.get_text(" ").split())
