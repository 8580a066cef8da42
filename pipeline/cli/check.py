"""`check`: try a delivery before it is sent."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from pipeline.cli.ending import LANGUAGES, fail
from pipeline.settings import home


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--feed", help="The feed; default: what the file's name begins with.")
@click.option("--lang", type=LANGUAGES, default="en", show_default=True, help="vi: Vietnamese first, English below.")
def check(file: Path, feed: str | None, lang: str) -> None:
    """Try a delivery before sending it: the same reading and the same rules as at night, nothing is kept.

    It is judged beside the deliveries of its feed that have landed under GROWTH_HOME. Where there are none, rules that
    compare with earlier deliveries cannot be judged, and are named.

    Exit code 0: it would be accepted whole. 1: refused. 2: asked for something impossible. 3: accepted, but rows would
    be quarantined, or a warning touches the evidence of a target.
    """
    from assets.affected_targets import targets_by_feed
    from assets.preflight import try_delivery
    from assets.run import RunError
    from dbt_like_sql.project import load_project
    from pipeline.answer import answer_lines
    from pipeline.data_dictionary import refuse_broken_models
    from pipeline.night import EVIDENCE_AFFECTED
    from resources.home import today

    console = Console()
    project = load_project()
    feed = feed or file.name.split("__")[0]
    if feed not in project.contracts:
        known = ", ".join(project.contracts)
        fail(
            Console(stderr=True),
            f"'{feed}' is no feed. Name the file {known.split(',')[0]}__… or say --feed: {known}",
            2,
        )
    # What is wrong with a rule is its author's to mend, and is not reported of the delivery.
    refuse_broken_models(project, [rule.name for rule in project.delivery_rules(feed)])
    growth_home = home().root
    try:
        trial = try_delivery(project, file, feed, today(), growth_home)
    except RunError as error:
        fail(Console(stderr=True), str(error), 2)
    except PermissionError as error:
        fail(Console(stderr=True), f"{file.name} cannot be read ({error.strerror}).", 2)
    if trial is None:
        fail(Console(stderr=True), f"{file.name} is still being written. Try again when it is whole.", 1)
    decision = trial.decision
    lines = answer_lines(project, decision, lang)
    if trial.earlier:
        lines.append(f"Judged beside the deliveries of {feed} that have landed in {growth_home}: {trial.earlier}.")
    elif trial.not_judged or trial.not_compared:
        lines.append(
            f"No other delivery of {feed} has landed in {growth_home}; set GROWTH_HOME to a home that has them to "
            "judge everything that the night will."
        )
    if trial.not_judged:
        lines.append(f"Not judged, for want of earlier deliveries: {', '.join(trial.not_judged)}.")
    if trial.not_compared:
        lines.append(f"Judged without earlier deliveries to compare with: {', '.join(trial.not_compared)}.")
    rows = "" if decision.audit.rows_in is None else f" ({decision.rows_accepted} of {decision.audit.rows_in} rows)"
    lines.append(f"{file.name}: {decision.status}{rows}. {decision.reason or ''}".strip())
    for line in lines:
        console.print(line, markup=False, soft_wrap=True, highlight=False)
    if not decision.is_accepted:
        sys.exit(1)
    has_warnings = any(f.severity != "info" and f.check not in decision.waived for f in decision.findings)
    touches_a_target = bool(targets_by_feed(project).get(feed)) and has_warnings
    sys.exit(EVIDENCE_AFFECTED if decision.bad_rows or touches_a_target else 0)
