"""Parsing of one page into an article or a reject: all that a worker needs to import."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from newsetl.errors import NormaliseError, StageError
from newsetl.model import Article, Capture, Reject
from newsetl.normalise.article import normalise
from newsetl.parse.page import parse
from newsetl.reasons import Reason
from newsetl.sources.config import Source
from newsetl.text.minhash import compute_sketch


def parse_page(capture: Capture, source: Source, *, rejected_at: datetime | None = None) -> Article | Reject:
    """Parse and normalise a capture. Return its article or a reject; a bug in the parser is a reject too."""
    reason: Reason
    stage: Literal["parse", "normalise"] = "parse"
    retry_at: datetime | None = None
    try:
        return normalise(parse(capture, source), source, capture)
    except StageError as error:
        reason, message, retry_at = error.reason, str(error), error.retry_at
        stage = "normalise" if isinstance(error, NormaliseError) else "parse"
    except Exception as error:  # a bug in the parser must not stop the run
        reason, message = Reason.PARSER_ERROR, f"{type(error).__name__}: {error}"
    return Reject(
        source=source.slug,
        url=capture.via_url or capture.requested_url or None,
        stage=stage,
        reason=reason,
        message=message,
        rejected_at=rejected_at or capture.fetched_at,
        capture_id=capture.capture_id,
        retry_at=retry_at,
    )


def parse_pages(source: Source, captures: tuple[Capture, ...]) -> tuple[Article | Reject, ...]:
    """Parse each capture and compute the articles' sketches."""
    return tuple(add_sketch(parse_page(capture, source)) for capture in captures)


def add_sketch(outcome: Article | Reject) -> Article | Reject:
    """Return the article with its MinHash sketch, which the single loading process then need not compute."""
    return replace(outcome, sketch=compute_sketch(outcome.text)) if isinstance(outcome, Article) else outcome
