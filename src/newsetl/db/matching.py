"""Matching of parsed articles to rows of the warehouse, and merging of captures into a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from newsetl.model import NAMESPACE, Article
from newsetl.sources import urls
from newsetl.sources.config import Source
from newsetl.text.minhash import split_words
from newsetl.text.unicode import replace_surrogates

CaptureMoment = tuple[datetime, str]  # fetched_at and capture id, which makes the order total


def derive_article_id(article: Article) -> UUID:
    """Return the id of a new article, derived from its URL, or from its hashes if it has no URL."""
    key = replace_surrogates(article.url) if article.url else article.title_hash + article.text_hash
    return uuid5(NAMESPACE, f"{article.source} {key}")


@dataclass(slots=True, eq=False)
class ArticleRow:
    """Row of `articles` while the captures of a batch are merged into it.

    `urls` maps each URL to its form, the canonical URL first. `seen_at_by_url` has the URLs of the batch with
    the time of their first capture. `state_article` is the article of the newest capture, None while the row
    in the warehouse is newer. `state_at` is the moment of the capture that the row's state comes from.
    """

    article_id: UUID
    title_hash: str
    text_hash: str
    lead: str = ""
    title: str = ""
    first_seen_at: datetime | None = None
    changed_at: datetime | None = None
    state_at: CaptureMoment | None = None
    urls: dict[str, str | None] = field(default_factory=dict)
    canonical_url: str | None = None
    is_new: bool = False
    is_changed: bool = False
    state_article: Article | None = None
    seen_at_by_url: dict[str, datetime] = field(default_factory=dict)

    def is_unlike(self, article: Article) -> bool:
        """Return True if the article has another title and another text than the row's state."""
        return (
            self.state_at is not None
            and self.title_hash != article.title_hash
            and self.text_hash != article.text_hash
            and not _have_similar_words(self.title, article.title)
            and not _have_similar_words(self.lead, article.lead)
        )

    def add_capture(self, article: Article, moment: CaptureMoment) -> None:
        """Merge one capture of the article; only a capture newer than the state replaces the state."""
        fetched_at = moment[0]
        if self.first_seen_at is None or fetched_at < self.first_seen_at:
            self.first_seen_at = fetched_at
        is_same = (self.title_hash, self.text_hash) == (article.title_hash, article.text_hash)
        if self.state_at is not None and moment < self.state_at:
            if is_same and self.changed_at is not None:
                self.changed_at = min(self.changed_at, fetched_at)
            return
        if self.state_at is None:
            self.changed_at = fetched_at
        elif not is_same:
            self.is_changed = True
            if moment != self.state_at:  # reparsing the same capture is no change on the site
                self.changed_at = fetched_at
        self.title_hash, self.text_hash = article.title_hash, article.text_hash
        self.title, self.lead = article.title, article.lead
        self.state_at, self.state_article = moment, article


