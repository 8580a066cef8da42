"""Blank forms: what a supplier fills in and sends, made of the contract of the feed."""

from __future__ import annotations

import csv
from pathlib import Path

from dbt_like_sql.project import Project


class FormError(ValueError):
    """A form cannot be written; the message says why."""


def write_form(project: Project, feed: str, folder: Path) -> Path:
    """Write the headers of a feed as a CSV that Excel opens with its accents; return its path.

    Each column is headed as the offices write it. Raises FormError where no feed has that name or the file is there.
    """
    contract = project.contracts.get(feed)
    if contract is None:
        raise FormError(f"No feed is called '{feed}'; there are {', '.join(sorted(project.contracts))}.")
    path = folder / f"{feed}__form.csv"
    if path.exists():
        raise FormError(f"{path} is there already; move it first.")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerow([rule.headers[0] if rule.headers else rule.name for rule in contract.fields])
    return path


def columns_of(project: Project, feed: str, lang: str) -> list[str]:
    """Return one line for each column of a form: its header, whether it must be filled in, and what it holds."""
    must = {"vi": " (bắt buộc)", "en": " (required)"}[lang]
    lines = []
    for rule in project.contracts[feed].fields:
        field = project.fields[rule.name]
        meaning = field.description_vi if lang == "vi" else field.description_en
        header = rule.headers[0] if rule.headers else rule.name
        lines.append(f"{header}{must if rule.required else ''}: {meaning}")
    return lines
