"""What commands share: the languages in which they answer, and how one ends with a sentence and an exit code."""

from __future__ import annotations

import sys
from typing import NoReturn

import click
from rich.console import Console

LANGUAGES = click.Choice(["vi", "en"])


def fail(console: Console, sentence: str, code: int) -> NoReturn:
    """Print a sentence in red and exit with a code."""
    console.print(sentence, style="red", markup=False, soft_wrap=True, highlight=False)
    sys.exit(code)
