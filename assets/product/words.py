"""The words of `words.yml`: headings, statuses and units in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dbt_like_sql.declarations import read_yaml

_FILE = Path(__file__).with_name("words.yml")


@cache
def words() -> Mapping[str, Any]:
    """Return all words: `page`, `statuses`, `units`, each by its key, then by language."""
    return read_yaml(_FILE)


def unit_words(unit: str, lang: str) -> str:
    """Return a unit as it follows a number, with the space before it where the language has one."""
    known = words()["units"].get(unit)
    return f" {unit}" if known is None else str(known[lang])


def status_words(status: str, lang: str) -> str:
    """Return a status in words; one that has none stands as it is."""
    known = words()["statuses"].get(status)
    return status if known is None else str(known[lang])
