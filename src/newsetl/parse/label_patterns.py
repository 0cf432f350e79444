"""Regular expressions for labels as printed on a page.

Labels come from the source file. A label matches in any case, with or without spaces around its colon, with
a full-width colon, and glued to the text before it. A value may be empty.
"""

from __future__ import annotations

import re

from newsetl.sources.config import ParseConfig

COLON = r"\s*[:：]\s*"
OPEN_BRACKET, CLOSE_BRACKET = r"[\[【(（]", r"[\]】)）]"
# A label begins a word, or an upper-case letter glued to the value before it (as in "09:17:50Author:").
LABEL_START = r"(?:(?<![^\W\d_丨])|(?<=[a-z])(?-i:(?=[A-Z])))"


def build_alternation(labels: tuple[str, ...]) -> str:
    """Return an expression that matches any of `labels`, or nothing if there are none."""
    if not labels:
        return "(?!)"
    longest_first = sorted(labels, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in longest_first) + ")"


def compile_pattern(expression: str) -> re.Pattern[str]:
    """Compile `expression`, ignoring case."""
    return re.compile(expression, re.IGNORECASE)


def compile_value_labels(config: ParseConfig) -> re.Pattern[str]:
    """Compile the labels of a metadata line to a pattern with the groups agency, author and editor."""
    agency, author, editor = map(
        build_alternation, (config.source_labels, config.author_labels, config.editor_labels)
    )
    return compile_pattern(
        rf"{LABEL_START}(?:(?P<agency>{agency})|(?P<author>{author})|(?P<editor>{editor})){COLON}"
    )
