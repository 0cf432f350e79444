"""Pages that are no article: redirects away, walls, checks and error pages, by any parser."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsetl import sources
from newsetl.model import Article, Reject
from newsetl.pipeline.parse_page import parse_page
from newsetl.reasons import Reason
from newsetl.sources.config import Source
from newsetl.sources.generic import build_generic_source
from tests.support.page_factory import build_capture, build_site_toml

SITE = "https://www.marshpost.example"
URL = f"{SITE}/news/2026/03/04/eel-count"
TOML = build_site_toml("marshpost", r"^/news/(?P<year>\d{4})/(?P<month>\d\d)/(?P<day>\d\d)/[^/]+$")
DECLARED = """
[parse]
content_selectors = [".story"]
waf_markers = ["turnstile-of-ours"]
soft_404_titles = ["gone fishing"]
removed_titles = ["Withdrawn"]
"""
SENTENCES = " ".join(
    f"Warden number {n} counted the eels of ditch {n} and wrote down what he saw." for n in range(60)
)
STORY = f"<p>{SENTENCES[:900]}</p><p>{SENTENCES[900:1800]}</p>"
JSON_LD = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "Eels are counted",'
    '"datePublished": "2026-03-04T08:00:00Z"}</script>'
)


def parse_toml(text: str) -> Source:
    return sources.parse_toml(text, file="marshpost.toml")


def build_page(title: str, body: str, head: str = "", heading: str | None = None) -> str:
    return (
        f"<!doctype html><html lang=en><head><title>{title}</title>{head}</head>"
        f"<body><h1>{heading or title}</h1>{body}</body></html>"
    )


def read(page: str, source: Source, *, final: str = URL, requested: str = URL) -> Article | Reject:
    capture = replace(
        build_capture(page.encode(), url=final),
        requested_url=requested,
        fetched_at=datetime(2026, 3, 5, tzinfo=UTC),
    )
    return parse_page(capture, source)


CONSENT = (
    "<p>We and our 512 partners store cookies on your device to show you personalised ads. "
    "You can accept all or manage your choices; read our privacy policy.</p><button>Accept all</button>"
)
SORRY = "<p>Try the search, or start again from the front page of the paper.</p>"
PAGES = {
    "consent": (build_page("Your privacy | Marsh Post", CONSENT), Reason.CONSENT_PAGE),
    "consent in German": (
        build_page(
            "Ihre Privatsphäre", "<p>Wir und unsere Partner nutzen Cookies. Alle akzeptieren.</p>"
        ),
        Reason.CONSENT_PAGE,
    ),
    "consent without a word in the title": (build_page("The Marsh Post", CONSENT), Reason.CONSENT_PAGE),
    "bot check": (build_page("One moment, please...", "<p>Looking at you.</p>"), Reason.BLOCKED_BY_WAF),
    "bot check by its script": (
        build_page("marshpost.example", "<div id=px-captcha></div>"), Reason.BLOCKED_BY_WAF
    ),
    "access denied": (build_page("Access Denied", "<p>Reference 18.3</p>"), Reason.BLOCKED_BY_WAF),
    "login": (build_page("Sign in to continue - The Marsh Post", "<form></form>"), Reason.LOGIN_PAGE),
    "subscribers": (
        build_page("The Marsh Post", "<p>Choose a plan.</p>", heading="Subscribe to continue reading"),
        Reason.LOGIN_PAGE,
    ),
    "soft 404": (build_page("404 - Page not found | The Marsh Post", SORRY), Reason.SOFT_404),
    "soft 404 in a heading": (
        build_page("The Marsh Post", SORRY, heading="Sorry, we couldn’t find that page"), Reason.SOFT_404
    ),
    "soft 404 in German": (build_page("Seite nicht gefunden", SORRY), Reason.SOFT_404),
    "soft 404 in French": (build_page("Cette page est introuvable", SORRY), Reason.SOFT_404),
    "soft 404 in Spanish": (build_page("Página no encontrada", SORRY), Reason.SOFT_404),
    "soft 404 in Chinese": (build_page("您访问的页面不存在", SORRY), Reason.SOFT_404),
    "removed article": (build_page("This article is no longer available", SORRY), Reason.SOFT_404),
    "front page as canonical URL": (
        build_page("The Marsh Post", STORY, head='<link rel="canonical" href="/">'), Reason.NOT_ARTICLE
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "source", [parse_toml(TOML), build_generic_source()], ids=["declared site", "any site"]
)
@pytest.mark.parametrize("name", PAGES)
def test_a_wall_or_error_page_is_rejected_by_its_kind(name: str, source: Source) -> None:
    page, reason = PAGES[name]
    outcome = read(page, source)
    assert isinstance(outcome, Reject), outcome
    assert outcome.reason is reason


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (build_page("Hello", '<p class="turnstile-of-ours">Hold on.</p>'), Reason.BLOCKED_BY_WAF),
        (build_page("Gone fishing", SORRY), Reason.SOFT_404),
        (build_page("Withdrawn", SORRY), Reason.REMOVED_PAGE),
    ],
)
def test_rules_of_a_source_hold_with_and_without_labels(page: str, reason: Reason) -> None:
    for text in (TOML + DECLARED, TOML + DECLARED.replace('content_selectors = [".story"]', "")):
        outcome = read(page, parse_toml(text))
        assert isinstance(outcome, Reject), outcome
        assert outcome.reason is reason


@pytest.mark.parametrize(
    "title",
    [
        "Page not found: what the archive of the marsh lost",
        "Your privacy and the eels",
        "Sign in the reeds baffles walkers",
        "Flight 404 lands among the herons",
        "Access denied to the dyke",
    ],
)
def test_an_article_about_such_a_page_stays_an_article(title: str) -> None:
    for head, body in ((JSON_LD, STORY), ("", STORY * 3)):
        outcome = read(build_page(title, f"<article>{body}</article>", head=head), parse_toml(TOML))
        assert isinstance(outcome, Article), outcome
        assert outcome.title == (title if not head else outcome.title)


@pytest.mark.parametrize(
    ("final", "words"),
    [
        (f"{SITE}/", "a front page"),
        (f"{SITE}/news/", "a start page"),
        (f"{SITE}/about", "fits no URL form"),
        ("https://partner.example/news/2026/03/04/other", "another host"),
    ],
)
def test_a_redirect_away_is_no_article(final: str, words: str) -> None:
    outcome = read(build_page("Eels are counted", STORY, head=JSON_LD), parse_toml(TOML), final=final)
    assert isinstance(outcome, Reject), outcome
    assert (outcome.reason, words in outcome.message) == (Reason.REDIRECTED_AWAY, True)


def test_a_redirect_to_another_article_url_is_its_second_url() -> None:
    final = f"{SITE}/news/2026/03/04/eel-count-with-better-words"
    outcome = read(build_page("Eels are counted", STORY, head=JSON_LD), parse_toml(TOML), final=final)
    assert isinstance(outcome, Article), outcome
    assert (outcome.url, outcome.other_urls) == (final, (URL,))


def test_a_redirect_to_a_consent_page_of_another_host_names_it() -> None:
    page = build_page("Before you continue", CONSENT)
    outcome = read(page, parse_toml(TOML), final="https://consent.example/choose?back=x")
    assert isinstance(outcome, Reject)
    assert outcome.reason is Reason.CONSENT_PAGE


def test_a_date_in_the_future_is_retried_on_that_date() -> None:
    page = build_page("Eels are counted", STORY, head=JSON_LD.replace("2026-03-04", "2026-04-09"))
    url = f"{SITE}/news/2026/04/09/eel-count"
    outcome = read(page, parse_toml(TOML), final=url, requested=url)
    assert isinstance(outcome, Reject)
    assert (outcome.reason, outcome.retry_at) == (Reason.FUTURE_DATE, datetime(2026, 4, 9, 8, tzinfo=UTC))
