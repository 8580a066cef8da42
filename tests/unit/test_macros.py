"""Macros: SQL with parameters, put in where a model calls it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.macros import load_macros, put_in

SPAN = "{% macro span(first, last) %}\n{{ first }} || '..' || {{ last }}\n{%- endmacro %}\n"


def written(folder: Path, text: str, name: str = "span") -> Path:
    (folder / f"{name}.sql").write_text(text, encoding="utf-8")
    return folder


def test_arguments_take_the_place_of_parameters(tmp_path: Path) -> None:
    macros = load_macros(written(tmp_path, SPAN), {"rows": "select 1"})
    sql = "select {{ span('a.first_on', 'max(b)') }}, {{ span( 'x' , 'y' ) }} from ({{ rows() }}) join {{ ref('t') }}"
    assert put_in(sql, macros, "m.sql") == (
        "select a.first_on || '..' || max(b), x || '..' || y from (select 1) join {{ ref('t') }}"
    )


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("{{ span('a') }}", r"m\.sql: \{\{ span\('a'\) \}\}: span takes first, last"),
        ("{{ rows('a') }}", "no arguments"),
    ],
)
def test_a_call_with_other_arguments_is_refused(tmp_path: Path, call: str, why: str) -> None:
    macros = load_macros(written(tmp_path, SPAN), {"rows": "select 1"})
    with pytest.raises(DeclarationError, match=why):
        put_in(call, macros, "m.sql")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("select 1", r"macros/span\.sql: exactly \{% macro span\(…\) %\}"),
        (SPAN.replace("macro span", "macro spam"), r"macros/span\.sql: exactly"),
        (SPAN.replace("{{ last }}", "last"), r"macros/span\.sql: last stands nowhere in its SQL"),
    ],
)
def test_a_file_that_is_not_the_macro_of_its_name_is_refused(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(DeclarationError, match=why):
        load_macros(written(tmp_path, text), {})


def test_a_macro_does_not_take_the_name_of_declarations(tmp_path: Path) -> None:
    with pytest.raises(DeclarationError, match=r"macros/span\.sql: this name is that of a macro"):
        load_macros(written(tmp_path, SPAN), {"span": "select 1"})
