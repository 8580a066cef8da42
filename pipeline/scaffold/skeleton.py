"""What all skeletons share: names that are refused, the YAML of a model, writing without overwriting."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from dbt_like_sql.project import Project

NAME_IT = "(đặt tên tiếng Việt)"
"""Stands behind a title or a label that a skeleton has made of a name in English."""
_OWN_WORDS = re.compile(
    r"\bsay (?:which|where|here|in a)\b|mô tả (?:ngắn|bảng|ý nghĩa)|" + re.escape(NAME_IT), re.IGNORECASE
)
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class ScaffoldError(ValueError):
    """A skeleton that cannot be written; the message says why and what to do."""


def refuse_name(name: str, what: str, project: Project) -> None:
    """Raise ScaffoldError where a name is not well formed, or is that of something else."""
    if not _NAME.fullmatch(name):
        raise ScaffoldError(
            f"'{name}' cannot be the name of {what}: use lower-case words joined by '_', such as retail_services."
        )
    taken = {*project.contracts, *project.models, *project.seeds, *project.indicators}
    if {name, f"stg_{name}", f"int_{name}_item_evidence"} & taken:
        raise ScaffoldError(f"'{name}' is taken: another feed, model, seed or indicator has this name.")


def refuse_unknown(what: str, given: str, known: Sequence[str], to_add: str = "") -> None:
    """Raise ScaffoldError where something named is none of those known; `to_add` says how a new one comes about."""
    if given not in known:
        near = difflib.get_close_matches(given, known, 1)
        there = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(sorted(known)) or 'none yet'}."
        raise ScaffoldError(f"There is no {what} '{given}'. {there}{to_add}")


def subject_of(given: str | None, default: str) -> str:
    """Return the subject that was named, or else a default. Raises ScaffoldError where it cannot name a folder."""
    if given is not None and not _NAME.fullmatch(given):
        raise ScaffoldError(f"'{given}' cannot be the name of a subject: use lower-case words joined by '_'.")
    return given or default


def write(checkout: Path, contents: Mapping[str, str]) -> list[Path]:
    """Write files by their path in the checkout; all of them, or none where one exists already."""
    there = [relative for relative in contents if (checkout / relative).exists()]
    if there:
        raise ScaffoldError(f"Nothing was written, because these exist already: {', '.join(there)}.")
    for relative, text in contents.items():
        path = checkout / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    return [checkout / relative for relative in contents]


def own_words(path: Path) -> list[int]:
    """Return the lines of a file that still hold the words of a skeleton, for its author to replace."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [number for number, line in enumerate(lines, 1) if _OWN_WORDS.search(line)]


def model_yaml(name: str, english: str, vietnamese: str, grain: Sequence[str], *more: str) -> str:
    """Return the YAML of a model; `more` are further lines of its `meta`."""
    lines = "".join(f"\n        {line}" for line in more)
    return f"""\
version: 2
models:
  - name: {name}
    description: >-
      {english}
    config:
      meta:
        description_vi: >-
          {vietnamese}
        grain: [{", ".join(grain)}]
        owner: "team:statistics"{lines}
"""


def listed(columns: Sequence[str], indent: int = 4) -> str:
    """Return columns as SQL lists them, one a line."""
    return ",\n".join(f"{' ' * indent}{column}" for column in columns)


def words(name: str) -> str:
    """Return a name in words."""
    return name.replace("_", " ")
