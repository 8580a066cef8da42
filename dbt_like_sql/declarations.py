"""Reads YAML declarations strictly: an unknown key is an error, because a misspelt rule would be no rule."""

from __future__ import annotations

import dataclasses
import difflib
import re
import types
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

T = TypeVar("T")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


DECLARED_IN = (".yml", ".sql", ".csv", ".py")
"""Endings of the files that declare something."""

_OWNER = re.compile(r"team:[\w-]+|[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")


class DeclarationError(ValueError):
    """A declaration (contract, field, model, suite) that cannot be understood.

    The message is a sentence that names the file and the line or the key, and says what is known there or what to do.
    """


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


def read_text(path: Path, where: str) -> str:
    """Return the text of a declaration.

    Raises DeclarationError, whose sentence begins with `where`, if it is missing, no UTF-8, or begins with a mark of
    its encoding, which SQL and CSV would take for a letter.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DeclarationError(f"{where}: there is no such file; write it, or take it back from git") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = f"0x{error.object[error.start]:02X}"
        raise DeclarationError(f"{where}: line {line}: the byte {byte} is no UTF-8; save the file as UTF-8") from None
    if text.startswith("\ufeff"):
        raise DeclarationError(f"{where}: it begins with a byte order mark; save it as UTF-8 without one")
    return text


def read_yaml(path: Path, where: str = "") -> dict[str, Any]:
    """Return the mapping in a YAML file, which is called `where` in sentences (default: by its name).

    Raises DeclarationError, naming the file, if it is missing, no YAML, no mapping, or repeats a key.
    """
    where = where or path.name
    text = read_text(path, where)
    try:
        content = yaml.load(text, Loader=_UniqueKeyLoader)
    except DeclarationError as error:
        raise DeclarationError(f"{where}: {error}; take one of them out") from None
    except yaml.MarkedYAMLError as error:
        line = f" line {error.problem_mark.line + 1}:" if error.problem_mark else ""
        problem = " ".join(f"{error.context or ''} {error.problem or ''}".split())
        raise DeclarationError(f"{where}:{line} this is no YAML ({problem}); look at indentation and quotes") from None
    except yaml.YAMLError as error:
        raise DeclarationError(f"{where}: this is no YAML: {' '.join(str(error).split())}") from None
    if not isinstance(content, dict):
        raise DeclarationError(f"{where}: a mapping (key: value) is expected at the top of the file")
    return content


def below(path: Path, folder: str) -> str:
    """Return how a file is called in sentences: its path from the folder of that name on."""
    parts = path.parts[:-1]
    first = len(parts) - 1 - parts[::-1].index(folder) if folder in parts else len(parts)
    return "/".join((*parts[first:], path.name))


def refuse_unread(root: Path, folder: str) -> None:
    """Raise DeclarationError for a file whose ending is not read, such as .yaml: it would declare nothing."""
    for path in sorted(root.rglob("*.*")):
        ending = path.suffix.lower().replace(".yaml", ".yml")
        if path.suffix not in DECLARED_IN and ending in DECLARED_IN:
            raise DeclarationError(
                f"{below(path, folder)}: nobody reads a file that ends so; rename it to {path.stem}{ending}"
            )


def subject_of_file(path: Path, root: Path, what: str, layer: str = "") -> str:
    """Return the subject of a file below `root`, or below a layer of it: the folder that it lies in.

    Raises DeclarationError, naming the file and where `what` (a model, a suite) belongs, if it lies anywhere else.
    """
    folder = root / layer
    if path.parent.parent != folder:
        expected_path = (folder / "<subject>" / path.name).relative_to(root).as_posix()
        raise DeclarationError(
            f"{path.relative_to(root).as_posix()}: a {what} lies in the folder of its subject, {expected_path}; "
            f"there are {', '.join(sorted(one.name for one in folder.glob('*/')))}"
        )
    return path.parent.name


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
        raise DeclarationError(f"{where}: missing {', '.join(missing)}; add it")
    kinds = _kinds(kind)  # type: ignore[arg-type]  # a class can be hashed
    for name, value in values.items():
        if not _fits(value, kinds[name]):
            raise DeclarationError(f"{where}: {name}: {_kind_in_words(kinds[name])} is expected, not {value!r}")
    return kind(**{name: _frozen(value) for name, value in values.items()})


def refuse_unknown(values: Iterable[str], known: Iterable[str], where: str) -> None:
    """Raise DeclarationError if `values` holds a key that is not known."""
    known = set(known)
    for key in values:
        if key not in known:
            raise DeclarationError(f"{where}: unknown key '{key}': {meant(str(key), known)}")


def refuse_owner(owner: str, where: str) -> None:
    """Raise DeclarationError where an owner is neither a team nor an e-mail address: Dagster takes nothing else."""
    if not _OWNER.fullmatch(owner):
        raise DeclarationError(f"{where}: owner: 'team:<name>' or an e-mail address is expected, not '{owner}'")


def meant(given: str, known: Iterable[str]) -> str:
    """Return what is known in the place of a name that is not: the one most like it, or all if they are few."""
    names = sorted(known)
    near = difflib.get_close_matches(given, names, 1)
    if near:
        return f"did you mean {near[0]}?"
    return f"known are {', '.join(names)}" if len(names) <= 30 else f"none of the {len(names)} known is like it"


@cache
def _kinds(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value read from YAML has the type that a dataclass names, looking into lists but not into mappings."""
    if hint is Any or hint is type(value):
        return True
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return any(_fits(value, one) for one in arguments)
    if origin is tuple:
        return isinstance(value, list | tuple) and all(_fits(one, arguments[0]) for one in value)
    if origin is not None:
        return isinstance(value, Mapping)
    if hint in (int, float):
        return isinstance(value, hint if hint is int else int | float) and not isinstance(value, bool)
    return isinstance(value, hint)


def _kind_in_words(hint: Any) -> str:
    """Name a type in words."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_kind_in_words(one) for one in arguments if one is not type(None))
    if origin is tuple:
        return "a list in brackets"
    if origin is not None:
        return "a mapping (key: value)"
    words = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}
    return words.get(hint, f"a {hint.__name__.lower()}")


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
