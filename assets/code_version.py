"""Digests of the code that results follow from: what other code made is made again, and nothing else is.

Which modules each kind of result follows from is declared here, once. A contract test walks the imports of the modules
that do the work and holds that none is missing, nor any library.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Collection
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
MODELS = PROJECT_ROOT / "dbt_like_sql" / "models"
"""Models written in Python are declarations, as those in SQL are: each has a digest of its own."""

_COMMON = (
    "assets.code_version",
    "dbt_like_sql",
    "expectations",
    "resources.engine_lost",
    "resources.files",
    "resources.phrase_functions",
    "resources.spark_engine",
    "resources.warehouse",
)
SQL_MODULES = (*_COMMON, "assets.build", "assets.inputs", "assets.python_rows", "assets.rules")
"""Modules that compute and judge a model; a package stands for all that lies in it."""
READING_MODULES = (
    *_COMMON,
    "assets.intake",
    "assets.layout",
    "assets.delivery_stages",
    "assets.readers",
    "assets.rules",
    "resources.file_names",
    "resources.home",
    "resources.inbox",
    "resources.landing",
)
"""Modules that read and audit a delivery."""
HISTORY_MODULES = ("assets.delivery_copies", "assets.history", "assets.past_day_deliveries")
"""Modules that compute past days, beside those that compute a model and take a delivery in."""
PUBLISHING_MODULES = (
    "assets.graph",
    "assets.lineage",
    "assets.product",
    "assets.publishing",
    "assets.staleness",
    "resources.duckdb_file",
    "resources.remote_releases",
    "resources.operator",
    "resources.releases",
    "resources.unreported_assets",
)
"""Modules that make a release of finished marts."""

_COMMON_LIBRARIES = (
    "duckdb",
    "great-expectations",
    "icu4py",
    "numpy",
    "pandas",
    "pyarrow",
    "pyspark",
    "pyyaml",
    "sqlglot",
)
PRODUCT_LIBRARIES = ("docxtpl", "jinja2", "python-docx", "vl-convert-python", "xlsxwriter")
"""Distributions that make what goes with a release."""
SQL_LIBRARIES = (*_COMMON_LIBRARIES, "scipy", "statsmodels")
READING_LIBRARIES = (*_COMMON_LIBRARIES, "lxml", "pysdmx", "python-calamine", "xlrd")
"""Distributions whose version may change what is read or computed; what only shows or starts things is left out."""

_DECLARATIONS = ("dbt_like_sql", "expectations")


@cache
def sql_code() -> str:
    """Return the digest of the code that computes and judges models, with the versions of its libraries."""
    return _code(SQL_MODULES, SQL_LIBRARIES)


@cache
def reading_code() -> str:
    """Return the digest of the code that reads and audits deliveries, with the versions of its libraries."""
    return _code(READING_MODULES, READING_LIBRARIES)


@cache
def history_code() -> str:
    """Return the digest of the code that computes past days."""
    return _code({*HISTORY_MODULES, *SQL_MODULES, *READING_MODULES}, {*SQL_LIBRARIES, *READING_LIBRARIES})


@cache
def code_version() -> str:
    """Return the digest of all code that a release follows from."""
    modules = {*SQL_MODULES, *READING_MODULES, *HISTORY_MODULES, *PUBLISHING_MODULES}
    return _code(modules, {*SQL_LIBRARIES, *READING_LIBRARIES, *PRODUCT_LIBRARIES})


@cache
def declarations_version() -> str:
    """Return the digest of contracts, fields, models, seeds and suites."""
    paths = [
        path
        for folder in _DECLARATIONS
        for path in (PROJECT_ROOT / folder).rglob("*")
        if path.suffix in {".yml", ".sql", ".csv"} or (path.suffix == ".py" and MODELS in path.parents)
    ]
    return _digest(paths)


def _code(modules: Collection[str], libraries: Collection[str]) -> str:
    paths = {path for module in modules for path in _files_of(module)}
    python = f"python {sys.version_info.major}.{sys.version_info.minor}"
    return _digest(paths, [python, *(f"{library} {_installed(library)}" for library in sorted(libraries))])


def _files_of(module: str) -> list[Path]:
    """The files of a module or package. Raises FileNotFoundError for one that is not there."""
    path = PROJECT_ROOT.joinpath(*module.split("."))
    if path.is_dir():
        return [path for path in path.rglob("*.py") if MODELS not in path.parents]
    file = path.with_suffix(".py")
    if not file.exists():
        raise FileNotFoundError(f"assets/code_version.py names the module {module}, but there is no {file}")
    return [file]


def _installed(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"


def _digest(paths: Collection[Path], words: Collection[str] = ()) -> str:
    digest = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
