"""Pages of a site that is being drafted, under the URLs of its own host."""

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
    """Pages of the site `findings.url`, fetched by one client, from `base_url` if that is given."""

    def __init__(
        self,
        client: Client,
        findings: toml_writer.SourceFindings,
        base_url: str | None,
        on_progress: Callable[[str], None],
    ) -> None:
        self._client, self._findings = client, findings
        self._base_url, self._on_progress = base_url, on_progress
        self._served_host = urlsplit(client.source.home).netloc
        self._failure: tuple[Reason, str] | None = None

    @property
    def source(self) -> Source:
        """The provisional source of the client."""
        return self._client.source

    def fetch(self, url: str, kind: CaptureKind) -> Capture | None:
        """Fetch a page; return None if the request fails, and keep the error for `build_error`."""
        self._on_progress(url)
        try:
            return self._client.get(self._get_served_url(url), kind=kind)
        except StageError as error:
            self._failure = error.reason, str(error)
        except HostUnavailableError as error:
            raise ConfigError(str(error)) from error
        return None

    def _get_served_url(self, url: str) -> str:
        parts = urlsplit(url)
        if not self._base_url or parts.netloc != urlsplit(self._findings.url).netloc:
            return url
        return urlunsplit((urlsplit(self._base_url).scheme, self._served_host, parts.path, parts.query, ""))

    def build_error(self) -> DiscoverError:
        """Build the error of the last request that failed."""
        assert self._failure
        return DiscoverError(*self._failure)

    def get_site_url(self, url: str) -> str | None:
        """Return `url` on the site's own host, or None for a URL of another site."""
        parts, home = urlsplit(url), urlsplit(self._findings.url)
        site_hosts = {self._served_host, home.netloc, f"www.{home.netloc}", home.netloc.removeprefix("www.")}
        if parts.netloc not in site_hosts:
            return None
        if parts.netloc not in (self._served_host, home.netloc):
            self._findings.hosts[parts.netloc] = None
        return urlunsplit((home.scheme, home.netloc, parts.path, parts.query, ""))

    def find_links(self, soup: BeautifulSoup, base: str) -> Iterator[tuple[str, str]]:
        """Yield the links of a page to the site itself, each as URL and text."""
        for anchor in soup.select("a[href]"):
            try:
                url = self.get_site_url(urljoin(base, str(anchor["href"])))
            except ValueError:
                continue
            if url:
                yield url, " ".join(anchor.get_text(" ").split())
