"""`watch`: say whether the last night that was due ended well."""

from __future__ import annotations

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import home


@click.command()
@click.option("--ping", "address", help="An address to ask for when all is well, of a watcher that misses it else.")
def watch(address: str | None) -> None:
    """Say whether the last night that was due ended well; for a timer apart from the daemon.

    Exit code 0: it did. 1: it did not, or the watcher's address could not be reached.
    """
    from pipeline.last_night import look, ping

    seen = look(home())
    if not seen.is_well:
        from pipeline.notifications import alert

        for trouble in alert(home(), seen.sentence):
            Console(stderr=True).print(trouble, markup=False, soft_wrap=True, highlight=False)
        fail(Console(stderr=True), seen.sentence, 1)
    Console().print(seen.sentence, markup=False, soft_wrap=True, highlight=False)
    if address and (sentence := ping(address)):
        fail(Console(stderr=True), sentence, 1)
