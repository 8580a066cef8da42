"""Models that SQL cannot say, written in Python in dbt's own form: `def model(dbt, session)` beside the SQL ones.

What a Python model reads is taken from its source, as it is for SQL: `dbt.ref("x")` with a literal name, nothing else.
Reading a declaration never imports or runs it; `run_python_model` does, and only when there is something new.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from typing import Any

from dbt_like_sql.declarations import DeclarationError

Table = Any
"""A table in Arrow's stream protocol; this package does not know the engine that holds it."""


class Dbt:
    """What a Python model is given in the place of dbt: its tables, and a `config` that changes nothing."""

    def __init__(self, table_of: Callable[[str], Table]) -> None:
        self._table_of = table_of

    def ref(self, name: str) -> Table:
        """Return the table of a model or seed."""
        return self._table_of(name)

    def config(self, **_options: Any) -> None:
        """Accept what dbt wants to know of a model."""


def refs_in(source: str, where: str) -> tuple[str, ...]:
    """Return the models and seeds that a Python model reads, in the order of its source.

    Raises DeclarationError where the source does not define `model(dbt, session)`, or asks dbt for anything whose name
    cannot be read without running it.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise DeclarationError(f"{where}: line {error.lineno}: {error.msg}") from error
    models = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "model"]
    if len(models) != 1 or [argument.arg for argument in models[0].args.args] != ["dbt", "session"]:
        raise DeclarationError(f"{where}: exactly one function `model(dbt, session)` is expected")
    refs: dict[str, None] = {}
    uses = 0
    for node in ast.walk(tree):
        uses += isinstance(node, ast.Name) and node.id == "dbt"
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="dbt"), attr="ref"),
                args=[ast.Constant(value=str() as name)],
                keywords=[],
            ):
                refs[name] = None
                uses -= 1
            case ast.Call(func=ast.Attribute(value=ast.Name(id="dbt"), attr="config")):
                uses -= 1
    if uses:
        raise DeclarationError(f"{where}: of dbt a model uses only dbt.ref('x'), by a literal name, and dbt.config(…)")
    return tuple(refs)


def names_in(source: str) -> frozenset[str]:
    """Return every text written out in a Python model, the names of the columns that it reads among them."""
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return frozenset(text for text in texts if isinstance(text, str))


def run_python_model(source: str, where: str, table_of: Callable[[str], Table]) -> Table:
    """Run a Python model on the tables that `table_of` gives and return what it returns."""
    return _namespace(source, where)["model"](Dbt(table_of), None)


@cache
def _namespace(source: str, where: str) -> dict[str, Any]:
    """What a model's file defines; read once, so that what it remembers of one run serves the next."""
    namespace: dict[str, Any] = {"__name__": where.removesuffix(".py").replace("/", ".")}
    exec(compile(source, where, "exec"), namespace)  # as its SQL, a declaration of this project
    return namespace
