"""What `new-feed`, `new-mart` and `new-indicator` share: writing a skeleton and what is generated with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import PROJECT_ROOT

if TYPE_CHECKING:
    from dbt_like_sql.project import Project


def write_skeleton(write: Callable[[Project], list[Path]]) -> None:
    """Write a skeleton and say what was written; files generated from declarations are updated with it."""
    from assets.lineage import read_lineage
    from dbt_like_sql.project import load_project
    from pipeline.data_dictionary import describe_models, write_dictionary
    from pipeline.scaffold.skeleton import ScaffoldError, own_words

    declarations = PROJECT_ROOT / "dbt_like_sql"
    before = load_project(declarations)
    describe_models(before)  # what is broken before is said before anything is written
    try:
        written = write(before)
    except ScaffoldError as error:
        fail(Console(stderr=True), str(error), 2)
    try:
        after = load_project(declarations)
        described = describe_models(after)
    except BaseException:
        for path in written:
            path.unlink()
        click.echo("What was written did not load, and was taken back; see below.", err=True)
        raise
    for path in written:
        click.echo(path.relative_to(PROJECT_ROOT))
    there = after.models
    untouched = {name for name, model in before.models.items() if name in there and there[name].digest == model.digest}
    known = {name: traced for name, traced in read_lineage().items() if name in untouched}
    for name in write_dictionary(after, described, PROJECT_ROOT, known):
        click.echo(f"{name} (written anew)")
    for path in written:
        if lines := own_words(path):
            numbers = ", ".join(map(str, lines))
            click.echo(f"To be said in words of your own: {path.relative_to(PROJECT_ROOT)}: line {numbers}")


def listed(text: str | None) -> tuple[str, ...]:
    """Part the names of an option at its commas."""
    return tuple(part.strip() for part in text.split(",")) if text else ()
