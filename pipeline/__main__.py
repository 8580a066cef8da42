"""The command line: `python -m pipeline …`.

Each command imports what it needs when it is called, so that a night without news, or a look at the scorecard,
does not wait for Dagster and Great Expectations.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click
from rich.console import Console

from pipeline.settings import PROJECT_ROOT, home

if TYPE_CHECKING:
    from dbt_like_sql.project import Project
    from resources.releases import ReleaseStore

LANGUAGES = click.Choice(["vi", "en"])


class _Commands(click.Group):
    """All commands; a declaration that cannot be understood ends each of them in its sentence, with exit code 2."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ValueError as error:
            from dbt_like_sql.declarations import DeclarationError

            if not isinstance(error, DeclarationError):
                raise
            _fail(Console(stderr=True), str(error), 2)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Growth of the province against its directive: ingest, judge, compute, publish.

    All stores lie below GROWTH_HOME (default: data/ in the project).
    """


@cli.command()
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Day of the run; what was released later is unknown.")
@click.option("--inbox", type=click.Path(path_type=Path), help="Where suppliers put their files.")
@click.option("--lang", type=LANGUAGES, default="en", show_default=True, help="Language of the scorecard.")
@click.option("--quiet", is_flag=True, help="Print no scorecard, only what went wrong.")
def nightly(as_of: dt.datetime | None, inbox: Path | None, lang: str, quiet: bool) -> None:
    """Run the night: land, judge, compute, publish.

    Exit code 0: published. 1: failed, the last good release stands. 2: asked for something impossible.
    3: published, but a delivery that was refused or of which rows were set apart affects the evidence of a target, or a
    feed stands still because a landed file is damaged.
    """
    # A night multiplies no matrices; numpy and scipy would each start a thread per core for it, and let them spin.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Arrow's own allocator keeps what is freed, 40 MB of a night on the samples. Read when Arrow is imported.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    from pipeline import night, progress
    from resources.home import HomeError

    console, errors = Console(), Console(stderr=True)
    place = home()
    inbox = inbox or place.inbox_of_last_night()
    if not inbox.is_dir():
        _fail(errors, f"There is no inbox at {inbox}. Name one with --inbox, or make that folder.", night.IMPOSSIBLE)
    day = as_of.date() if as_of else place.day_of_a_night(inbox)
    try:
        with progress.shown(console) as on_step:
            outcome = night.run_night(place, inbox, day, on_step)
    except HomeError as error:
        _fail(errors, str(error), night.IMPOSSIBLE)
    tell(outcome, day, console, errors)
    if not quiet and (outcome.candidate or outcome.release_id):
        _show_scorecard(console, lang, outcome.candidate, None)
        console.print(f"Marts: {place.marts / 'current'}", soft_wrap=True, highlight=False)
        console.print("Dagster UI: make ui   (or: python -m pipeline ui)", highlight=False)
    sys.exit(outcome.exit_code)


def tell(outcome: object, day: dt.date, console: Console, errors: Console) -> None:
    """Print what came of a night, but for its figures."""
    from pipeline.night import Outcome

    assert isinstance(outcome, Outcome)
    if not outcome.had_changes:
        newest = outcome.release_id or outcome.candidate
        console.print(
            f"No news: same deliveries, declarations, code and day ({day}); release {newest} stands.",
            soft_wrap=True,
            highlight=False,
        )
    for sentence in outcome.stopped:
        errors.print(f"Stopped: {sentence}", style="red", markup=False, soft_wrap=True, highlight=False)
    for verdict, deliveries in (("Refused", outcome.refused), ("Accepted in part", outcome.in_part)):
        for one in deliveries:
            style = "red" if one.targets else "yellow"
            errors.print(f"{verdict}: {one.sentence}", style=style, markup=False, soft_wrap=True, highlight=False)
    for sentence in outcome.idle:
        errors.print(f"Without effect: {sentence}", style="yellow", markup=False, soft_wrap=True, highlight=False)
    if outcome.warned and outcome.had_changes:
        where = "delivery_quality says which and why, rejects/<feed>/ holds each finding"
        text = f"Accepted with warnings: {outcome.warned} of the deliveries in force; {where}."
        console.print(text, markup=False, soft_wrap=True, highlight=False)
    if outcome.candidate:
        text = (
            f"Candidate: {outcome.candidate} waits for a person's word, and readers of the marts do not meet it yet: "
            f"python -m pipeline release approve {outcome.candidate} --by NAME --reason TEXT (or reject)."
        )
        console.print(text, style="yellow", markup=False, soft_wrap=True, highlight=False)
    for failure in outcome.failures:
        errors.print(f"Failed: {failure}", style="red", markup=False, soft_wrap=True, highlight=False)
    if outcome.failures:
        stands = "The last good release stands." if outcome.release_id else "Nothing has been published yet."
        errors.print(stands, highlight=False)


@cli.command()
@click.option("--lang", type=LANGUAGES, default="en", show_default=True)
@click.option("--release", "release_id", help="A release other than the current one.")
@click.option("--wide/--narrow", "wide", default=None, help="With or without the reason of each status.")
def scorecard(lang: str, release_id: str | None, wide: bool | None) -> None:
    """Print the scorecard of the directive."""
    _show_scorecard(Console(), lang, release_id, wide)


def _show_scorecard(console: Console, lang: str, release_id: str | None, wide: bool | None) -> None:
    from pipeline.scorecard import print_scorecard
    from resources.releases import ReleaseError, ReleaseStore

    try:
        release = ReleaseStore(home().marts).get(release_id)
    except ReleaseError as error:
        _fail(Console(stderr=True), str(error), 2)
    print_scorecard(release.path, console, lang="vi" if lang == "vi" else "en", wide=wide)


@cli.command()
@click.argument("item")
@click.option("--release", "release_id", help="A release other than the current one.")
@click.option("--rows", "limit", default=20, show_default=True, help="How many rows of each delivery to print.")
def evidence(item: str, release_id: str | None, limit: int) -> None:
    """Print the source rows under the figure of an ITEM of the scorecard, cell by cell as the supplier wrote them."""
    from pipeline.evidence import EvidenceError, evidence_lines
    from resources.releases import ReleaseError, ReleaseStore

    place = home()
    try:
        for line in evidence_lines(place, ReleaseStore(place.marts).get(release_id), item, limit):
            click.echo(line)
    except (ReleaseError, EvidenceError) as error:
        _fail(Console(stderr=True), str(error), 2)


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--feed", help="The feed; default: what the file's name begins with.")
@click.option("--lang", type=LANGUAGES, default="en", show_default=True, help="vi: Vietnamese first, English below.")
def check(file: Path, feed: str | None, lang: str) -> None:
    """Try a delivery before sending it: the same reading and the same rules as at night, nothing is kept.

    It is judged beside the deliveries of its feed that have landed under GROWTH_HOME. Where there are none, rules that
    compare with earlier deliveries cannot be judged, and are named.

    Exit code 0: it would be accepted whole. 1: refused. 2: asked for something impossible. 3: accepted, but rows would
    be set apart, or a warning touches the evidence of a target.
    """
    from assets.preflight import try_delivery
    from assets.run import RunError
    from dbt_like_sql.project import load_project
    from pipeline.answer import answer_lines
    from pipeline.dictionary import refuse_broken_models
    from pipeline.night import EVIDENCE_AFFECTED, targets_by_feed
    from resources.home import today

    console = Console()
    project = load_project()
    feed = feed or file.name.split("__")[0]
    if feed not in project.contracts:
        known = ", ".join(project.contracts)
        _fail(
            Console(stderr=True),
            f"'{feed}' is no feed. Name the file {known.split(',')[0]}__… or say --feed: {known}",
            2,
        )
    # What is wrong with a rule is its author's to mend, and is not said of the delivery.
    refuse_broken_models(project, [rule.name for rule in project.delivery_rules(feed)])
    place = home().root
    try:
        trial = try_delivery(project, file, feed, today(), place)
    except RunError as error:
        _fail(Console(stderr=True), str(error), 2)
    except PermissionError as error:
        _fail(Console(stderr=True), f"{file.name} cannot be read ({error.strerror}).", 2)
    if trial is None:
        _fail(Console(stderr=True), f"{file.name} is still being written. Try again when it is whole.", 1)
    decision = trial.decision
    said = answer_lines(project, decision, lang)
    if trial.earlier:
        said.append(f"Judged beside the deliveries of {feed} that have landed in {place}: {trial.earlier}.")
    elif trial.not_judged or trial.not_compared:
        said.append(
            f"No other delivery of {feed} has landed in {place}; set GROWTH_HOME to a home that has them to judge "
            "everything that the night will."
        )
    if trial.not_judged:
        said.append(f"Not judged, for want of earlier deliveries: {', '.join(trial.not_judged)}.")
    if trial.not_compared:
        said.append(f"Judged without earlier deliveries to compare with: {', '.join(trial.not_compared)}.")
    rows = "" if decision.audit.rows_in is None else f" ({decision.rows_accepted} of {decision.audit.rows_in} rows)"
    said.append(f"{file.name}: {decision.status}{rows}. {decision.reason or ''}".strip())
    for line in said:
        console.print(line, markup=False, soft_wrap=True, highlight=False)
    if not decision.is_accepted:
        sys.exit(1)
    has_warnings = any(f.severity != "info" and f.check not in decision.waived for f in decision.findings)
    touches_a_target = bool(targets_by_feed(project).get(feed)) and has_warnings
    sys.exit(EVIDENCE_AFFECTED if decision.bad_rows or touches_a_target else 0)


@cli.group()
def release() -> None:
    """Look at releases, verify them, compare them, go back to one."""


@release.command("list")
def release_list() -> None:
    """List all releases, the newest last. A star marks the current one, a question mark one that waits for a word."""
    from resources.releases import ReleaseStore

    store = ReleaseStore(home().marts)
    times = {entry["release_id"]: entry["at"] for entry in store.journal() if entry["action"] != "tag"}
    tags = store.tags()
    for one in store.all():
        mark = "*" if one.is_current else "?" if one.release_id == store.candidate_id() else " "
        names = "".join(f"  '{name}'" for name in tags.get(one.release_id, ()))
        size, at = len(one.manifest["marts"]), times.get(one.release_id, "")
        word = store.decision(one.release_id)
        said = f"  {word['action']}: {word['by']}: {word['reason']}" if word else ""
        click.echo(f"{mark} {one.release_id}  {size} marts  {at}{names}{said}")


@release.command("verify")
@click.argument("release_id", required=False)
def release_verify(release_id: str | None) -> None:
    """Compare every byte of a release with its manifest."""
    from resources.releases import ReleaseError, ReleaseStore

    store = ReleaseStore(home().marts)
    try:
        faults = store.verify(release_id)
    except ReleaseError as error:
        _fail(Console(stderr=True), str(error), 2)
    for fault in faults:
        click.echo(fault)
    if faults:
        sys.exit(1)
    click.echo(f"{release_id or store.current_id()}: every byte is as it was published.")


@release.command("diff")
@click.argument("before")
@click.argument("after", required=False)
def release_diff(before: str, after: str | None) -> None:
    """Say what changed from one release to another (default: to the current one)."""
    from dbt_like_sql.project import load_project
    from pipeline.release_diff import growth_changes, item_changes, mart_changes
    from resources.releases import ReleaseError, ReleaseStore
    from resources.warehouse import Warehouse

    place = home()
    store = ReleaseStore(place.marts)
    try:
        first, second = store.get(before), store.get(after)
    except ReleaseError as error:
        _fail(Console(stderr=True), str(error), 2)
    warehouse = Warehouse(place.root, load_project())
    changes = list(mart_changes(warehouse, first, second))
    for change in changes:
        click.echo(f"{change.mart}: {change.gone} rows gone, {change.new} rows new")
    for row in item_changes(warehouse, first, second):
        parts = ", ".join(
            f"{name} {row[f'{column}_change']:+f}"
            for name, column in (("revision", "revision"), ("new data", "new_data"), ("weights", "weights"))
            if row[f"{column}_change"]
        )
        click.echo(
            f"{row['directive']} {row['item']}: {row['status_before']} ({row['actual_before']}) -> "
            f"{row['status_after']} ({row['actual_after']}), {row['change_reason']}{': ' + parts if parts else ''}"
        )
    for row in growth_changes(warehouse, first, second):
        click.echo(
            f"growth {row['area_code']} {row['sector_code']} {row['period']}: {row['growth_before']} % -> "
            f"{row['growth_after']} %, revision {row['revision_pp']:+f} pp"
        )
    if not changes:
        click.echo("Nothing changed.")


@release.command("rollback")
@click.argument("release_id")
def release_rollback(release_id: str) -> None:
    """Point `marts/current` at an earlier release. The next night with news publishes anew."""
    from resources.home import HomeError
    from resources.releases import ReleaseError, ReleaseStore

    try:
        with home().locked():
            release = ReleaseStore(home().marts).rollback(release_id)
    except (ReleaseError, HomeError) as error:
        _fail(Console(stderr=True), str(error), 1)
    click.echo(f"Current is now {release.release_id}.")


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Back the home up into a FILE (.tar or .tar.gz), also while a night runs.

    It holds what cannot be made again: landed deliveries, releases and their journal, settings. Not in it: what has
    not landed yet, Dagster's runs, secrets.
    """
    from pipeline.backup import BackupError, back_up

    try:
        count = back_up(home(), file)
    except (BackupError, OSError) as error:
        _fail(Console(stderr=True), str(error), 2)
    click.echo(f"{file}: {count} files.")


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Restore a backup into an empty GROWTH_HOME. The next night makes all tables again."""
    from pipeline.backup import BackupError
    from pipeline.backup import restore as restored
    from resources.releases import ReleaseError

    try:
        current = restored(file, home())
    except (BackupError, ReleaseError, OSError) as error:
        _fail(Console(stderr=True), str(error), 2)
    stands = f"The current release is {current}." if current else "Nothing had been published in it."
    click.echo(f"Restored into {home().root}. {stands} The next night makes all tables again.")


@release.command("approve")
@click.argument("release_id")
@click.option("--by", required=True, help="Who decides.")
@click.option("--reason", required=True)
def release_approve(release_id: str, by: str, reason: str) -> None:
    """Make the candidate current. For homes whose settings.yml says `release: approved`."""
    _decide(lambda store: store.approve(release_id, by, reason))
    click.echo(f"Current is now {release_id}, approved by {by}.")


@release.command("reject")
@click.argument("release_id")
@click.option("--by", required=True, help="Who decides.")
@click.option("--reason", required=True)
def release_reject(release_id: str, by: str, reason: str) -> None:
    """Let the candidate never become current; the release of before stands."""
    _decide(lambda store: store.reject(release_id, by, reason))
    click.echo(f"{release_id} is rejected by {by}; the release of before stands.")


def _decide(decide: Callable[[ReleaseStore], object]) -> None:
    from resources.home import HomeError
    from resources.operator import releases_of
    from resources.releases import ReleaseError

    try:
        with home().locked():
            decide(releases_of(home()))
    except (ReleaseError, HomeError) as error:
        _fail(Console(stderr=True), str(error), 1)


@release.command("tag")
@click.argument("release_id")
@click.argument("name")
def release_tag(release_id: str, name: str) -> None:
    """Give a release a NAME; it is kept for ever."""
    from resources.releases import ReleaseError, ReleaseStore

    try:
        ReleaseStore(home().marts).tag(release_id, name)
    except ReleaseError as error:
        _fail(Console(stderr=True), str(error), 2)
    click.echo(f"{release_id} is kept as '{name}'.")


@cli.command()
def prune() -> None:
    """Let go of releases and runs past their time, as every night does in its end (settings.yml says how long)."""
    from pipeline.dagster_home import InstanceError, write_dagster_home
    from pipeline.instance import open_instance
    from resources.home import HomeError
    from resources.operator import settings_of
    from resources.retention import prune as let_go

    place = home()
    try:
        retention = settings_of(place).retention
        with place.locked(), open_instance(write_dagster_home(place.root)) as instance:
            gone = let_go(place, instance, retention)
    except (HomeError, InstanceError) as error:
        _fail(Console(stderr=True), str(error), 2 if isinstance(error, HomeError) else 1)
    click.echo(f"Let go of {len(gone.releases)} releases and {len(gone.runs)} runs.")


@cli.command()
@click.argument("feed")
@click.option("--to", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=Path(),
              help="Where the form is written (default: here).")  # fmt: skip
@click.option(
    "--lang", type=LANGUAGES, default="vi", show_default=True, help="Language of what is said of its columns."
)
def form(feed: str, folder: Path, lang: str) -> None:
    """Write a blank form for a supplier to fill in: the headers of FEED as CSV, with what each column holds."""
    from dbt_like_sql.project import load_project
    from pipeline.forms import FormError, columns_of, write_form

    project = load_project()
    try:
        path = write_form(project, feed, folder)
    except FormError as error:
        _fail(Console(stderr=True), str(error), 2)
    click.echo(str(path))
    for line in columns_of(project, feed, lang):
        click.echo(f"  {line}")


@cli.command("new-feed")
@click.argument("name")
@click.option("--fields", help="Columns of dbt_like_sql/fields in the order of the table, separated by commas.")
@click.option("--key", help="The columns that name a row (default: all that are no amounts).")
@click.option("--subject", help="The subject that it belongs to, a folder of dbt_like_sql/sources (default: its own).")
@click.option("--from", "source", type=click.Path(path_type=Path, exists=True, dir_okay=False),
              help="A file of the supplier, of which the contract is proposed.")  # fmt: skip
@click.option("--sheet", help="The sheet of that file which holds the table, where there are several.")
def new_feed(
    name: str, fields: str | None, key: str | None, subject: str | None, source: Path | None, sheet: str | None
) -> None:
    """Write the skeleton of a feed: contract, suite, staging model, rule on magnitudes, samples."""
    from pipeline.scaffold import feed
    from pipeline.scaffold.from_file import proposed

    def write(project: Project) -> list[Path]:
        proposal = proposed(source, project, _listed(fields), sheet) if source else None
        for said in proposal.understood if proposal else ():
            click.echo(f"understood: {said}")
        for said in proposal.not_understood if proposal else ():
            click.echo(f"not understood: {said}")
        columns = (proposal.fields if proposal else _listed(fields)) or feed.DEFAULT_FIELDS
        return feed.new_feed(name, project, PROJECT_ROOT, columns, _listed(key), subject, proposal)

    _scaffold(write)


@cli.command("new-mart")
@click.argument("name")
@click.option("--reads", required=True, help="The model whose rows the mart publishes to begin with.")
@click.option("--subject", help="The subject that it belongs to (default: that of the model).")
def new_mart(name: str, reads: str, subject: str | None) -> None:
    """Write the skeleton of a mart: SQL, YAML, suite."""
    from pipeline.scaffold import mart

    _scaffold(lambda project: mart.new_mart(name, project, PROJECT_ROOT, reads, subject))


@cli.command("new-indicator")
@click.argument("name")
@click.option("--reads", required=True, help="The staging model that holds its figures, such as stg_tourism.")
@click.option("--value", required=True, help="The column of it that is added up.")
@click.option("--directive", required=True, help="The directive that asks for it.")
@click.option("--item", required=True, help="The code of its line in the scorecard.")
@click.option("--lead", required=True, help="The agency that answers for it.")
@click.option("--period", required=True, help="The time that the directive speaks of, such as 2024 or 2024-Q3.")
def new_indicator(name: str, reads: str, value: str, directive: str, item: str, lead: str, period: str) -> None:
    """Write the skeleton of an indicator: models of its evidence, and a line of the scorecard."""
    from pipeline.scaffold import indicator

    _scaffold(
        lambda project: indicator.new_indicator(
            name, project, PROJECT_ROOT,
            reads=reads, value=value, directive=directive, item=item, lead=lead, period=period,
        )
    )  # fmt: skip


def _scaffold(write: Callable[[Project], list[Path]]) -> None:
    """Write a skeleton and say what was written; what is generated from declarations is written anew with it."""
    from assets.lineage import read_lineage
    from dbt_like_sql.project import load_project
    from pipeline.dictionary import describe_models, write_dictionary
    from pipeline.scaffold.writing import ScaffoldError

    declarations = PROJECT_ROOT / "dbt_like_sql"
    before = load_project(declarations)
    describe_models(before)  # what is broken before is said before anything is written
    try:
        written = write(before)
    except ScaffoldError as error:
        _fail(Console(stderr=True), str(error), 2)
    for path in written:
        click.echo(path.relative_to(PROJECT_ROOT))
    after = load_project(declarations)
    untouched = {name for name, model in before.models.items() if after.models[name].digest == model.digest}
    known = {name: traced for name, traced in read_lineage().items() if name in untouched}
    for name in write_dictionary(after, describe_models(after), PROJECT_ROOT, known):
        click.echo(f"{name} (written anew)")


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",")) if text else ()


@cli.command()
@click.option("--check", "only_check", is_flag=True, help="Change nothing; fail when a generated file is stale.")
def dictionary(only_check: bool) -> None:
    """Write the data dictionary, and from which columns each column comes, from the declarations."""
    from assets.rules import refuse_idle_suites
    from dbt_like_sql.project import load_project
    from pipeline.dictionary import refuse_broken_models, stale_files, write_dictionary

    project = load_project()
    refuse_idle_suites(project)
    columns = refuse_broken_models(project)
    if only_check:
        stale = stale_files(project, columns, PROJECT_ROOT)
        if stale:
            _fail(Console(stderr=True), f"Stale: {', '.join(stale)}. Run: python -m pipeline dictionary", 1)
        return
    for path in write_dictionary(project, columns, PROJECT_ROOT):
        click.echo(path)


@cli.command()
def datapackage() -> None:
    """Write a Frictionless data package of the marts beside `current`, for tools that read one."""
    import json

    from dbt_like_sql.project import load_project
    from pipeline.dictionary import data_package, describe_models

    project = load_project()
    path = home().marts / "datapackage.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(data_package(project, describe_models(project)), ensure_ascii=False, indent=2)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")
    click.echo(path)


@cli.command("for-dbt")
def for_dbt() -> None:
    """Write what dbt reads beside the models: sources, registers, macros."""
    from dbt_like_sql.project import load_project
    from pipeline.for_dbt import write_dbt_files

    for path in write_dbt_files(load_project(), PROJECT_ROOT):
        click.echo(path)


@cli.command()
@click.option("--port", default=3000, show_default=True)
def ui(port: int) -> None:
    """Open the Dagster UI on 127.0.0.1."""
    from pipeline.dagster_home import InstanceError
    from pipeline.ui import open_ui

    try:
        open_ui(home().root, PROJECT_ROOT, Console(), port)
    except InstanceError as error:
        _fail(Console(stderr=True), str(error), 1)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=3000, show_default=True)
@click.option("--path-prefix", default="", help="What a reverse proxy leaves before each path, such as /growth.")
@click.option("--read-only", is_flag=True, help="For viewers: nothing can be launched or switched; no daemon.")
def serve(host: str, port: int, path_prefix: str, read_only: bool) -> None:
    """Serve the UI and start nights by schedule and inbox, as a server does, until told to stop.

    Exit code 0: stopped when asked to. 1: the web server or the daemon ended by itself, and both are stopped.
    2: asked for something impossible.
    """
    from pipeline.dagster_home import InstanceError
    from pipeline.serve import Address, serve

    if path_prefix and not path_prefix.startswith("/"):
        _fail(Console(stderr=True), f"The path prefix '{path_prefix}' must begin with a slash, such as /growth.", 2)
    address = Address(host, port, path_prefix.rstrip("/"))
    try:
        sys.exit(serve(home().root, PROJECT_ROOT, Console(), address, read_only))
    except InstanceError as error:
        _fail(Console(stderr=True), str(error), 1)


@cli.command()
@click.option("--ping", "address", help="An address to ask for when all is well, of a watcher that misses it else.")
def watch(address: str | None) -> None:
    """Say whether the last night that was due ended well; for a timer apart from the daemon.

    Exit code 0: it did. 1: it did not, or the watcher's address could not be reached.
    """
    from pipeline.watch import look, ping

    seen = look(home())
    if not seen.is_well:
        _fail(Console(stderr=True), seen.sentence, 1)
    Console().print(seen.sentence, markup=False, soft_wrap=True, highlight=False)
    if address and (sentence := ping(address)):
        _fail(Console(stderr=True), sentence, 1)


def _fail(console: Console, sentence: str, code: int) -> NoReturn:
    console.print(sentence, style="red", markup=False, soft_wrap=True, highlight=False)
    sys.exit(code)


if __name__ == "__main__":
    cli(prog_name="python -m pipeline")
