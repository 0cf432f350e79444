"""Collection of the errors of a source file, so that one SourceError reports all of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from newsetl.errors import SourceError


class ErrorCollector(Protocol):
    """Object that collects the errors of its methods; `is_reading` is True while a method runs."""

    problems: list[str]
    is_reading: bool


T = TypeVar("T")
P = ParamSpec("P")
S = TypeVar("S", bound=ErrorCollector)


def collect_errors(
    fallback: Any,
) -> Callable[[Callable[Concatenate[S, P], T]], Callable[Concatenate[S, P], T]]:
    """Decorate a method so that its SourceError is added to `problems` and `fallback` is returned."""

    def decorate(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
        @wraps(method)
        def collect(self: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            # Decorated methods call each other; only the outermost one handles the error.
            if self.is_reading:
                return method(self, *args, **kwargs)
            self.is_reading = True
            try:
                return method(self, *args, **kwargs)
            except SourceError as error:
                self.problems.append(str(error))
                return fallback  # type: ignore[no-any-return]
            finally:
                self.is_reading = False

        return collect

    return decorate
