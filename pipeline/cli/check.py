"""`check`: try a delivery before it is sent."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from rich.console import Console

from pipeline.cli.exit_codes import LANGUAGES, fail
from pipeline.gc_tuning import collected_seldom
from pipeline.settings import home

if TYPE_CHECKING:
    from assets.delivery_stages import Decision
    from assets.first_look import FirstLook
    from assets.preflight import Trial
    from dbt_like_sql.project import Project


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--feed", help="The feed; default: what the file's name begins with.")
@click.option("--lang", type=LANGUAGES, default="en", show_default=True, help="vi: Vietnamese first, English below.")
@click.option("--answer", "marked", type=click.Path(dir_okay=False, path_type=Path), help="Write the file once more "
              "as a workbook, a summary in Vietnamese first, its cells marked and commented (.xlsx).")  # fmt: skip
@collected_seldom()
def check(file: Path, feed: str | None, lang: str, marked: Path | None) -> None:
    """Try a delivery before sending it: the same reading and the same rules as at night, nothing is kept.

    It is judged beside the deliveries of its feed that have landed under GROWTH_HOME. Where there are none, rules that
    compare with earlier deliveries cannot be judged, and are named.

    Exit code 0: it would be accepted whole. 1: refused. 2: asked for something impossible. 3: accepted, but rows would
    be quarantined, or a warning touches the evidence of a target.
    """
    # Heavy modules are imported only when they are needed: the first look finds most of what is wrong with files.
    from assets.first_look import look_at
    from dbt_like_sql.contracts import contract_of, feed_names

    feed, known = feed or file.name.split("__")[0], sorted(feed_names())
    if feed not in known:
        _impossible(f"'{feed}' is no feed. Name the file {known[0]}__… or say --feed: {', '.join(known)}")
    if marked is not None and (marked.suffix != ".xlsx" or marked.exists() or not marked.parent.is_dir()):
        _impossible(f"--answer {marked}: name a workbook (.xlsx) that is not there yet, in a folder that is.")
    with tempfile.TemporaryDirectory(prefix="check-") as folder:
        try:
            look = look_at(file, feed, contract_of(feed).forms, Path(folder))
        except PermissionError as error:
            _impossible(f"{file.name} cannot be read ({error.strerror}).")
        if look is None:
            fail(Console(stderr=True), f"{file.name} is still being written. Try again when it is whole.", 1)
        if look.refused is not None:
            sys.exit(_tell_refused(look, look.refused, lang, marked))
        sys.exit(_judged(look, feed, lang, marked))


def _impossible(sentence: str) -> NoReturn:
    fail(Console(stderr=True), sentence, 2)


def _tell_refused(look: FirstLook, decision: Decision, lang: str, marked: Path | None) -> int:
    """Report a file that the first look refuses; return the exit code."""
    from assets.answers.clerk_lines import verdict

    if marked is not None:
        from assets.preflight import mark
        from dbt_like_sql.project import load_project

        mark(load_project(), look, decision, marked)
    _print([*([verdict(decision)] if lang == "vi" else []), f"{look.file.name}: rejected. {decision.reason}"])
    return 1


def _judged(look: FirstLook, feed: str, lang: str, marked: Path | None) -> int:
    """Judge a file that can be read, and tell what would become of it; return the exit code."""
    from assets.affected_targets import targets_by_feed
    from assets.answers import answer_lines
    from assets.preflight import mark, try_delivery
    from assets.rules import refuse_loose_suites
    from assets.run import RunError
    from dbt_like_sql.project import load_project
    from pipeline.night import EVIDENCE_AFFECTED
    from resources.home import today

    project = load_project()
    refuse_loose_suites(project)
    growth_home = home().root
    try:
        trial = try_delivery(project, look, today(), growth_home)
    except RunError as error:
        _refuse_broken_rules(project, feed)
        _impossible(str(error))
    decision = trial.decision
    if decision.findings or not decision.is_accepted:
        _refuse_broken_rules(project, feed)
    if marked is not None:
        mark(project, look, decision, marked)
    rows = "" if decision.judged.rows_in is None else f" ({decision.rows_accepted} of {decision.judged.rows_in} rows)"
    verdict = f"{look.file.name}: {decision.status}{rows}. {decision.reason or ''}".strip()
    _print([*answer_lines(project, decision, lang), *_judged_beside(trial, feed, growth_home), verdict])
    if not decision.is_accepted:
        return 1
    has_warnings = any(f.severity != "info" and f.check not in decision.waived for f in decision.findings)
    touches_a_target = bool(targets_by_feed(project).get(feed)) and has_warnings
    return EVIDENCE_AFFECTED if decision.bad_rows or touches_a_target else 0


def _refuse_broken_rules(project: Project, feed: str) -> None:
    """Raise DeclarationError where a rule is wrong: it is its author's to mend, and is not reported of the delivery.

    Where nothing was found every rule has been answered, and nothing need be looked for.
    """
    from pipeline.data_dictionary import refuse_broken_models

    refuse_broken_models(project, [rule.name for rule in project.delivery_rules(feed)])


def _judged_beside(trial: Trial, feed: str, growth_home: Path) -> Iterator[str]:
    """Say beside what a file was judged, and what could not be judged."""
    if trial.earlier:
        yield f"Judged beside the deliveries of {feed} that have landed in {growth_home}: {trial.earlier}."
        if trial.of_another_kind:
            yield (
                f"Of these {trial.of_another_kind} are simulated and this file is not, or the other way round: what "
                "they have and this file lacks is not missed."
            )
    elif trial.not_judged or trial.not_compared:
        yield (
            f"No other delivery of {feed} has landed in {growth_home}; set GROWTH_HOME to a home that has them to "
            "judge everything that the night will."
        )
    if trial.not_judged:
        yield f"Not judged, for want of earlier deliveries: {', '.join(trial.not_judged)}."
    if trial.not_compared:
        yield f"Judged without earlier deliveries to compare with: {', '.join(trial.not_compared)}."


def _print(lines: Sequence[str]) -> None:
    console = Console()
    for line in lines:
        console.print(line, markup=False, soft_wrap=True, highlight=False)
