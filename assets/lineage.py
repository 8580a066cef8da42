"""From which columns each column of a model comes: traced in the SQL, kept in a generated file.

Tracing costs seconds and depends on the SQL alone, so it is done when the dictionary is written, never at night.
Of a Python model it is only known which columns its source names: each of its columns is said to come from all of them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import cast

from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.fields import HERE
from dbt_like_sql.project import HISTORY, HISTORY_COLUMNS, Model, Project, compile_sql
from dbt_like_sql.python_models import names_in
from resources.warehouse import LEDGER_COLUMNS

FILE = HERE / "lineage.json"
_ANY_DAY = dt.date(2000, 1, 1)

Traced = Mapping[str, Mapping[str, Sequence[tuple[str, str, str]]]]
"""By model and column: (layer, table, column) of what it is made from; models and seeds have the layer 'ref'."""


@cache
def read_lineage() -> Traced:
    """Return the generated lineage; empty where it was never written."""
    if not FILE.exists():
        return {}
    content: dict[str, dict[str, list[list[str]]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        model: {
            column: [cast("tuple[str, str, str]", tuple(s)) for s in sources] for column, sources in columns.items()
        }
        for model, columns in content.items()
    }


def lineage_json(project: Project, columns: Mapping[str, Mapping[str, str]], known: Traced | None = None) -> str:
    """Trace every model but those whose lineage is known; `columns` are the columns of each model with their types."""
    known = known or {}
    traced = {
        model.name: known.get(model.name) or (_named if model.is_python else _traced)(project, model, columns)
        for model in project.models_in_order()
    }
    lines = [f" {json.dumps(name)}: {json.dumps(traced[name], sort_keys=True)}" for name in sorted(traced)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _named(
    project: Project, model: Model, columns: Mapping[str, Mapping[str, str]]
) -> dict[str, list[tuple[str, str, str]]]:
    names = names_in(model.source_text)
    read = sorted(
        ("ref", ref, name) for ref in model.refs for name in _columns_of(project, "ref", ref, columns) if name in names
    )
    return {column: list(read) for column in columns[model.name]}


def _traced(
    project: Project, model: Model, columns: Mapping[str, Mapping[str, str]]
) -> dict[str, list[tuple[str, str, str]]]:
    # Imported here because only who writes the dictionary needs the SQL parser.
    from sqlglot import exp, parse_one
    from sqlglot.errors import ParseError, SqlglotError
    from sqlglot.lineage import lineage
    from sqlglot.optimizer.qualify import qualify
    from sqlglot.optimizer.scope import build_scope

    tables: dict[str, tuple[str, str]] = {}

    def relation(layer: str, table: str) -> str:
        tables[f"{layer}__{table}"] = (layer, table)
        return f"{layer}__{table}"

    sql = compile_sql(model, relation, _ANY_DAY)
    schema: dict[str, object] = {
        alias: dict.fromkeys(_columns_of(project, *table, columns), "varchar") for alias, table in tables.items()
    }
    try:
        tree = qualify(parse_one(sql, dialect="duckdb"), schema=schema, dialect="duckdb")
    except SqlglotError as error:
        found_at = error.errors[0] if isinstance(error, ParseError) and error.errors else {}
        line = model.line_in_file(found_at.get("line"))
        raise DeclarationError(
            f"{model.file}: {'' if line is None else f'line {line}: '}the engine reads this SQL, and the tracer of "
            f"columns does not ({found_at.get('description') or str(error).splitlines()[0]}). Write it as other models "
            "do"
        ) from None
    scope = build_scope(tree)
    # All columns in one walk, which traces what they share once. Trimming would copy the query at each step.
    nodes = lineage(None, tree, schema, scope=scope, trim_selects=False, dialect="duckdb", copy=False)
    found: dict[str, list[tuple[str, str, str]]] = {}
    for column, root in nodes.items():
        sources: set[tuple[str, str, str]] = set()
        for node in root.walk():
            if isinstance(node.expression, exp.Table) and node.expression.name in tables:
                sources.add((*tables[node.expression.name], node.name.rsplit(".", 1)[-1].strip('"')))
        found[column] = sorted(sources)
    return found


def _columns_of(project: Project, layer: str, table: str, columns: Mapping[str, Mapping[str, str]]) -> Sequence[str]:
    if layer in ("validated", "candidates"):
        return project.contracts[table].columns
    if layer == HISTORY:
        return (*columns[table], *HISTORY_COLUMNS)
    if layer == "ledger":
        return LEDGER_COLUMNS[table]
    if layer == "contracts":
        return (
            ("feed", "option", "value") if table == "options" else ("feed", "supplier", "kind", "frequency", "due_days")
        )
    return project.seeds[table].columns if table in project.seeds else tuple(columns[table])
