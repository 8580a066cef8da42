"""A digest of the code and of the versions it runs on: results made by other code are made again."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[1]
MODELS = PROJECT_ROOT / "dbt_like_sql" / "models"
_CODE = ("pipeline", "assets", "resources", "expectations", "dbt_like_sql")
_DECLARATIONS = ("dbt_like_sql", "expectations")


@cache
def code_version() -> str:
    """Return the digest of all Python sources and of the lock that pins the libraries.

    Models written in Python are declarations, as those in SQL are: changing one does not make everything anew.
    """
    paths = [path for folder in _CODE for path in (PROJECT_ROOT / folder).rglob("*.py") if MODELS not in path.parents]
    return _digest([*paths, PROJECT_ROOT / "requirements.lock"])


@cache
def declarations_version() -> str:
    """Return the digest of contracts, fields, models, registers and suites."""
    paths = [
        path
        for folder in _DECLARATIONS
        for path in (PROJECT_ROOT / folder).rglob("*")
        if path.suffix in {".yml", ".sql", ".csv"} or (path.suffix == ".py" and MODELS in path.parents)
    ]
    return _digest(paths)


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.exists():
            digest.update(path.relative_to(PROJECT_ROOT).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
