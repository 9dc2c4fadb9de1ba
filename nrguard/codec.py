"""Frozen dataclasses to JSON-able values and back, by their annotations. Pure; trusts nothing it is given to decode."""

from __future__ import annotations

import base64
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints


class Malformed(ValueError):
    """The data does not have the shape of the wanted type."""


def to_json(value: Any) -> Any:
    """Return `value` as plain lists, dicts, strings, numbers and None. Bytes become base64, enums their value."""
    if is_dataclass(value):
        return {f.name: to_json(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, frozenset)):
        return [to_json(item) for item in value]
    return value


def from_json(wanted: Any, data: Any) -> Any:
    """Return `data` as a value of the type `wanted`. Raise Malformed where it does not fit."""
    if wanted is Any:
        return data
    if is_dataclass(wanted):
        return _dataclass(wanted, data)
    origin = get_origin(wanted)
    if origin in (Union, types.UnionType):
        return _union(get_args(wanted), data)
    if origin is tuple:
        return tuple(from_json(get_args(wanted)[0], item) for item in _expect(list, data))
    if origin in (dict, Mapping):
        value_type = get_args(wanted)[1]
        return {key: from_json(value_type, item) for key, item in _expect(dict, data).items()}
    return _scalar(wanted, data)


def _scalar(wanted: Any, data: Any) -> Any:
    if wanted is type(None) and data is None:
        return None
    if wanted is bytes:
        return _bytes(_expect(str, data))
    if isinstance(wanted, type) and issubclass(wanted, Enum):
        try:
            return wanted(data)
        except ValueError as error:
            raise Malformed(str(error)) from error
    if wanted is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if wanted in (str, int, float, bool) and type(data) is wanted:
        return data
    raise Malformed(f"{type(data).__name__} where {getattr(wanted, '__name__', wanted)} was expected")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Malformed(str(error)) from error


def _expect(wanted: type, data: Any) -> Any:
    if type(data) is not wanted:
        raise Malformed(f"{type(data).__name__} where {wanted.__name__} was expected")
    return data


def _dataclass(wanted: Any, data: Any) -> Any:
    hints = _hints(wanted)
    unknown = _expect(dict, data).keys() - hints.keys()
    if unknown:
        raise Malformed(f"{wanted.__name__} has no {', '.join(sorted(map(str, unknown)))}")
    try:
        return wanted(**{key: from_json(hints[key], item) for key, item in data.items()})
    except TypeError as error:  # a field without default is missing
        raise Malformed(str(error)) from error


def _union(options: tuple[Any, ...], data: Any) -> Any:
    if any(get_origin(option) is list for option in options):  # model.View: any JSON value
        return data
    for option in options:
        try:
            return from_json(option, data)
        except Malformed:
            continue
    raise Malformed(f"{type(data).__name__} fits none of {len(options)} types")


@cache
def _hints(wanted: Any) -> dict[str, Any]:
    return get_type_hints(wanted)
