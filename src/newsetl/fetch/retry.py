"""Retries of one request with exponential backoff, within the run's retry budget."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import TypeVar

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, wait_exponential_jitter

from newsetl.errors import FetchError
from newsetl.fetch import throttle
from newsetl.fetch.throttle import TRANSIENT_STATUSES, RetryBudget
from newsetl.sources.config import FetchConfig

T = TypeVar("T")


def run_with_retries(
    attempt_once: Callable[[int, float], T], *, host: str, fetch: FetchConfig, retry_budget: RetryBudget
) -> T:
    """Retry transient failures. Return the first result or raise the last error.

    `attempt_once` gets the attempt's number, and on the monotonic clock the earliest time to begin (s).
    """
    not_before = -math.inf

    def is_last(state: RetryCallState) -> bool:
        return state.attempt_number > fetch.retries or not retry_budget.take_retry(host)

    def schedule_next(seconds: float) -> None:
        # The host's throttle does the waiting, so that the audit row has the cause.
        nonlocal not_before
        not_before = time.monotonic() + seconds

    attempts = Retrying(
        retry=retry_if_exception(is_transient),
        stop=is_last,
        wait=wait_exponential_jitter(
            multiplier=fetch.backoff, max=throttle.MAX_BACKOFF, jitter=fetch.backoff
        ),
        sleep=schedule_next,
        reraise=True,
    )
    for attempt in attempts:
        with attempt:
            return attempt_once(attempt.retry_state.attempt_number, not_before)
    raise AssertionError("the last attempt returns or raises")


def is_transient(error: BaseException) -> bool:
    """Return True if another attempt may succeed."""
    if isinstance(error, FetchError):
        return error.capture is not None and error.capture.status in TRANSIENT_STATUSES
    return isinstance(error, (httpx.TransportError, OSError))
