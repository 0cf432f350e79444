"""Collection of all errors of a source file, so that one SourceError names them together."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from newsetl.errors import SourceError


class ErrorCollector(Protocol):
    """An object that keeps the errors of its methods; `is_asking` while one of them runs."""

    problems: list[str]
    is_reading: bool


T = TypeVar("T")
P = ParamSpec("P")
S = TypeVar("S", bound=ErrorCollector)


def collect_errors(
    instead: Any,
) -> Callable[[Callable[Concatenate[S, P], T]], Callable[Concatenate[S, P], T]]:
    """A complaint is kept until `done`, which tells all of a file's; till then `instead` stands."""

    def noted(ask: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
        @wraps(ask)
        def asked(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            # One of these asks another: the outermost has the key.
            if self.is_reading:
                return ask(self, *args, **kwargs)
            self.is_reading = True
            try:
                return ask(self, *args, **kwargs)
            except SourceError as error:
                self.problems.append(str(error))
                return instead  # type: ignore[no-any-return]
            finally:
                self.is_reading = False

        return asked

    return noted
