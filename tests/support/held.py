"""Fault that delays responses, so that a test can inspect a run in progress."""

from __future__ import annotations

from itertools import count
from threading import Event

from newsetl.replica.response import MockResponse
from newsetl.replica.server import Handler

# Seconds before a hanging test fails.
TIMEOUT = 600


class Held:
    """Fault for `MockServer.inject`: delays every response after the first `after` until `release`.

    `came` is set as soon as a response is delayed.
    """

    def __init__(self, after: int = 0) -> None:
        self.came, self._released = Event(), Event()
        self._after, self._numbers = after, count()

    def __call__(self, handler: Handler, response: MockResponse) -> None:
        """Send the response, delayed if it is not one of the first."""
        if next(self._numbers) >= self._after:
            self.hold()
        handler.send_mock_response(response)

    def hold(self) -> None:
        """Wait for the release. Raise TimeoutError after TIMEOUT seconds."""
        self.came.set()
        if not self._released.wait(TIMEOUT):
            raise TimeoutError("the test released no response")

    def wait(self) -> None:
        """Wait until a response is delayed. Raise TimeoutError after TIMEOUT seconds."""
        if not self.came.wait(TIMEOUT):
            raise TimeoutError("no response is delayed")

    def release(self) -> None:
        """Send the delayed responses, and delay no more."""
        self._released.set()
