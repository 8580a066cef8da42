"""The rows of models written in Python: Arrow in, Arrow out, typed by the field dictionary. Knows no Dagster."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from dbt_like_sql.declarations import DeclarationError
from dbt_like_sql.project import Model, Project
from dbt_like_sql.python_models import run_python_model
from resources.warehouse import Warehouse


def python_rows(project: Project, warehouse: Warehouse, model: Model, table_of: Callable[[str], pa.Table]) -> pa.Table:
    """Return the rows of a Python model in the order of its grain, typed as the field dictionary says.

    Raises DeclarationError where it makes a column that the dictionary does not know, or lacks one of its grain.
    """
    made = pa.table(run_python_model(model.source_text, model.file, table_of))
    unknown = [name for name in made.column_names if name not in project.fields]
    if unknown or not set(model.grain) <= set(made.column_names):
        raise DeclarationError(
            f"{model.file}: makes {', '.join(made.column_names)}; not in fields/: {', '.join(unknown) or 'none'}; "
            f"its grain is {', '.join(model.grain)}"
        )
    columns = ", ".join(f"cast({name} as {project.fields[name].type}) as {name}" for name in made.column_names)
    return warehouse.query(f"select {columns} from made order by {', '.join(model.grain)}", made=made)
