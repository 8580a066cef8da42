"""The words of `words.yml`: headings, statuses and units in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from dbt_like_sql.declarations import read_yaml

_FILE = Path(__file__).with_name("words.yml")
NO_BREAK = "\u00a0"
"""A space at which no line breaks."""
_NUMBER_AND_UNIT = re.compile(
    r"\d (?:(?:tỷ|triệu|nghìn) đồng|điểm %|đồng|tỷ|%|ha|tấn|MWh|MW|ngày|dự án|lượt khách|lượt|nhà máy"
    r"|(?:bn|mn) VND|VND|pp|tonnes|days?|projects?|farms|visitors)(?!\w)"
)
_CLAUSE = re.compile(r"(\d+)(?:\.([a-zđ]))?(?:-(\d+))?")
_NAMED_IN_SQL = re.compile(r"\{\{ words\.([a-z0-9_.]+) \}\}")
"""`{{ words.page.no_agency.vi }}`: a text of `words.yml` by its keys."""


@cache
def words() -> Mapping[str, Any]:
    """Return all words: `page`, `statuses`, `causes`, `deliveries`, `units`, each by its key, then by language."""
    return read_yaml(_FILE)


def unit_words(unit: str, lang: str) -> str:
    """Return a unit as it follows a number, with the space before it where the language has one."""
    known = words()["units"].get(unit)
    return f" {unit}" if known is None else str(known[lang])


def unit_of(row: Mapping[str, Any]) -> str:
    """Return the unit of an item's figures: of a count what is counted, where that has words."""
    is_named = row["unit"] == "count" and row["indicator"] in words()["units"]
    return str(row["indicator"] if is_named else row["unit"])


def held_together(text: str) -> str:
    """Return a text in which no line breaks between a number and its unit, nor within the unit."""
    return _NUMBER_AND_UNIT.sub(lambda found: found[0].replace(" ", NO_BREAK), text)


def status_words(status: str, lang: str) -> str:
    """Return a status in words; one that has none stands as it is."""
    return _word_of("statuses", status, lang)


def judgement_words(row: Mapping[str, Any], lang: str) -> str:
    """Return the status of a row in words; a judgement on figures that are not final says so ("ước không đạt").

    One that is closer than figures are usually revised bears a sign, `≈`. A task for which the directive names no
    figure is not missed: it lies below a threshold of ours.
    """
    word = status_words(row["status"], lang)
    if row["status"] == "missed" and row.get("threshold") is None and row.get("assumed_threshold") is not None:
        return str(words()["below_assumed"][lang])
    if row.get("provisional") and row["status"] in {"achieved", "missed"}:
        word = str(words()["provisional"][lang]).format(status=word)
    return f"{word} ≈" if row.get("within_revision_error") else word


def cause_words(cause: str, lang: str) -> str:
    """Return in words what a change comes from."""
    return _word_of("causes", cause, lang)


def delivery_words(status: str, lang: str) -> str:
    """Return in words what became of a delivery that was expected."""
    return _word_of("deliveries", status, lang)


def page_words(key: str, lang: str) -> str:
    """Return a heading or a note. Raises KeyError for one that is not there."""
    return str(words()["page"][key][lang])


def header_unit(unit: str) -> str | None:
    """Return a unit as the head of a Vietnamese column says it; None for what has none: texts, codes, days, counts."""
    known: Mapping[str, str] = words()["header_units"]
    return known.get(unit)


def chart_words(lang: str) -> Mapping[str, str]:
    """Return the words of axes of charts by their keys."""
    return {key: str(said[lang]) for key, said in words()["charts"].items()}


def report_words(key: str) -> str:
    """Return words of the report, which is Vietnamese alone. Raises KeyError for what is not there."""
    return str(words()["report"][key])


def clause_words(clause: str) -> str:
    """Name a clause as a Vietnamese document does: điểm b khoản 2, gạch đầu dòng thứ 1."""
    found = _CLAUSE.fullmatch(clause)
    if found is None:
        return report_words("clause_preamble" if clause == "preamble" else "clause_whole")
    number, letter, dash = found.groups()
    text = report_words("clause").format(number=number)
    if letter:
        text = report_words("clause_point").format(letter=letter, number=number)
    return text + (report_words("clause_dash").format(dash=dash) if dash else "")


def workbook_words(key: str) -> str:
    """Return words of the workbook, which is Vietnamese alone. Raises KeyError for what is not there."""
    return str(words()["workbook"][key])


def with_words(sql: str) -> str:
    """Return SQL with each text that it names (`{{ words.page.no_agency.vi }}`) as a literal. Raises KeyError."""
    return _NAMED_IN_SQL.sub(lambda named: _literal(named.group(1)), sql)


def comparator_words(comparator: str) -> str:
    """Return a comparator as people write it."""
    return {">=": "≥", "<=": "≤"}.get(comparator, comparator)


def _word_of(family: str, code: str, lang: str) -> str:
    known = words()[family].get(code)
    return code if known is None else str(known[lang])


def _literal(keys: str) -> str:
    found: Any = words()
    for key in keys.split("."):
        found = found[key]
    return "'" + str(found).replace("'", "''") + "'"
