"""Libraries are used by their documented interfaces only: in the whole tree, tests included.

What can be seen in the syntax is held: which modules are imported, names and attributes with a leading underscore that
are not ours, assignments to what was imported, stand-ins in `sys.modules`; also in Python inside strings, as tests hand
to a subprocess. What is put together at run time (`getattr` with a computed name) cannot be seen.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("pipeline", "assets", "resources", "expectations", "dbt_like_sql", "simulator", "benchmarks", "tests")

DOCUMENTED = frozenset(
    {
        "aiosmtpd.controller", "aiosmtpd.handlers",
        "apprise",
        "asyncssh", "fsspec", "s3fs",
        "click", "click.testing",
        "dagster", "dagster_dbt",
        "dbt.adapters.duckdb.plugins",
        "docx", "docx.shared", "docxtpl",
        "duckdb", "duckdb.func",
        "frictionless",
        "great_expectations", "great_expectations.expectations",
        "grimp",
        "icu4py.messageformat",
        "hypothesis", "hypothesis.strategies",
        "jinja2", "jinja2.sandbox", "markupsafe",
        "numpy", "numpy.typing",
        "openpyxl", "openpyxl.styles", "openpyxl.utils",
        "pandas",
        "pyarrow", "pyarrow.compute", "pyarrow.csv", "pyarrow.fs", "pyarrow.parquet",
        "pydantic",
        "pysdmx", "pysdmx.errors", "pysdmx.io",
        "pyspark.logger", "pyspark.sql", "pyspark.sql.functions",
        "pytest",
        "python_calamine",
        "rich", "rich.console", "rich.progress", "rich.table", "rich.text",
        "scipy",
        "sqlglot", "sqlglot.errors", "sqlglot.lineage", "sqlglot.optimizer.qualify", "sqlglot.optimizer.scope",
        "sqlalchemy", "sqlalchemy.dialects",
        "statsmodels.api", "statsmodels.tsa.api", "statsmodels.tsa.exponential_smoothing.ets",
        "vl_convert",
        "xlrd", "xlsxwriter", "xlsxwriter.exceptions", "xlsxwriter.format", "xlsxwriter.worksheet", "xlwt",
        "yaml",
    }
)  # fmt: skip
"""Every module of a library that may be imported. A new one enters here when its documentation names it."""

EXCEPTIONS = {
    ("assets/readers/sandbox.py", "sys.modules"): (
        "None in sys.modules is Python's documented way to forbid an import; without it the child that parses a file "
        "from outside pays for numpy, and so for its memory limit"
    ),
    ("assets/readers/sdmx.py", "sys.modules"): "takes back the ban of the sandbox where a file of SDMX needs numpy",
    ("assets/readers/sdmx.py", "pysdmx.io.xml.sdmx21.reader.structure_specific"): (
        "the reader of one kind of message; pysdmx.io imports every reader, and validates against schemas not shipped"
    ),
    ("assets/readers/sdmx.py", "pysdmx.io.xml.sdmx30.reader.structure_specific"): "the same of SDMX 3.0",
}
"""What is undocumented and yet needed, with the reason: at most five, each behind one function with a test."""


class _Uses(ast.NodeVisitor):
    """Collects what one file uses of libraries that it should not."""

    def __init__(self, own_names: frozenset[str]) -> None:
        self.found: list[tuple[int, str]] = []
        self._own_names = own_names
        self._foreign: set[str] = set()

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._imported(node, alias.name, alias.asname or alias.name.partition(".")[0])

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.level == 0 and node.module:
            for alias in node.names:
                self._imported(node, node.module, alias.asname or alias.name)
                if _is_foreign(node.module) and _is_hidden(alias.name):
                    self._add(node, f"{node.module}.{alias.name}")

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if _is_hidden(node.attr) and node.attr not in self._own_names:
            self._add(node, f".{node.attr}")
        if isinstance(node.ctx, ast.Store | ast.Del):
            self._assigned(node, node)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if isinstance(node.ctx, ast.Store | ast.Del) and _dotted(node.value) == "sys.modules":
            self._add(node, "sys.modules")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = _dotted(node.func)
        if called in {f"sys.modules.{name}" for name in ("update", "setdefault", "pop", "clear", "__setitem__")}:
            self._add(node, "sys.modules")
        if called.endswith((".setitem", ".delitem")) and node.args and _dotted(node.args[0]) == "sys.modules":
            self._add(node, "sys.modules")
        if called.rpartition(".")[2] in {"setattr", "delattr", "object"} and node.args:
            self._assigned(node, node.args[0])
        if (
            called in {"getattr", "setattr", "hasattr"}
            and len(node.args) > 1
            and isinstance(node.args[1], ast.Constant)
        ):
            name = str(node.args[1].value)
            if _is_hidden(name) and name not in self._own_names:
                self._add(node, f".{name}")
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str) and "import " in node.value:
            try:
                inner = ast.parse(node.value.strip())
            except (SyntaxError, ValueError):
                return
            self.visit(inner)

    def _imported(self, node: ast.AST, module: str, bound: str) -> None:
        if _is_foreign(module):
            self._foreign.add(bound)
            if module not in DOCUMENTED:
                self._add(node, module)

    def _assigned(self, node: ast.AST, target: ast.expr) -> None:
        if isinstance(target, ast.Constant) and isinstance(target.value, str) and _is_foreign(target.value):
            self._add(node, f"{target.value} is replaced")
        name = _dotted(target)
        if name.partition(".")[0] in self._foreign:
            self._add(node, f"{name} is replaced")

    def _add(self, node: ast.AST, what: str) -> None:
        self.found.append((getattr(node, "lineno", 0), what))


def _dotted(expression: ast.expr) -> str:
    """The name that an expression spells, such as `sys.modules.update`; nothing where it is more than a name."""
    parts = []
    while isinstance(expression, ast.Attribute):
        parts.append(expression.attr)
        expression = expression.value
    return ".".join([expression.id, *reversed(parts)]) if isinstance(expression, ast.Name) else ""


def _is_foreign(module: str) -> bool:
    root = module.partition(".")[0]
    return root.isidentifier() and root not in OURS and root not in sys.stdlib_module_names


def _is_hidden(name: str) -> bool:
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


@cache
def _trees() -> dict[str, ast.Module]:
    """Every file of the tree but this one, which holds what it looks for, and those that are to go."""
    paths = [path for folder in OURS for path in sorted((ROOT / folder).rglob("*.py")) if path != Path(__file__)]
    trees = {path.relative_to(ROOT).as_posix(): path for path in paths}
    return {name: ast.parse(path.read_text("utf-8")) for name, path in trees.items()}


@cache
def _own_names() -> frozenset[str]:
    """Names with a leading underscore that something in our tree defines, and those that Python documents."""
    # The last is the type of what argparse's add_subparsers returns, which has no other name.
    names = {"_replace", "_asdict", "_fields", "_make", "_exit", "_SubParsersAction"}
    for tree in _trees().values():
        for node in ast.walk(tree):
            match node:
                case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                    names.add(name)
                case ast.Name(id=name, ctx=ast.Store()):
                    names.add(name)
                case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                    names.add(name)
                case _:
                    pass
    return frozenset(filter(_is_hidden, names))


def _uses(tree: ast.Module) -> list[tuple[int, str]]:
    uses = _Uses(_own_names())
    uses.visit(tree)
    return uses.found


@cache
def _used_in_tree() -> list[tuple[str, int, str]]:
    return [(name, line, what) for name, tree in _trees().items() for line, what in _uses(tree)]


def test_libraries_are_used_by_their_documented_interfaces_only() -> None:
    used = [f"{name}:{line}: {what}" for name, line, what in _used_in_tree() if (name, what) not in EXCEPTIONS]
    assert not used, "\n".join(used)


def test_exceptions_are_few_and_each_is_still_needed() -> None:
    assert len(EXCEPTIONS) <= 5
    assert set(EXCEPTIONS) <= {(name, what) for name, _, what in _used_in_tree()}


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("from great_expectations.core.id_dict import IDDict", "great_expectations.core.id_dict"),
        ("import dagster._core.instance", "dagster._core.instance"),
        ("from duckdb import _relation_of", "duckdb._relation_of"),
        ("def late():\n    import altair", "altair"),
        ("import dagster as dg\ndg.instance()._run_storage", "._run_storage"),
        ("import duckdb\ngetattr(duckdb, '_hidden_there')", "._hidden_there"),
        ("import dagster as dg\ndg.DagsterInstance.get = None", "dg.DagsterInstance.get is replaced"),
        ("import dagster as dg\nsetattr(dg.DagsterInstance, name, None)", "dg.DagsterInstance is replaced"),
        ("from duckdb import connect\nmonkeypatch.setattr(connect, 'x', 1)", "connect is replaced"),
        ("monkeypatch.setattr('dagster.job', None)", "dagster.job is replaced"),
        ("import sys\nsys.modules['altair'] = object()", "sys.modules"),
        ("import sys\nsys.modules.update(stand_ins)", "sys.modules"),
        ("import sys\nmonkeypatch.setitem(sys.modules, 'altair', None)", "sys.modules"),
        ("script = '''\nfrom dagster._core import x\n'''", "dagster._core"),
    ],
)
def test_what_is_not_documented_is_seen(source: str, what: str) -> None:
    assert what in [found for _, found in _uses(ast.parse(source))]


def test_what_is_ours_or_documented_is_not_held_against_anybody() -> None:
    source = (
        "import os\nfrom assets import rules\nimport dagster as dg\nrules._registers(dg.asset.__doc__)\nos._exit(1)"
    )
    assert _uses(ast.parse(source)) == []
