"""Retries of one request, with exponential backoff and within the run's budget."""

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


def with_retries(
    attempt_once: Callable[[int, float], T], *, host: str, fetch: FetchConfig, patience: RetryBudget
) -> T:
    """What the first attempt brings that does not fail in passing, or the failure of the last one.

    `attempt_once` is handed the attempt's number and, on the monotonic clock, the time not to begin before.
    """
    not_before = -math.inf

    def is_last(state: RetryCallState) -> bool:
        return state.attempt_number > fetch.retries or not patience.take_retry(host)

    def wait_in_turn(seconds: float) -> None:
        # The host's clock does the waiting, so that it knows what for.
        nonlocal not_before
        not_before = time.monotonic() + seconds

    attempts = Retrying(
        retry=retry_if_exception(is_passing),
        stop=is_last,
        wait=wait_exponential_jitter(
            multiplier=fetch.backoff, max=throttle.MAX_BACKOFF, jitter=fetch.backoff
        ),
        sleep=wait_in_turn,
        reraise=True,
    )
    for attempt in attempts:
        with attempt:
            return attempt_once(attempt.retry_state.attempt_number, not_before)
    raise AssertionError("the last attempt returns or raises")


def is_passing(error: BaseException) -> bool:
    """True for what another attempt may mend."""
    if isinstance(error, FetchError):
        return error.capture is not None and error.capture.status in TRANSIENT_STATUSES
    return isinstance(error, (httpx.TransportError, OSError))
