"""Responses that a mock site holds back, so that a test can look at a run in progress."""

from __future__ import annotations

from itertools import count
from threading import Event

from newsetl.replica.response import MockResponse
from newsetl.replica.server import Handler

# A limit for a test that hangs.
PATIENCE = 600


class Held:
    """A fault for `Replica.commit`: holds every response but the first `after` until it is released.

    `came` is set as soon as a response is held.
    """

    def __init__(self, after: int = 0) -> None:
        self.came, self._released = Event(), Event()
        self._after, self._numbers = after, count()

    def __call__(self, handler: Handler, answer: MockResponse) -> None:
        """Send the answer, perhaps late."""
        if next(self._numbers) >= self._after:
            self.hold()
        handler.send_mock_response(answer)

    def hold(self) -> None:
        """Wait for the release. Raises TimeoutError."""
        self.came.set()
        if not self._released.wait(PATIENCE):
            raise TimeoutError("the test released no response")

    def wait(self) -> None:
        """Wait until a response is held. Raises TimeoutError."""
        if not self.came.wait(PATIENCE):
            raise TimeoutError("no response is held")

    def release(self) -> None:
        """Send what is held, and hold nothing more."""
        self._released.set()
