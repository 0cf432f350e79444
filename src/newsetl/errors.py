"""NewsetlError and its children: one for each stage that can refuse something.

A page or a link that cannot be used raises a child with a `reason` from `model.Reason`;
`reading` or `pipeline` turns it into a Reject. What stops a whole run (a broken source file, a warehouse
that cannot be opened) raises ConfigError, SourceError or WarehouseError and has no reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from newsetl.model import Capture
    from newsetl.reasons import Reason


class NewsetlError(Exception):
    """Anything newsetl raises on purpose; its text is one line that a person can act on."""


class ConfigError(NewsetlError):
    """The caller's settings cannot work: a window, a folder, an option."""


class SourceError(ConfigError):
    """A source file is wrong; the text names the file, the key and the fix, and `wrong` is all such texts."""

    def __init__(self, *wrong: str) -> None:
        super().__init__(*wrong)
        self.problems = wrong

    def __str__(self) -> str:
        more = len(self.problems) - 1
        return self.problems[0] + (f" (and {more} more: `newsetl source lint` has all)" if more > 0 else "")


class WarehouseError(NewsetlError):
    """The warehouse cannot be opened, is newer than the code, or is held by another process."""


class StageError(NewsetlError):
    """One link or page that a stage refuses."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason: Reason = reason


# Told of an address that failed; what is left goes on.
OnError = Callable[[str, StageError], None]


class DiscoverError(StageError):
    """A listing, sitemap or index page that cannot be read."""


class FetchError(StageError):
    """A request that brought no usable response; `capture` is the response that was kept, if one was."""

    def __init__(self, reason: Reason, message: str, capture: Capture | None = None) -> None:
        super().__init__(reason, message)
        self.capture: Capture | None = capture


class HostUnavailableError(NewsetlError):
    """A host that this run asks no more; the text names it and says why. What it announced stays due."""


class ArchiveError(NewsetlError):
    """The archive cannot be written or a record in it cannot be read."""


class CorruptRecordError(ArchiveError):
    """A stretch of an archive file that holds no whole record; `file` and `offset` say where it begins."""

    def __init__(self, file: str, offset: int, message: str) -> None:
        super().__init__(f"{file} at {offset}: {message}")
        self.file: str = file
        self.offset: int = offset


class ParseError(StageError):
    """A page that is no article, or in which the article was not found."""


class NormaliseError(StageError):
    """An article whose values cannot be trusted, such as a date in the future."""
