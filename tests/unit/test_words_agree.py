"""A judgement on an estimate has one wording: in the sentence of the mart, in the cell of the page and in the view."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.product import database as database_module
from assets.product.database import additive_views, code_words
from assets.product.words import judgement_words
from dbt_like_sql.declarations import read_yaml
from dbt_like_sql.project import load_project

AN_ESTIMATE = {"provisional": True, "threshold": 3, "assumed_threshold": None, "within_revision_error": False}
LITERAL = re.compile(r"'([^']*)'")


@pytest.mark.parametrize("status", ["achieved", "missed"])
def test_sentence_cell_and_view_call_a_judgement_on_an_estimate_the_same(status: str) -> None:
    sentence = load_project().phrases.by_code[f"item_{status}_estimated"].wording["vi"].removeprefix(": ")
    cell = judgement_words({**AN_ESTIMATE, "status": status}, "vi")
    assert (sentence, shown_in_the_view({**AN_ESTIMATE, "status": status}, "vi")) == (cell, cell)


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("provisional", [True, False])
@pytest.mark.parametrize("status", ["achieved", "missed", "off_track", "no_data"])
def test_cell_and_view_judge_in_the_same_words(status: str, provisional: bool, lang: str) -> None:
    judged = {**AN_ESTIMATE, "status": status, "provisional": provisional}
    assert shown_in_the_view(judged, lang) == judgement_words(judged, lang)


def test_the_sql_of_the_views_holds_no_words_of_its_own() -> None:
    declared = read_yaml(Path(database_module.__file__).with_name("additive_views.yml"))["views"]
    literals = [(view["name"], text) for view in declared for text in LITERAL.findall(view["sql"])]
    assert [(view, text) for view, text in literals if not text.isascii() or re.search(r"[a-z][ .)]", text)] == []


def shown_in_the_view(judged: dict[str, Any], lang: str) -> str:
    """What `targets_now` of `growth.duckdb` shows of an item that is judged so."""
    (view,) = [view for view in additive_views() if view.name == "targets_now"]
    card = {"directive": "D", "item": "KV1", "item_order": 1, **judged}
    with duckdb.connect() as engine:
        engine.execute("create table item_agencies (directive text, item text, agency_code text, agency_role text)")
        engine.execute("create table dim_agency (agency_code text, name_vi text, name_en text)")
        engine.execute("create table code_words (column_name text, code text, word_vi text, word_en text)")
        engine.executemany(
            "insert into code_words values (?, ?, ?, ?)", [list(row.values()) for row in code_words(load_project())]
        )
        columns = ", ".join(f"${name} as {name}" for name in card)
        engine.execute(f"create table directive_scorecard as select {columns}", card)
        (row,) = engine.sql(view.sql).to_arrow_table().to_pylist()
    return str(row[f"status_shown_{lang}"])
