"""Folders elsewhere, on real servers: an S3-compatible store and SFTP."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resources import remote_folder
from tests.house import House
from tests.integration.test_fetching import TABLE, declare, fetched, landed
from tests.ports import free_port

FILE = "tourism__2024-Q1__2024-04-10.csv"
KEYS = {"AWS_ACCESS_KEY_ID": "growth", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file counts as whole at the first look."""
    monkeypatch.setattr(remote_folder, "SETTLED_SECONDS", -60.0)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket `growth` of an S3-compatible server, its address and keys in the environment."""
    pytest.importorskip("s3fs", reason="the extra 'remote' is not installed")
    server_of = pytest.importorskip("moto.server", reason="moto, an S3-compatible server for tests, is not installed")
    server = server_of.ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": f"http://{host}:{port}"}.items():
        monkeypatch.setenv(name, value)
    import s3fs

    files = s3fs.S3FileSystem(skip_instance_cache=True)
    files.mkdir("growth")
    yield files
    files.rm("growth", recursive=True)
    server.stop()


@pytest.mark.slow
@pytest.mark.usefixtures("at_once")
def test_what_lies_in_an_s3_store_is_fetched_once(house: House, store: Any) -> None:
    store.pipe(f"growth/inbox/tourism/{FILE}", TABLE)
    store.pipe(f"growth/inbox/tourism/{FILE}.part", TABLE[:10])
    declare(house, {"folder": "s3://growth/inbox"})
    assert f"Fetched {FILE} ({len(TABLE)} bytes) from s3://growth/inbox/tourism/{FILE}" in fetched(house).output
    assert fetched(house).output == "Nothing new.\n"
    (receipt,) = landed(house)
    assert (receipt.size, receipt.refusal) == (len(TABLE), None)
    declare(house, {"folder": "s3://nobody/inbox"})
    assert "Not fetched: s3://nobody/inbox: " in fetched(house).output


@pytest.mark.slow
def test_a_young_object_waits_for_the_second_look(house: House, store: Any) -> None:
    store.pipe(f"growth/tourism/{FILE}", TABLE[:20])
    declare(house, {"folder": "s3://growth"})
    assert f"Waiting for {FILE}" in fetched(house).output
    store.pipe(f"growth/tourism/{FILE}", TABLE)
    assert f"Waiting for {FILE}" in fetched(house).output
    assert f"Fetched {FILE}" in fetched(house).output


@pytest.fixture
def sftp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Path]]:
    """An SFTP server that takes one password and knows one folder, and whose key is known to this user."""
    pytest.importorskip("sshfs", reason="the extra 'remote' is not installed")
    import asyncssh

    served, port, home = tmp_path / "served", free_port(), tmp_path / "user"
    served.mkdir()
    (home / ".ssh").mkdir(parents=True)
    key = asyncssh.generate_private_key("ssh-ed25519")
    public = key.export_public_key().decode().strip()
    (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}\n", "utf-8")
    monkeypatch.setenv("HOME", str(home))

    class Door(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("office", "s3cret")

    def folder(channel: Any) -> Any:
        return asyncssh.SFTPServer(channel, chroot=os.fsencode(served))

    loop = asyncio.new_event_loop()
    options = {"server_factory": Door, "server_host_keys": [key], "sftp_factory": folder}
    loop.run_until_complete(asyncssh.listen("127.0.0.1", port, **options))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield f"sftp://office@127.0.0.1:{port}/inbox", served / "inbox"
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


@pytest.mark.slow
def test_what_lies_on_an_sftp_server_is_fetched_once(house: House, sftp: tuple[str, Path]) -> None:
    address, folder = sftp
    (folder / "tourism").mkdir(parents=True)
    (folder / "tourism" / FILE).write_bytes(TABLE)
    an_hour_ago = time.time() - 3600
    os.utime(folder / "tourism" / FILE, (an_hour_ago, an_hour_ago))
    declare(house, {"folder": address, "authorization_from": "GROWTH_SFTP"})
    refused = fetched(house, GROWTH_SFTP="wrong")
    assert (refused.exit_code, "Not fetched" in refused.output) == (1, True), refused.output
    result = fetched(house, GROWTH_SFTP="s3cret")
    assert f"Fetched {FILE}" in result.output, result.output
    (receipt,) = landed(house)
    assert receipt.size == len(TABLE)
    assert fetched(house, GROWTH_SFTP="s3cret").output == "Nothing new.\n"
    kept = [path.read_bytes() for path in house.home.root.rglob("*") if path.is_file()]
    assert not [content for content in kept if b"s3cret" in content]
