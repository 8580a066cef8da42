"""Sends a message to an address: mail, a webhook or a chat, whatever Apprise knows.

Addresses hold passwords. They come from the environment, and no sentence, log or file says them.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Sequence
from pathlib import Path

from resources.operator import Channel


def send(channel: Channel, title: str, text: str, files: Sequence[Path] = ()) -> str | None:
    """Send a message, with files where the channel can carry them; return a sentence if it did not arrive."""
    address = os.environ.get(channel.address_from)
    if not address:
        return f"{channel.address_from} is not set, so nobody was told there. Put the address into the environment."
    try:
        import apprise  # here, because a night that tells nobody must not pay for it
    except ModuleNotFoundError:
        return f"Nobody was told at {channel.address_from}: apprise is not installed. Run: make server"
    logging.getLogger("apprise").disabled = True  # its lines may hold the address
    sender = apprise.Apprise()
    if not sender.add(address):
        return f"What {channel.address_from} holds is no address that Apprise understands."
    try:
        attached = [str(path) for path in files] or None
        if sender.notify(title=title, body=text, body_format=apprise.NotifyFormat.TEXT, attach=attached):
            return None
    except TypeError:  # the one error that Apprise raises: nothing to send, or nobody to send it to
        pass
    return f"The message to {channel.address_from} did not arrive. It is tried again with the next night."
