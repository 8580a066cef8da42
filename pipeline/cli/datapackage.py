"""`datapackage`: describe the marts as a Frictionless data package."""

from __future__ import annotations

import click

from pipeline.settings import home


@click.command()
def datapackage() -> None:
    """Write a Frictionless data package of the marts beside `current`, for tools that read one."""
    import json

    from dbt_like_sql.project import load_project
    from pipeline.data_dictionary import data_package, describe_models

    project = load_project()
    path = home().marts / "datapackage.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data_package(project, describe_models(project)), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    click.echo(path)
