"""For whoever runs the models with dbt: a plugin of dbt-duckdb that gives it `message_vi` and `message_en`.

`dbt_like_sql/profiles.yml` names it; the folder of the project is on PYTHONPATH, and `icu4py` in dbt's environment.
"""

from __future__ import annotations

from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from dbt_like_sql.project import load_project
from resources.phrase_functions import give_phrases


class Plugin(BasePlugin):  # type: ignore[misc]  # dbt is no dependency of ours
    """dbt-duckdb looks for this name."""

    def configure_connection(self, conn: Any) -> None:
        """Give a new connection the functions that put sentences together."""
        give_phrases(conn, load_project().phrases)
