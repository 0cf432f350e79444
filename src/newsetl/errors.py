"""Exceptions of newsetl.

A StageError concerns one page or link and has a `reason` from `newsetl.reasons.Reason`; the package
`pipeline` turns a StageError into a Reject. ConfigError, SourceError and WarehouseError stop the whole run.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from newsetl.model import Capture
    from newsetl.reasons import Reason


class NewsetlError(Exception):
    """Base of all errors that newsetl raises; the text is one line that ends with the fix."""


class ConfigError(NewsetlError):
    """Invalid setting of the caller, such as a window, a directory or an option."""


class SourceError(ConfigError):
    """Invalid source file; each text in `problems` names the file, the key and the fix."""

    def __init__(self, *problems: str) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        more = len(self.problems) - 1
        return self.problems[0] + (
            f" (and {more} more; run `newsetl source lint` to list all)" if more > 0 else ""
        )


class WarehouseError(NewsetlError):
    """Warehouse that cannot be opened, is newer than the code, or is locked by another process."""


class WarehouseLockedError(WarehouseError):
    """Warehouse file that another process has open."""


class PublishError(WarehouseError):
    """Failed copy of the warehouse for readers, who then have the previous copy."""


class StageError(NewsetlError):
    """Rejection of one link or page by a stage of the pipeline.

    `retry_at` is when to request the URL again, if that is known; else the reason's policy decides.
    """

    def __init__(self, reason: Reason, message: str, *, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.reason: Reason = reason
        self.retry_at = retry_at


# Called with the URL that failed and the error; the run continues with the next URL.
OnError = Callable[[str, StageError], None]


class DiscoverError(StageError):
    """Listing, sitemap, feed or index page that cannot be read."""


class FetchError(StageError):
    """Request without a usable response; `capture` is the response if it was stored in the archive."""

    def __init__(self, reason: Reason, message: str, capture: Capture | None = None) -> None:
        super().__init__(reason, message)
        self.capture: Capture | None = capture


class TooManyRedirectsError(FetchError):
    """Request that was redirected more often than the limit."""


class HostUnavailableError(NewsetlError):
    """Host to which this run sends no more requests; its open links stay due for the next run."""


class ArchiveError(NewsetlError):
    """Archive file that cannot be written, or archive record that cannot be read."""


class CorruptRecordError(ArchiveError):
    """Bytes of an archive file that are no complete record, beginning at `offset` in `file`."""

    def __init__(self, file: str, offset: int, message: str) -> None:
        super().__init__(f"{file} at {offset}: {message}")
        self.file: str = file
        self.offset: int = offset


class ShardError(NewsetlError):
    """Shard that cannot be written or read."""


class ParseError(StageError):
    """Page that is no article, or in which no article was found."""


class NormaliseError(StageError):
    """Article with implausible values, such as a date in the future."""
