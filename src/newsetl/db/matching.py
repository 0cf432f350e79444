"""Which row of the warehouse an article is, and which of its captures gives the row its state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID, uuid5

from newsetl.model import NAMESPACE, Article
from newsetl.sources.config import Source
from newsetl.text.unicode import replace_surrogates

CaptureMoment = tuple[datetime, str]  # when the capture was fetched, and its id, so that no two are equal


def derive_article_id(article: Article) -> UUID:
    """The identity that the article gets if no row is it: from its address, else from its words."""
    where = replace_surrogates(article.url) if article.url else article.title_hash + article.text_hash
    return uuid5(NAMESPACE, f"{article.source} {where}")


@dataclass(slots=True, eq=False)
class ArticleRow:
    """A row of articles, before and while a batch is folded into it.

    `urls` maps each address to its form, the canonical one first; `seen` has those that the batch saw,
    with the time. `reading` is the article that gives the row its state, None while that is what the
    warehouse holds.
    """

    article_id: UUID
    title_hash: str
    text_hash: str
    lead: str = ""
    first_seen_at: datetime | None = None
    changed_at: datetime | None = None
    state_at: CaptureMoment | None = None
    urls: dict[str, str | None] = field(default_factory=dict)
    canonical_url: str | None = None
    is_new: bool = False
    is_changed: bool = False
    state_article: Article | None = None
    seen_at_by_url: dict[str, datetime] = field(default_factory=dict)

    def add_capture(self, article: Article, moment: CaptureMoment) -> None:
        """Takes one capture of the article in; an older one than the state's leaves the state alone."""
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
            if moment != self.state_at:  # a capture that is read anew is no change on the site
                self.changed_at = fetched_at
        self.title_hash, self.text_hash, self.lead = article.title_hash, article.text_hash, article.lead
        self.state_at, self.state_article = moment, article


class ArticleMatcher:
    """The rows that the articles of one batch may be."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ranks = {form.name: rank for rank, form in enumerate(source.url_forms)}
        self._by_id: dict[UUID, ArticleRow] = {}
        self._by_url: dict[str, ArticleRow] = {}
        self._by_time: dict[tuple[datetime, str], list[ArticleRow]] = {}
        self._matches: list[tuple[CaptureMoment, Article, ArticleRow]] = []

    def add_known(self, row: ArticleRow, published_at: datetime, precision: str) -> None:
        """Makes a row of the warehouse findable."""
        self._by_id[row.article_id] = row
        self._by_url |= dict.fromkeys(row.urls, row)
        if precision == "second":
            self._index_time(row, published_at, row.title_hash)

    def match(self, article: Article, moment: CaptureMoment) -> ArticleRow:
        """The row that the article is; made if there is none.

        An address decides. Without a known one, the same second, title and (but for an edit) text do,
        unless the row already has an address of the same form: a channel gives a story one address a
        generation, so two addresses of one generation are two stories.
        """
        forms = self._get_forms(article)
        story = next((self._by_url[url] for url in forms if url in self._by_url), None)
        if story is None:
            story = self._by_id.get(derive_article_id(article)) or self._find_same_article(article)
        if story is None:
            story = ArticleRow(
                derive_article_id(article), article.title_hash, article.text_hash, article.lead, is_new=True
            )
            self._by_id[story.article_id] = story
        for url, form in forms.items():
            if self._by_url.setdefault(url, story) is story:
                story.urls.setdefault(url, form)
                story.seen_at_by_url[url] = min(story.seen_at_by_url.get(url, moment[0]), moment[0])
        if article.published_precision == "second" and article.published_at:
            self._index_time(story, article.published_at, article.title_hash)
        self._matches.append((moment, article, story))
        return story

    def apply_captures(self) -> tuple[ArticleRow, ...]:
        """The rows that were placed, in batch order, each in the state of its newest capture."""
        for moment, article, story in sorted(self._matches, key=lambda reading: reading[0]):
            story.add_capture(article, moment)
        stories = tuple(dict.fromkeys(story for _, _, story in self._matches))
        for story in stories:
            ranked = [
                (self._get_rank(form), place, url) for place, (url, form) in enumerate(story.urls.items())
            ]
            story.canonical_url = min(ranked)[2] if ranked else None
        return stories

    def _get_rank(self, form: str | None) -> int:
        """The place of an address form in the source's order; of equals, the first known stays canonical."""
        return self._ranks.get(form or "", len(self._ranks))

    def _find_same_article(self, article: Article) -> ArticleRow | None:
        if article.published_precision != "second" or article.published_at is None:
            return None
        twins = [
            story
            for story in self._by_time.get((article.published_at, article.title_hash), ())
            if (article.url is None or article.url_form not in story.urls.values())
            and (article.text_hash == story.text_hash or _have_similar_leads(article.lead, story.lead))
        ]
        # Two stories of one second and title are told apart by their text.
        return min(twins, key=lambda story: story.text_hash != article.text_hash, default=None)

    def _index_time(self, row: ArticleRow, published_at: datetime, title_hash: str) -> None:
        stories = self._by_time.setdefault((published_at, title_hash), [])
        if row not in stories:
            stories.append(row)

    def _get_forms(self, article: Article) -> dict[str, str | None]:
        forms = {} if article.url is None else {replace_surrogates(article.url): article.url_form}
        for url in map(replace_surrogates, article.other_urls):
            path = urlsplit(url).path
            names = (form.name for form in self._source.url_forms if form.pattern.search(path))
            forms.setdefault(url, next(names, None))
        return forms


def _have_similar_leads(one: str, other: str) -> bool:
    """At least half the words of the shorter lead are in the longer: one text, edited perhaps."""
    ones, others = ({*lead.casefold().split()} for lead in (one, other))
    return 2 * len(ones & others) >= min(len(ones), len(others)) > 0
