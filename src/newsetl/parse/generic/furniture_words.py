"""Words and classes of lines that stand around an article's text."""

from __future__ import annotations

import re

PROMO_CLASS = re.compile(
    r"newsletter|sign-?up|subscri|promo|related|read-?(?:more|next|also)|recirc|also-?(?:like|read)|call-?to|\bcta\b"
    r"|disclos|disclaim|affiliate|follow|social|share|donat|member|support-?us|more-?(?:on|from)|recommend",
    re.IGNORECASE,
)
HEAD_CLASS = re.compile(
    r"byline|by-line|author|date|publish|posted|updated|time(?!line)|meta(?!l)|read-?(?:ing|time)|dateline|entry-info|share|breadcrumb",
    re.IGNORECASE,
)
OUR = r"(?:our|the|this|my|a|their)"
OWN_WORD = re.compile(
    r"\b(?:us|our|uns|unsere?|nous|notre|nos|noi|nuestr[ao]s?|nossas?|ons|nas|nás)\b|我们", re.IGNORECASE
)
NEWSLETTER = re.compile(
    r"(?:(?:click|tap|go)\s+here\s+to\s+|(?:please|don[’']t\s+forget\s+to|be\s+sure\s+to|want\s+more\b.{0,60}\?|you\s+can\s+(?:also\s+)?"
    r"|enjoy(?:ed|ing)?\s+this\b.{0,60}\?|like\s+what\s+you.{0,40}\?|never\s+miss\b.{0,80}[.!]|join\b.{0,60}\band\s+|to\s+get\b.{0,80},)\s*)?"
    r"(?:sign(?:ing)?\s+up\s+(?:here\s+)?(?:now\s+|today\s+|free\s+)?(?:for|to|here|below)\b"
    r"|subscribe\s+(?:now\s+|today\s+|here\s+)?(?:to|for|here|now|today|below|via|and)\b"
    r"|get\s+(?:\S+\s+){0,6}(?:newsletter|delivered|straight\s+to|in\s+your\s+inbox|to\s+your\s+inbox|emailed)\b"
    r"|join\s+(?:\S+\s+){0,6}(?:newsletter|mailing\s+list|email\s+list|readers|subscribers|members|community|channel)\b"
    r"|receive\s+(?:\S+\s+){0,8}(?:newsletter|inbox)\b"
    rf"|{OUR}\s+(?:\S+\s+){{0,3}}newsletters?\s+(?:delivers|brings|is\s+free)\b"
    r"|become\s+(?:a|an)\s+(?:\S+\s+){0,3}(?:member|subscriber|supporter|patron)\b"
    r"|(?:support|donate\s+to|help\s+us|help\s+support)\s+(?:\S+\s+){0,3}(?:journalism|reporting|newsroom|work|us|independent)\b"
    r"|(?:already\s+)?a\s+(?:member|subscriber)\?\s"
    r"|abonnieren\s+sie|jetzt\s+(?:den\s+)?newsletter|melden\s+sie\s+sich\b.{0,40}newsletter|abonnez-vous|inscrivez-vous|suscr[ií]bete"
    r"|suscr[ií]base|reg[ií]strate\b.{0,40}bolet[ií]n|iscriviti|assine\b|inscreva-se|schrijf\s+je\s+in|aanmelden\b.{0,40}nieuwsbrief"
    r"|anm[äa]l\s+dig|zapisz\s+si[ęe]|подпи(?:шитесь|сывайтесь)|订阅|立即订阅|メルマガ)",
    re.IGNORECASE,
)
FOLLOW = re.compile(
    r"(?:please\s+|you\s+can\s+(?:also\s+)?|don[’']t\s+forget\s+to\s+)?"
    r"(?:follow\s+(?:us\b|(?:\S+\s+){1,6}(?:on|via|at)\s+(?:google|twitter|x\b|facebook|instagram|linkedin|youtube|tiktok|threads"
    r"|bluesky|mastodon|whatsapp|telegram|apple|flipboard|social))"
    r"|like\s+(?:us|our\s+page)\s+on\s+facebook|find\s+us\s+on\b|connect\s+with\s+us\b|add\s+us\s+as\b|join\s+us\s+on\b"
    r"|download\s+(?:our|the|\S+['’]s)\s+(?:\S+\s+){0,3}app\b|get\s+(?:our|the)\s+(?:\S+\s+){0,2}app\b|install\s+(?:our|the)\s+(?:\S+\s+){0,2}app\b"
    r"|listen\s+to\s+(?:our|this)\s+(?:\S+\s+){0,3}(?:podcast|article|story)\b|watch\s+(?:our|the)\s+(?:\S+\s+){0,2}video\b|check\s+out\s+our\b"
    r"|folgen\s+sie\s+(?:uns|\S+)|suivez-(?:nous|\S+)|s[ií]guenos|siga-nos|segui(?:ci|te)|volg\s+ons|obserwuj\s+nas|подписывайтесь"
    r"|关注(?:我们|公众号)|扫码关注|扫一扫|フォロー)",
    re.IGNORECASE,
)
CALL = re.compile(
    r"(?:contact\s+us\b|call\s+(?:us\s+)?(?:now|today|at)\b|get\s+in\s+touch\b|book\s+(?:a|your)\s+(?:\S+\s+){0,3}(?:now|today|call|demo|consultation)\b"
    r"|(?:schedule|request)\s+(?:a|your)\s+(?:\S+\s+){0,3}(?:call|demo|consultation|quote|appointment)\b|buy\s+now\b|shop\s+now\b|order\s+now\b"
    r"|learn\s+more\b|find\s+out\s+more\b|start\s+your\s+(?:\S+\s+){0,2}trial\b|try\s+it\s+(?:for\s+)?free\b|click\s+here\b|tap\s+here\b"
    r"|leave\s+(?:a|your)\s+comments?\b|(?:share|tell\s+us)\s+(?:your\s+)?(?:thoughts|what\s+you\s+think)\b|let\s+us\s+know\b.{0,60}comments?"
    r"|have\s+(?:a|any)\s+(?:\S+\s+){0,2}(?:tip|story|question)s?\b.{0,80}\?|do\s+you\s+have\s+a\s+(?:story|tip)\b"
    r"|(?:send|email)\s+(?:us|your)\s+(?:\S+\s+){0,3}(?:tips?|stories|news)\b|kontaktieren\s+sie|contactez-nous|cont[áa]ctenos)",
    re.IGNORECASE,
)
# A disclosure names what is sold or linked, and the site or its writers earn from it.
DISCLOSURE = re.compile(
    r"(?:\W*(?:affiliate\s+)?(?:disclosure|disclaimer|note|advertiser\s+disclosure|transparency)\W+)?"
    r"(?:(?P<subject>we|i|\S+(?:\s+\S+){0,3}?)\s+(?:(?:may|might|can|could|will|sometimes|also)\s+)*(?:earn|receive|get|make|collect)s?\s+"
    r"(?:\S+\s+){0,4}(?:commissions?|compensation)\b"
    r"|(?:this|some|the|our)\s+(?:\S+\s+){0,4}(?:contains?|includes?|may\s+contain|may\s+include|uses?)\s+(?:\S+\s+){0,3}affiliate\b"
    r"|(?:as\s+an?\s+amazon|when\s+you\s+(?:buy|purchase|click|shop)|if\s+you\s+(?:buy|purchase|click|shop|make\s+a\s+purchase))\b"
    r".{0,120}\b(?:commission|we\s+(?:may\s+)?(?:earn|get)|compensat)"
    r"|(?:all|the)\s+products?\b.{0,80}(?:independently|editors)\b.{0,160}(?:commission|earn)"
    r"|some\s+of\s+(?:the|these|our)\s+(?:links|products|offers)\b.{0,100}(?:affiliate|commission|compensat|partners))"
    r"|affiliate[\s-]links?\b.{0,80}|(?:anzeige|werbung|publicidad|publicité|advertisement|sponsored(?:\s+content)?)\W*$",
    re.IGNORECASE,
)
DISCLOSED = re.compile(
    r"\b(?:links?|purchases?|products?|partners?|providers?|affiliates?|advertis\w+|buy|sponsors?)\b",
    re.IGNORECASE,
)
# Prose reports what someone says, furniture speaks to the reader.
REPORTED = re.compile(
    r"[\"“”„«»「」]|\b(?:said|says|told|asked|added|according\s+to|sagte|dit|dijo|disse|ha\s+detto|zei)\b",
    re.IGNORECASE,
)
RELATED = re.compile(
    r"\W*(?:(?:read|see|watch|explore|discover)\s+(?:more|also|next|this\s+next|too|related)|also\s+(?:read|see|on\b.{0,30})|related(?:\s+(?:articles?|stor(?:y|ies)"
    r"|posts?|reading|content|links?|news|coverage|topics?|video))?|more\s+(?:on\s+this|on\s+this\s+topic|stories|news|articles|like\s+this|to\s+(?:read|explore)"
    r"|from\s+(?:\S+\s*){1,5}|about\s+this|information)|you\s+(?:might|may|will|['’]?ll)\s+(?:also\s+)?(?:like|enjoy|love|be\s+interested|want)"
    r"(?:\s+(?:in|to\s+read|these|this))?|(?:recommended|suggested|further|additional)\s+(?:articles?|stor(?:y|ies)|reading|for\s+you|posts?|links?)|recommended"
    r"|don[’']?t\s+miss|must[\s-]reads?|trending(?:\s+now)?|most\s+(?:read|popular)|popular\s+(?:articles?|posts?|stories|now)|editors?['’]?s?\s+picks?"
    r"|what\s+to\s+read\s+next|up\s+next|keep\s+reading|next\s+read|in\s+case\s+you\s+missed\s+it|latest\s+(?:news|articles?|posts?|stories)"
    r"|lesen\s+sie\s+(?:auch|mehr)|mehr\s+zum\s+thema|auch\s+interessant|das\s+könnte\s+sie\s+auch\s+interessieren|weiterlesen|à\s+lire(?:\s+aussi)?"
    r"|lire\s+aussi|lire\s+la\s+suite|lee\s+(?:también|más)|le[ae]\s+también|leer\s+más|más\s+(?:noticias|información)|te\s+puede\s+interesar|leia\s+(?:também|mais)"
    r"|saiba\s+mais|leggi\s+anche|approfondisci|lees\s+(?:ook|meer)|läs\s+(?:också|mer|även)|les\s+(?:også|mer)|læs\s+(?:også|mere)|czytaj\s+(?:też|także|więcej)"
    r"|zobacz\s+(?:też|także)|читайте\s+также|相关阅读|延伸阅读|相关新闻|相关链接|推荐阅读|更多新闻|猜你喜欢|関連記事|あわせて読みたい)",
    re.IGNORECASE,
)
_BUTTON = (
    r"(?:share(?:\s+(?:this|the|our)(?:\s+(?:article|story|post|page|news|blog|link|content)\b.{0,40})?|\s+(?:on|via)\b.{0,40})?|shares?|tweet"
    r"|pin\s+it|print|e-?mail|save|comments?|copy\s+link|link\s+copied|bookmark|facebook|twitter|linkedin|whatsapp|reddit|pinterest|telegram"
    r"|bluesky|threads|mastodon|x|gift\s+this\s+article|listen(?:\s+to\s+this\s+(?:article|story|episode))?|play|pause|font\s+size|text\s+size"
    r"|a[+-]|skip\s+to\s+(?:main\s+)?content|loading|close|menu|advertisement|scroll\s+(?:down|up|to\s+top)|tags?|filed\s+under|topics?|\d{1,5}"
    r"|分享(?:到)?|打印|字号|字体|放大|缩小|默认|收藏|复制链接|评论|朗读|上一[篇版期]|下一[篇版期]|返回目录|版面导航|版面目录|本版新闻|标题导航|往期回顾"
    r"|关闭(?:窗口)?|PDF版|第?\s*[A-Z]?\d{1,3}\s*版(?:[：:].{0,12})?)"
)
SHARE = re.compile(rf"\W*{_BUTTON}(?:[\s|/,·•:：&…]+{_BUTTON})*\W*", re.IGNORECASE)
TAGS = re.compile(
    r"(?:tags?|topics?|filed\s+under|categor(?:y|ies)|keywords|schlagw[öo]rter|etiquetas|标签|关键词)\s*[:：]",
    re.IGNORECASE,
)
COPYRIGHT = re.compile(
    r"(?:©|\(c\)\s|copyright\b|all\s+rights\s+reserved|alle\s+rechte\s+vorbehalten|tous\s+droits\s+réservés"
    r"|todos\s+(?:los\s+derechos|os\s+direitos)\s+reservados|tutti\s+i\s+diritti|版权所有)",
    re.IGNORECASE,
)
READING_TIME = re.compile(
    r"(?:est(?:imated|\.)?\s+)?(?:reading\s+time|read\s+time|time\s+to\s+read|lesezeit|tiempo\s+de\s+lectura|temps\s+de\s+lecture|tempo\s+(?:di|de)\s+(?:lettura|leitura)"
    r"|leestijd|阅读时间|预计阅读)?\s*[:：]?\s*(?:~|about|ca\.?)?\s*\d{1,3}(?:\s*[-–]\s*\d{1,3})?\s*[-+]?\s*(?:mins?\b\.?|minutes?|minuten|minutos?|minuti|分钟)"
    r"(?:\s*(?:,?\s*\d{1,2}\s*(?:s|secs?|seconds?)))?(?:\s*(?:de\s+)?(?:read(?:ing)?(?:\s+time)?|lesezeit|lectura|lecture|lettura|leitura|阅读))?",
    re.IGNORECASE,
)
HEAD_LABEL = re.compile(
    r"(?:(?:story|words?|text|written|posted|published|report(?:ed)?|article|reviewed|medically\s+reviewed|fact[\s-]?checked|edited|photos?|contributed|analysis|compiled)\s+)?by\b"
    r"|(?:first\s+|last\s+|originally\s+)?(?:updated|published|posted|modified|reviewed|edited)\b|(?:authors?|writers?|editors?|reporters?|date|source|by-?line)\s*[:：]"
    r"|(?:von|par|por|door|av|af)\s+(?=[A-ZÀ-Ý])|(?:veröffentlicht|aktualisiert|stand|publié|mis\s+à\s+jour|publicado|actualizado|atualizado|pubblicato|aggiornato|gepubliceerd)\b"
    r"|(?:作者|记者|来源|编辑|责任编辑|发布时间|时间|日期)\s*[:：]?|第?\s*[A-Z]?\d{1,3}\s*版\b",
    re.IGNORECASE,
)
COUNT = re.compile(
    r"\d[\d,.]*\s*[kKmM]?\s*(?:comments?|shares?|views?|likes?|reads?|followers?|min)\b", re.IGNORECASE
)
TIME = re.compile(
    r"\b\d{1,2}[:.]\d{2}(?::\d{2})?\s*(?:[ap]\.?\s?m\.?)?(?:\s*\(?(?:[A-Z]{2,5}|UTC|GMT)(?:[+-]\d{1,2}(?::\d\d)?)?\)?)?|\b\d{1,2}\s*[ap]\.?m\.?\b"
    r"|\b\d{1,3}\s+(?:minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?)\s+ago\b",
    re.IGNORECASE,
)
NUMERIC_DATE = re.compile(
    r"\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2})\b|\d{4}年\d{1,2}月\d{1,2}日"
)
DAY_WORD = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun|at|on|the|and|,|of|um|uhr|à|le|el|a\s+las|星期.)\b[,.]?",
    re.IGNORECASE,
)
NAME_PART = re.compile(
    r"(?:[A-ZÀ-Ý][\w.’'-]*|de|van|von|der|del|da|al|bin|and|&|,)(?:\s+(?:[A-ZÀ-Ý][\w.’'-]*|de|van|von|der|del|da|al|bin|and|&),?){0,6}"
)
PARTS = re.compile(r"\s*[|•·●▪\n]\s*|\s+[–—/-]\s+")
