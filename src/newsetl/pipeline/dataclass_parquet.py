"""Records ⇄ a Parquet file, a column a field: what is read back equals what was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

Record = TypeVar("Record")

# Half a surrogate pair, as some pages' scripts write it, is no text to Parquet: then all texts are bytes.
_CODING = ("utf-8", "surrogatepass")
_KINDS = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    bytes: pa.binary(),
    UUID: pa.binary(16),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}


def write_records(path: Path, record_type: type[Record], records: Iterable[Record]) -> None:
    """Writes records of the frozen dataclass `kind`, whose datetimes are aware. Raises OSError."""
    rows = [_to_arrow(record) for record in records]
    try:
        table = pa.Table.from_pylist(rows, schema=pa.schema(list(_arrow_type(record_type, pa.string()))))
    except UnicodeEncodeError:
        table = pa.Table.from_pylist(
            [_encode_texts(row) for row in rows],
            schema=pa.schema(list(_arrow_type(record_type, pa.binary()))),
        )
    pq.write_table(table, path, compression="zstd")


def read_records(path: Path, record_type: type[Record]) -> Iterator[Record]:
    """The records, in order. Raises OSError, or ValueError if the file is none that `write` has made."""
    make = _build_record_maker(record_type)
    for batch in pq.ParquetFile(path).iter_batches():
        yield from map(make, batch.to_pylist())


def _arrow_type(hint: Any, text: Any) -> Any:
    """Arrow's type for values of the type `hint`, texts being of the type `text`."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        return _arrow_type(_optional(arguments), text)
    if origin is tuple:
        return pa.list_(_arrow_type(arguments[0], text))
    if origin is dict:
        return pa.map_(*(_arrow_type(argument, text) for argument in arguments))
    if _is_record(hint):
        return pa.struct([(name, _arrow_type(kind, text)) for name, kind in _fields(hint).items()])
    return text if origin is Literal or issubclass(hint, str) else _KINDS[hint]


def _optional(arguments: tuple[Any, ...]) -> Any:
    (kind,) = (argument for argument in arguments if argument is not NoneType)
    return kind


def _is_record(value: Any) -> bool:  # without the narrowing, whose types no cache takes
    return is_dataclass(value)


@cache
def _fields(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _to_arrow(value: Any) -> Any:
    if isinstance(value, UUID):
        return value.bytes
    if isinstance(value, tuple):
        return [_to_arrow(item) for item in value]
    if isinstance(value, dict):
        return list(value.items())
    if _is_record(value):
        kind: Any = type(value)
        return {name: _to_arrow(getattr(value, name)) for name in _fields(kind)}
    return value


def _encode_texts(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(*_CODING)
    if isinstance(value, (list, tuple)):  # a map's pairs are tuples
        return type(value)(_encode_texts(item) for item in value)
    if isinstance(value, dict):
        return {name: _encode_texts(item) for name, item in value.items()}
    return value


@cache
def _build_maker(hint: Any) -> Callable[[Any], Any]:
    """What makes a value of the type `hint` of what Arrow gives for it."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is UnionType:
        make = _build_maker(_optional(arguments))
        return lambda value: None if value is None else make(value)
    if origin is tuple:
        make = _build_maker(arguments[0])
        return lambda value: tuple(map(make, value))
    if origin is dict:
        first, second = map(_build_maker, arguments)
        return lambda value: {first(key): second(item) for key, item in value}
    if _is_record(hint):
        return _build_record_maker(hint)
    return _VALUES.get(hint) or _build_text_maker(hint)


def _build_record_maker(kind: Any) -> Callable[[Any], Any]:
    makers = {name: _build_maker(hint) for name, hint in _fields(kind).items()}
    return lambda value: kind(**{name: make(value[name]) for name, make in makers.items()})


def _build_text_maker(hint: Any) -> Callable[[Any], Any]:
    kind = str if get_origin(hint) is Literal else hint
    return lambda value: kind(value if isinstance(value, str) else value.decode(*_CODING))


_VALUES: dict[Any, Callable[[Any], Any]] = {
    **dict.fromkeys(_KINDS, lambda value: value),
    UUID: lambda value: UUID(bytes=value),
    datetime: lambda value: value.astimezone(UTC),
}
