"""Language detection by the most frequent words of each language."""

from __future__ import annotations

import re
from collections import Counter

_WORDS = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in is that for was with on are by from this",
        "de": "der die und das den von zu mit ist des nicht ein dem auch sich",
        "fr": "le la les de des et en du une est dans que pour par sur",
        "es": "el la los las de en que del una por con para es se su",
        "it": "il la di che del della e un per non una sono con gli nel",
        "pt": "o a os de que do da em para com uma não por dos mais",
        "nl": "de het een van en dat is niet op voor met zijn te aan ook",
        "sv": "och att det som en är av för den med på inte till har ett",
        "pl": "w i na z się nie że do jest to od po przez dla oraz",
        "id": "yang dan di dengan untuk dari ini itu pada dalam tidak akan ke juga oleh",
        "tr": "ve bir bu da için ile de çok olarak daha gibi olan kadar sonra ancak",
    }.items()
}
_LANGUAGES_OF_WORD = {
    word: [language for language, words in _WORDS.items() if word in words]
    for word in frozenset().union(*_WORDS.values())
}
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = {"ja": r"[\u3040-\u30ff]", "ko": r"[\uac00-\ud7af]"}
# Shorter texts are not classified. The listed words make up a fifth or more of a text in their language.
_MIN_WORDS, _MIN_SHARE, _MIN_LEAD = 20, 0.12, 1.4
_SAMPLE_CHARS = 2_000


def detect_language(text: str) -> str:
    """Return the ISO 639-1 code of the language of `text`, or "" if it is uncertain."""
    for language, script in () if text.isascii() else _SCRIPTS.items():
        if len(re.findall(script, text[:_SAMPLE_CHARS])) > len(text[:_SAMPLE_CHARS]) * 0.1:
            return language
    words = _WORD.findall(text[: 5 * _SAMPLE_CHARS].casefold())
    if len(words) < _MIN_WORDS:
        return ""
    counts = dict.fromkeys(_WORDS, 0)
    for word, count in Counter(filter(_LANGUAGES_OF_WORD.__contains__, words)).items():
        for language in _LANGUAGES_OF_WORD[word]:
            counts[language] += count
    shares = {language: count / len(words) for language, count in counts.items()}
    best, second = sorted(shares, key=lambda language: shares[language])[:-3:-1]
    return best if shares[best] >= max(_MIN_SHARE, _MIN_LEAD * shares[second]) else ""