class ArticleMatcher:
    """Index of the rows that the articles of one batch can match.

    `article_ids` maps each merged capture to its row's id. `refused` has the articles that were not merged,
    each with the row that has another title and text. `replaced_urls` has the known URLs that redirect to
    another article.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ranks = {form.name: rank for rank, form in enumerate(source.url_forms)}
        self._by_id: dict[UUID, ArticleRow] = {}
        self._by_url: dict[str, ArticleRow] = {}
        self._by_time: dict[tuple[datetime, str], list[ArticleRow]] = {}
        self.article_ids: dict[UUID, UUID] = {}
        self.replaced_urls: list[tuple[CaptureMoment, str, Article]] = []
        self.refused: list[tuple[CaptureMoment, Article, ArticleRow]] = []

    def add_known(self, row: ArticleRow, published_at: datetime, precision: str) -> None:
        """Add a row of the warehouse, so that `add_captures` can find it."""
        self._by_id[row.article_id] = row
        self._by_url |= dict.fromkeys(row.urls, row)
        if precision == "second":
            self._index_time(row, published_at, row.title_hash)

    def add_captures(self, captures: Iterable[tuple[CaptureMoment, Article]]) -> tuple[ArticleRow, ...]:
        """Merge the captures into rows in order of time, and return the touched rows.

        A capture that would replace its row's state by an unlike article is left out: see `refused`.
        """
        rows: dict[ArticleRow, None] = {}
        ordered = sorted(captures, key=lambda each: each[0])
        for _, article in ordered:
            self._index_new_urls(article)
        for moment, article in ordered:
            forms = self._get_forms(article)
            row = self._find_row(article, forms)
            if row is None:
                row = ArticleRow(
                    derive_article_id(article), article.title_hash, article.text_hash, is_new=True
                )
                self._by_id[row.article_id] = row
            elif (
                row.state_at is not None
                and moment > row.state_at
                and not article.is_identified
                and row.is_unlike(article)
            ):
                self.refused.append((moment, article, row))
                continue
            for url in forms:
                other = self._by_url.get(url, row)
                if other is not row and other.is_unlike(article):
                    self.replaced_urls.append((moment, url, article))
            for url, form in forms.items():
                if self._by_url.setdefault(url, row) is row:
                    row.urls.setdefault(url, form)
                    row.seen_at_by_url.setdefault(url, moment[0])
            if article.published_precision == "second" and article.published_at:
                self._index_time(row, article.published_at, article.title_hash)
            row.add_capture(article, moment)
            if article.capture_id is not None:
                self.article_ids[article.capture_id] = row.article_id
            rows[row] = None
        for row in rows:
            ranked = [
                (self._get_rank(form), index, url) for index, (url, form) in enumerate(row.urls.items())
            ]
            row.canonical_url = min(ranked)[2] if ranked else None
        return tuple(rows)

    def _find_row(self, article: Article, forms: Iterable[str]) -> ArticleRow | None:
        """Return the row of the article, or None if none matches.

        A known URL decides. Without one, a row matches if it has the same second, the same title and, apart
        from edits, the same text. A row that has a URL of the same form does not match: a site gives an
        article one URL per URL form, so two URLs of one form are two articles.
        """
        known = [(url, self._by_url[url]) for url in forms if url in self._by_url]
        # A redirect to an unlike article leads to another article, even if that one names its own URL.
        row = next((row for url, row in known if url == article.url or not row.is_unlike(article)), None)
        if row is None and not article.is_identified:
            row = next((row for _, row in known), None)
        return row or self._by_id.get(derive_article_id(article)) or self._find_same_article(article)

    def _index_new_urls(self, article: Article) -> None:
        """Index the new URL of a known article to which its known URL redirects.

        A capture of the new URL alone may come earlier in the batch.
        """
        forms = self._get_forms(article)
        known = [self._by_url[url] for url in forms if url in self._by_url]
        if known and len(known) < len(forms) and not known[0].is_unlike(article):
            for url, form in forms.items():
                if url not in self._by_url:
                    self._by_url[url] = known[0]
                    known[0].urls[url] = form

    def _get_rank(self, form: str | None) -> int:
        """Return the rank of a URL form; of URLs of equal rank the one known first stays canonical."""
        return self._ranks.get(form or "", len(self._ranks))

    def _find_same_article(self, article: Article) -> ArticleRow | None:
        if article.published_precision != "second" or article.published_at is None:
            return None
        candidates = [
            row
            for row in self._by_time.get((article.published_at, article.title_hash), ())
            if (article.url is None or article.url_form not in row.urls.values())
            and (article.text_hash == row.text_hash or _have_similar_words(article.lead, row.lead))
        ]
        # Of several rows with the same second and title, prefer the one with the same text.
        return min(candidates, key=lambda row: row.text_hash != article.text_hash, default=None)

    def _index_time(self, row: ArticleRow, published_at: datetime, title_hash: str) -> None:
        rows = self._by_time.setdefault((published_at, title_hash), [])
        if row not in rows:
            rows.append(row)

    def _get_forms(self, article: Article) -> dict[str, str | None]:
        forms = {} if article.url is None else {replace_surrogates(article.url): article.url_form}
        for url in map(replace_surrogates, article.other_urls):
            form = urls.match_form(self._source, url)
            forms.setdefault(url, form.name if form else None)
        return forms


def _have_similar_words(one: str, other: str) -> bool:
    """Return True if the longer text has at least half the words of the shorter one."""
    words, other_words = set(split_words(one)), set(split_words(other))
    return 2 * len(words & other_words) >= min(len(words), len(other_words)) > 0
