"""`serve`: serve the UI and start nights, on a server."""

from __future__ import annotations

import sys

import click
from rich.console import Console

from pipeline.cli.exit_codes import fail
from pipeline.settings import PROJECT_ROOT, home


@click.command()
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
    from pipeline.server import Address, serve

    if path_prefix and not path_prefix.startswith("/"):
        fail(Console(stderr=True), f"The path prefix '{path_prefix}' must begin with a slash, such as /growth.", 2)
    address = Address(host, port, path_prefix.rstrip("/"))
    try:
        sys.exit(serve(home().root, PROJECT_ROOT, Console(), address, read_only))
    except InstanceError as error:
        fail(Console(stderr=True), str(error), 1)
