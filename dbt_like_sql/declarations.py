"""Reads YAML declarations strictly: an unknown key is an error, because a misspelt rule would be no rule."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

T = TypeVar("T")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class DeclarationError(ValueError):
    """A declaration (contract, field, model, suite) that cannot be understood; the message names the file."""


class _UniqueKeyLoader(_Loader):  # type: ignore[misc]  # the base class is chosen at run time
    """A safe loader that refuses a key given twice: YAML would silently keep the last one."""


def _unique_mapping(loader: Any, node: Any) -> dict[Any, Any]:
    mapping: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in mapping:
            line = key_node.start_mark.line + 1
            raise DeclarationError(f"line {line}: the key '{key}' is given twice")
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_UniqueKeyLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _unique_mapping)


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the mapping in a YAML file.

    Raises DeclarationError, naming the file, if it is no YAML, no mapping, or repeats a key.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)
    except (yaml.YAMLError, DeclarationError) as error:
        raise DeclarationError(f"{path.name}: {error}") from error
    if not isinstance(content, dict):
        raise DeclarationError(f"{path.name}: a mapping is expected at the top of the file")
    return content


def build(kind: type[T], values: Mapping[str, Any], where: str) -> T:
    """Build a dataclass from a mapping; every key must be one of its fields, every field without default given."""
    if not isinstance(values, Mapping):
        raise DeclarationError(f"{where}: a mapping is expected, not {values!r}")
    fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]  # T is always a dataclass
    refuse_unknown(values, fields, where)
    missing = [
        name
        for name, f in fields.items()
        if name not in values and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        raise DeclarationError(f"{where}: missing {', '.join(missing)}")
    return kind(**{name: _frozen(value) for name, value in values.items()})


def refuse_unknown(values: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise DeclarationError if `values` holds a key that is not known."""
    known = set(known)
    unknown = sorted(str(v) for v in values if v not in known)
    if unknown:
        raise DeclarationError(f"{where}: unknown key {', '.join(unknown)}; known are {', '.join(sorted(known))}")


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
