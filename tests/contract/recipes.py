"""The recipes of CONTRIBUTING as commands, in the order in which they stand there."""

from __future__ import annotations

import re
from pathlib import Path

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"
_SECTION = re.compile(r"(?ms)^## Add an? .*?(?=^## |\Z)")
_COMMANDS = re.compile(r"(?ms)^```sh\n(.*?)^```$")


def without_recipes(text: str) -> str:
    """Return the text without the sections that add something."""
    return _SECTION.sub("", text)


def recipe_commands() -> list[str]:
    """Return every command of the sections that add something."""
    sections = _SECTION.findall(CONTRIBUTING.read_text(encoding="utf-8"))
    return [line for section in sections for block in _COMMANDS.findall(section) for line in block.splitlines()]
