"""Regular expressions for labels as they are printed on a page.

A label may stand in any case, with or without blanks around its colon, with a full-width colon, and
glued to what is before it; a value may be empty. Labels come from the source.
"""

from __future__ import annotations

import re

from newsetl.sources.config import ParseConfig

COLON = r"\s*[:：]\s*"
OPEN_BRACKET, CLOSE_BRACKET = r"[\[【(（]", r"[\]】)）]"
# A label begins a word, or an upper-case letter glued to the value before it (as in "09:17:50Author:").
LABEL_START = r"(?:(?<![^\W\d_丨])|(?<=[a-z])(?-i:(?=[A-Z])))"


def any_of(labels: tuple[str, ...]) -> str:
    """Return an expression for any of `labels`, for none if there are none."""
    if not labels:
        return "(?!)"
    longest_first = sorted(labels, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(label).replace(r"\ ", r"\s+") for label in longest_first) + ")"


def compiled(text: str) -> re.Pattern[str]:
    """Return the expression `text`, compiled without regard to case."""
    return re.compile(text, re.IGNORECASE)


def value_label(read: ParseConfig) -> re.Pattern[str]:
    """Return the expression for a label of a metadata line, with the groups agency, author and editor."""
    return compiled(
        LABEL_START
        + rf"(?:(?P<agency>{any_of(read.source_labels)})|(?P<author>{any_of(read.author_labels)})"
        + rf"|(?P<editor>{any_of(read.editor_labels)})){COLON}"
    )
