"""Recognition of pages that are no article: error, consent, login and challenge pages, and redirects away.

A source's own rules (`removed_titles`, `soft_404_titles`, `soft_404_sizes`, `waf_markers`) hold for every
parser. The built-in rules match a part of the page's <title> or a whole <h1>, in the languages of the words
below. They leave a page alone that states an article: JSON-LD, microdata or a time of publication.
"""

from __future__ import annotations

import html
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from newsetl.errors import ParseError
from newsetl.model import Capture
from newsetl.parse.page_identity import find_canonical, find_first_page
from newsetl.reasons import Reason
from newsetl.sources import urls
from newsetl.sources.config import Source
from newsetl.text.whitespace import collapse_whitespace

_TITLE = re.compile(r"<title\b[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_H1 = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.IGNORECASE | re.DOTALL)
_HIDDEN = re.compile(r"<(script|style|template|svg)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_SEPARATOR = re.compile(r"\s+[-–—|·•:»]+\s+|\s*[|»]\s*")
_ARTICLE_MARKUP = re.compile(
    r"\"@type\"\s*:\s*\[?\s*\"\w*(?:Article|BlogPosting)\""
    r"|\bitemtype\s*=\s*[\"'][^\"']*(?:Article|BlogPosting)\b"
    r"|=\s*[\"']?(?:article:published_time|datePublished)\b",
    re.IGNORECASE,
)
_ANOTHER_HOST = "another host"
# Characters of visible text. Pages of these kinds are short; an article about one of them is longer.
_MAX_ERROR_CHARS = 3_000
_MAX_CHALLENGE_CHARS = 1_500
_MAX_LOGIN_CHARS = 2_500
_MAX_CONSENT_CHARS = 6_000
_MAX_UNTITLED_CONSENT_CHARS = 3_000
_MIN_CONSENT_SHARE = 0.6
_SENTENCE_GAP = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")


def _compile(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# Each matches a whole part of a title, without the site's name.
_ERROR_TITLE = _compile(
    r"(?:http |page )?(?:error|fehler|erreur|errore)?\s*(?:code )?\W*404\b.{0,40}",
    r"(?:(?:oh no|oops|sorry|whoops)\W+)?(?:the |this |that |your )?(?:requested )?"
    r"(?:page|article|story|content|url|document|file)\b.{0,40}?"
    r"\b(?:not (?:be )?(?:found|exist|available|here)|does ?n.t exist|(?:no longer|not) (?:available"
    r"|exists?|here)"
    r"|unavailable|missing|gone|been (?:removed|deleted|moved|taken down)|removed|deleted|expired)\b.{0,20}",
    r"(?:(?:oh no|oops|sorry|whoops|we.re sorry)\W+)?(?:we|you)\b.{0,20}\b(?:can.?t|cannot|could ?n.t"
    r"|could not"
    r"|unable to)\b(?: be)? f(?:ind|ound)\b.{0,40}",
    r"(?:sorry\W+)?(?:not found|nothing (?:was )?(?:found|here)|no such page)\W*",
    r"(?:die |diese |der |dieser )?(?:gesuchte |angeforderte )?(?:seite|artikel|beitrag)\b.{0,30}"
    r"\b(?:nicht (?:mehr )?(?:gefunden|gefunden werden|verfügbar|vorhanden)|existiert nicht)\b.{0,20}",
    r"(?:la |cette |l.)?(?:page|article)\b.{0,25}\b(?:introuvable|non trouvée?|inexistante?"
    r"|n.existe p(?:as|lus))\b.{0,20}",
    r"(?:la |esta )?p[áa]gina\b.{0,25}\b(?:no (?:encontrada|existe|disponible)|não (?:encontrada"
    r"|existe))\b.{0,20}",
    r"pagina (?:non trovata|niet gevonden|nie(?:t)? bestaat)\W*",
    r"(?:sidan|siden) (?:hittades inte|(?:blev )?ikke (?:funnet|fundet))\W*",
    r"страница не найдена\W*",
    r".{0,12}(?:页面|頁面|网页|網頁|文章|内容|內容|信息).{0,6}(?:不存在|未找到|没有找到|找不到|已(?:被)?[删刪]除).{0,6}",
    r"(?:お探しの)?(?:ページ|記事)(?:が|は)(?:見つかりません|存在しません).{0,10}",
)
_CHALLENGE_TITLE = _compile(
    r"(?:just a moment|one moment,? please|one more step|einen? moment(?: bitte)?|un instant|un momento)\W*",
    r"attention required\W*(?:cloudflare)?",
    r"(?:access (?:to this page has been |is )?denied|request (?:blocked|rejected|unsuccessful))\b.{0,30}",
    r"pardon our interruption\W*",
    r"(?:are you (?:a )?(?:robot|human)|robot or human|human verification|bot (?:check"
    r"|verification))\b.{0,20}",
    r"(?:security|browser) (?:check|verification)\W*",
    r"checking (?:your browser|if the site connection is secure)\b.{0,40}",
    r"(?:please )?(?:verify|confirm|prove)(?:ing)? (?:that )?you(?:.re| are) (?:a )?(?:human"
    r"|not a (?:ro)?bot)\b.{0,20}",
    r"(?:ddos.guard|you have been blocked|too many requests|403 forbidden|forbidden|captcha)\W*",
    r"(?:please )?enable (?:javascript|cookies)\b.{0,40}",
    r"(?:请稍候|安全验证|访问验证|人机验证|访问被拒绝|滑动验证)\W*",
)
_CHALLENGE_MARKERS = re.compile(
    r"_cf_chl_opt|cf-browser-verification|px-captcha|captcha-delivery\.com|_Incapsula_Resource"
    r"|distil_r_captcha"
    r"|sucuri_cloudproxy|awswaf\.com|/_sec/cp_challenge|g-recaptcha|h-captcha|cf-turnstile|__ddg"
)
_LOGIN_TITLE = _compile(
    r"(?:please )?(?:log|sign)[ -]?in\b.{0,40}",
    r"(?:subscriber|member|account|user) (?:log|sign)[ -]?in\W*",
    r"(?:please )?(?:subscribe|register|join|sign up)(?: now)? (?:to|and) (?:continue|read|keep"
    r"|get)\b.{0,40}",
    r"create (?:a|an|your) (?:free )?account\b.{0,30}",
    r"(?:for )?(?:subscribers?|members?)(?:hip)?[ -](?:only|required|exclusive)\b.{0,30}",
    r"this (?:article|content|story|page) is (?:only )?(?:for|available to|reserved for)\b.{0,40}",
    r"(?:anmelden|einloggen|anmeldung|nur für abonnenten|connexion|se connecter|iniciar sesi[óo]n|accedi"
    r"|inloggen)\b.{0,30}",
    r"(?:登录|登入|登陆|ログイン)\W*",
)
_CONSENT_TITLE = _compile(
    r"before you (?:continue|read on|proceed|go on)\b.{0,40}",
    r"(?:we|they) (?:value|respect|care about) your (?:privacy|data)\b.{0,20}",
    r"(?:your|about your) (?:privacy|data|cookies?)\b.{0,30}",
    r"(?:your )?(?:privacy|cookies?|consent|data protection)[ -]?(?:settings?|preferences?|choices?"
    r"|options|notice|consent"
    r"|cent(?:er|re)|manager|wall|policy|required|request)\b.{0,20}",
    r"(?:manage|accept|choose|set)\b.{0,12}\b(?:cookies?|privacy|consent)\b.{0,30}",
    r"(?:this|our) (?:web)?site uses cookies\b.{0,20}|cookies?(?: (?:and|&) (?:privacy|you))?|consent"
    r"|privacy gate\W*",
    r"(?:wir (?:schätzen|respektieren) )?ihre (?:privatsphäre|daten|einwilligung|zustimmung)\b.{0,40}",
    r"(?:datenschutz|cookie|privatsphäre)-?\s?(?:einstellungen|hinweise?|zustimmung)\W*"
    r"|mit werbung (?:weiter)?lesen\b.{0,30}",
    r"(?:nous (?:respectons|accordons) )?.{0,20}votre vie privée\b.{0,30}|(?:gestion des|gérer (?:mes"
    r"|les)) cookies\W*",
    r"(?:tu|su|valoramos (?:tu|su)) privacidad\b.{0,30}|(?:configuración|gestión) de cookies\W*",
    r"(?:la tua|teniamo alla tua) privacy\b.{0,30}|(?:wij|we) (?:waarderen|respecteren) (?:je|jouw"
    r"|uw) privacy\b.{0,20}",
    r"(?:隐私|隱私|cookie)(?:设置|設置|偏好|声明|政策)\W*",
)
# Subjects of a consent page's text; each counts once.
_CONSENT_SUBJECTS = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"\bcookies?\b|\btrack(?:ing|ers?)\b|tracking-|traceurs",
        r"\b(?:\d+ )?(?:partners?|vendors|third part(?:y|ies))\b|partnern?\b|partenaires|drittanbieter|socios"
        r"|fornitori",
        r"personal data|personal information|unique identifiers|on your device|personenbezogene"
        r"|données personnelles"
        r"|datos personales|dati personali|persoonsgegevens",
        r"\bconsent\b|\bprivacy\b|einwilligung|datenschutz|vie privée|consentement|privacidad|consenso"
        r"|toestemming|隐私",
        r"\b(?:i )?(?:accept|agree)(?: all)?\b|reject all|manage\b.{0,20}\b(?:choices|options|settings"
        r"|preferences)"
        r"|(?:alle )?akzeptieren|zustimmen|(?:tout )?accepter|aceptar|accetta|akkoord|接受",
        r"\badverti(?:sing|sements?)\b|\bads\b|personali[sz]ed|werbung|publicité|publicidad|pubblicità"
        r"|advertenties",
    )
)


class _PageHead(NamedTuple):
    """Title and headings of a page, and the parts of them that may name the page's kind."""

    title: str
    headings: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        texts = (*_SEPARATOR.split(self.title), self.title, *self.headings)
        return tuple(dict.fromkeys(text.strip(" .!…") for text in texts if text.strip()))


def reject_redirect(capture: Capture, source: Source, text: str) -> None:
    """Raise ParseError(redirected_away) if the request for an article ended on another kind of page.

    This is a front page, a listing, a page of another host, or, on a source with URL forms, a URL that fits
    none of them. A mirror serves an article under its path, so the same path on any host is the same page.
    """
    requested, final = capture.requested_url, capture.url
    if capture.via != "web" or not (requested and final) or requested == final:
        return
    try:
        kind = _get_target_kind(source, requested, final)
    except ValueError:
        return
    if kind:
        # A consent or login page of another host says more than the redirect.
        if kind == _ANOTHER_HOST:
            _reject_known_kind(_parse_head(text), text, _get_visible_text(text))
        raise ParseError(Reason.REDIRECTED_AWAY, f"the request was redirected to {kind}: {final}")


def reject_later_page(capture: Capture, text: str) -> None:
    """Raise ParseError(not_article) for a later page of an article of several pages."""
    if capture.url and (first := find_first_page(text, capture.url)):
        raise ParseError(Reason.NOT_ARTICLE, f"the page continues the article at {first}")


def reject_non_article(capture: Capture, source: Source, text: str) -> None:
    """Raise ParseError with the reason if the page `text` is known to be no article."""
    head = _parse_head(text)
    config = source.parse
    titles = (head.title, *head.headings)
    if removed := next((title for title in titles if title in config.removed_titles), None):
        raise ParseError(Reason.REMOVED_PAGE, f"the page is the stub {removed!r} of a removed article")
    if capture.url and _get_listing_kind(source, capture.url):
        raise ParseError(Reason.NOT_ARTICLE, "the page is a listing")
    if len(capture.body) in config.soft_404_sizes:
        raise ParseError(Reason.SOFT_404, f"the page has the size of a soft 404, {len(capture.body)} bytes")
    if _ARTICLE_MARKUP.search(text):
        return
    visible = _get_visible_text(text)
    if len(visible) <= _MAX_CHALLENGE_CHARS and any(marker in text for marker in config.waf_markers):
        raise ParseError(Reason.BLOCKED_BY_WAF, "the page is a WAF challenge, not the site's response")
    if len(visible) <= _MAX_ERROR_CHARS and any(
        pattern.search(title) for pattern in config.soft_404_titles for title in titles
    ):
        raise ParseError(
            Reason.SOFT_404, f"the page has the title of a soft 404, {head.title or head.headings[0]!r}"
        )
    _reject_known_kind(head, text, visible)
    if capture.url and _names_front_page(text, capture.url):
        raise ParseError(Reason.NOT_ARTICLE, "the page states the front page as its canonical URL")


def _get_target_kind(source: Source, requested: str, final: str) -> str | None:
    """Return the kind of page that a redirect ended on, None for an article's page. Raise ValueError."""
    parts = urlsplit(final)
    if urlsplit(requested).path.rstrip("/") == parts.path.rstrip("/"):
        return None
    if not parts.path.strip("/") and not parts.query:
        return "a front page"
    if kind := _get_listing_kind(source, final):
        return kind
    if source.is_declared and not urls.is_own(source, final):
        return _ANOTHER_HOST
    if urls.match_form(source, requested) is not None and urls.match_form(source, final) is None:
        return "a URL that fits no URL form"
    return None


def _get_listing_kind(source: Source, url: str) -> str | None:
    """Return the kind of listing that `url` is by the source file, or None."""
    if url in source.discover.start_urls:
        return "a start page of the source"
    path = re.sub(r"^https?://[^/]+", "", url).partition("?")[0]
    return "a listing" if source.discover.listing_url_pattern.search(path) else None


def _reject_known_kind(head: _PageHead, text: str, visible: str) -> None:
    """Raise ParseError for an error, challenge, login or consent page, by its title, words and markup."""

    def find(pattern: re.Pattern[str]) -> str | None:
        return next((part for part in head.parts if pattern.fullmatch(part)), None)

    size = len(visible)
    if size <= _MAX_CHALLENGE_CHARS and (
        find(_CHALLENGE_TITLE) or (size <= _MAX_CHALLENGE_CHARS // 2 and _CHALLENGE_MARKERS.search(text))
    ):
        raise ParseError(Reason.BLOCKED_BY_WAF, "the page is a bot check, not the site's response")
    if size <= _MAX_ERROR_CHARS and (title := find(_ERROR_TITLE)):
        raise ParseError(Reason.SOFT_404, f"the page has the title of a soft 404, {title!r}")
    if size <= _MAX_CONSENT_CHARS and _asks_for_consent(visible, has_title=find(_CONSENT_TITLE) is not None):
        raise ParseError(Reason.CONSENT_PAGE, "the page asks for consent to cookies; it has no article")
    if size <= _MAX_LOGIN_CHARS and (title := find(_LOGIN_TITLE)):
        raise ParseError(Reason.LOGIN_PAGE, f"the page asks to log in or subscribe: {title!r}")


def _asks_for_consent(visible: str, *, has_title: bool) -> bool:
    """Return True for the text of a consent page. A short article may stand beside a consent banner."""
    subjects = sum(bool(pattern.search(visible)) for pattern in _CONSENT_SUBJECTS)
    if has_title and subjects >= 2:
        return True
    if len(visible) > _MAX_UNTITLED_CONSENT_CHARS or subjects < 5:
        return False
    sentences = _SENTENCE_GAP.split(visible)
    size = sum(len(each) for each in sentences if any(words.search(each) for words in _CONSENT_SUBJECTS))
    return size / max(1, len(visible)) >= _MIN_CONSENT_SHARE


def _parse_head(text: str) -> _PageHead:
    title = _TITLE.search(text)
    headings = (_clean(match[1]) for match in _H1.finditer(text))
    return _PageHead(_clean(title[1]) if title else "", tuple(heading for heading in headings if heading))


def _clean(markup: str) -> str:
    return collapse_whitespace(html.unescape(_TAG.sub(" ", markup)))


def _get_visible_text(text: str) -> str:
    body = re.split(r"<body\b", text, maxsplit=1, flags=re.IGNORECASE)[-1]
    return _clean(_HIDDEN.sub(" ", body))


def _names_front_page(text: str, url: str) -> bool:
    """Return True if the canonical URL is the front page of the page's host, and the page is another one."""
    canonical = find_canonical(text, url)
    if canonical is None:
        return False
    try:
        parts, own_parts = urlsplit(canonical), urlsplit(url)
    except ValueError:
        return False
    is_here = parts.netloc.lower() == own_parts.netloc.lower()
    return bool(own_parts.path.strip("/")) and is_here and not parts.path.strip("/") and not parts.query
