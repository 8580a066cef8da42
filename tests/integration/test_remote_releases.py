"""A release in a place that is no folder of this machine: readers there meet one release, whole."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from resources.home import HomeError
from resources.operator import releases_of, settings_of
from resources.releases import MANIFEST, ReleaseStore
from resources.remote_releases import RemoteReleases, RemoteReleasesError
from tests.house import AS_OF, House
from tests.ports import free_port

BUCKET = "growth"


def environment(port: int) -> dict[str, str]:
    """What tells the libraries of S3 where a server is and who asks."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@pytest.fixture(scope="module")
def server() -> Iterator[dict[str, str]]:
    """The environment of whoever asks an S3-compatible server that has one bucket."""
    pytest.importorskip("s3fs", reason="the extra 'remote' is not installed")
    server_of = pytest.importorskip("moto.server", reason="moto, an S3-compatible server for tests, is not installed")
    running = server_of.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    there = environment(running.get_host_and_port()[1])
    urllib.request.urlopen(urllib.request.Request(f"{there['AWS_ENDPOINT_URL']}/{BUCKET}", method="PUT")).close()
    yield there
    running.stop()


def publish_to(house: House, address: str) -> None:
    (house.home.root / "settings.yml").write_text(f"publish_to: {address}\n", encoding="utf-8")


def read_there(server: dict[str, str], name: str) -> bytes:
    """Read an object as another program does: Arrow's own S3, and nothing of ours."""
    store = fs.S3FileSystem(
        endpoint_override=server["AWS_ENDPOINT_URL"].removeprefix("http://"),
        scheme="http",
        access_key=server["AWS_ACCESS_KEY_ID"],
        secret_key=server["AWS_SECRET_ACCESS_KEY"],
        region="us-east-1",
    )
    with store.open_input_stream(f"{BUCKET}/{name}") as stream:
        content: bytes = stream.read()
        return content


@pytest.fixture
def two_releases(house: House) -> tuple[str, str]:
    """The names of two releases of a house, small ones; the second is current."""
    store = ReleaseStore(house.home.marts)
    names = []
    for rows in (1, 2):
        marts = {name: house.root / f"{name}.parquet" for name in ("scorecard", "growth")}
        for path in marts.values():
            pq.write_table(pa.table({"rows": list(range(rows))}), path)
        names.append(store.publish(marts, {}, AS_OF + dt.timedelta(days=rows))[0])
    return names[0], names[1]


@pytest.mark.usefixtures("two_releases")
def test_readers_of_a_bucket_meet_the_current_release_byte_for_byte(house: House, server: dict[str, str]) -> None:
    publish_to(house, f"s3://{BUCKET}/province")
    said = house.command("release", "send", **server)
    assert said.returncode == 0, said.stderr
    release = ReleaseStore(house.home.marts).get()
    pointer = json.loads(read_there(server, "province/current.json"))
    assert pointer["release_id"] == release.release_id
    manifest = json.loads(read_there(server, f"province/{pointer['manifest']}"))
    files = {f"{mart}.parquet": one["sha256"] for mart, one in manifest["marts"].items()}
    files |= {name: one["sha256"] for name, one in manifest["files"].items()}
    assert sorted(files) == ["growth.parquet", "scorecard.parquet"]
    for name, digest in files.items():
        assert hashlib.sha256(read_there(server, f"province/{pointer['path']}/{name}")).hexdigest() == digest


@pytest.mark.usefixtures("two_releases")
def test_a_place_that_cannot_be_reached_is_told_in_a_sentence_and_has_the_release_the_next_time(
    house: House, server: dict[str, str]
) -> None:
    publish_to(house, f"s3://{BUCKET}/reached")
    said = house.command("release", "send", **environment(free_port()))
    assert said.returncode == 1
    assert f"could not be put to s3://{BUCKET}/reached" in said.stderr
    assert "run the night again" in said.stderr
    assert "Traceback" not in said.stderr
    assert house.command("release", "send", **server).returncode == 0
    pointer = json.loads(read_there(server, "reached/current.json"))
    assert pointer["release_id"] == ReleaseStore(house.home.marts).current_id()


def test_a_night_puts_its_release_there_and_fails_where_it_cannot(published_only_copy: House, tmp_path: Path) -> None:
    publish_to(published_only_copy, f"file://{tmp_path}/there")
    (tmp_path / "there").write_text("no folder", encoding="utf-8")
    tomorrow = AS_OF + dt.timedelta(days=1)
    (failure,) = published_only_copy.quick_night(tomorrow).failures
    assert f"could not be put to file://{tmp_path}/there" in failure
    (tmp_path / "there").unlink()
    night = published_only_copy.quick_night(tomorrow)
    assert night.failures == ()
    assert RemoteReleases(f"file://{tmp_path}/there").current_id() == night.release_id


def made(folder: Path, number: int) -> tuple[Path, dict[str, str]]:
    """A small release, and the digests of its files."""
    release = folder / f"2025-02-{number:02}-release"
    release.mkdir(parents=True)
    (release / "scorecard.parquet").write_bytes(b"rows %d" % number)
    (release / MANIFEST).write_text(f"manifest {number}", encoding="utf-8")
    return release, {"scorecard.parquet": hashlib.sha256(b"rows %d" % number).hexdigest()}


def test_a_release_that_comes_to_half_is_met_by_nobody_and_is_whole_the_next_time(tmp_path: Path) -> None:
    there = RemoteReleases(f"file://{tmp_path}/there")
    first, second = made(tmp_path / "here", 1), made(tmp_path / "here", 2)
    there.put(first[0], MANIFEST, first[1])
    in_the_way = tmp_path / "there" / "releases" / second[0].name / MANIFEST
    in_the_way.mkdir(parents=True)
    with pytest.raises(RemoteReleasesError, match="could not be put to file://"):
        there.put(second[0], MANIFEST, second[1])
    assert there.current_id() == first[0].name
    in_the_way.rmdir()
    there.put(second[0], MANIFEST, second[1])
    assert there.current_id() == second[0].name
    assert in_the_way.read_text(encoding="utf-8") == "manifest 2"


def test_bytes_that_are_not_those_of_the_manifest_are_pointed_at_by_nothing(tmp_path: Path) -> None:
    there = RemoteReleases(f"file://{tmp_path}/there")
    release, digests = made(tmp_path / "here", 1)
    (release / "scorecard.parquet").write_bytes(b"spoilt")
    with pytest.raises(RemoteReleasesError, match=r"holds other bytes under .*scorecard.parquet"):
        there.put(release, MANIFEST, digests)
    assert there.current_id() is None


def test_the_place_follows_a_rollback(house: House, two_releases: tuple[str, str], tmp_path: Path) -> None:
    before, after = two_releases
    publish_to(house, f"file://{tmp_path}/there")
    there = RemoteReleases(f"file://{tmp_path}/there")
    releases_of(house.home).send()
    assert there.current_id() == after
    said = house.command("release", "rollback", before)
    assert said.returncode == 0, said.stderr
    assert there.current_id() == before


@pytest.mark.parametrize("address", ["s3://user:secret@bucket/growth", "bucket", "[1]"])
def test_an_address_that_is_none_or_holds_a_secret_is_refused_and_not_repeated(house: House, address: str) -> None:
    house.home.root.mkdir(parents=True)
    publish_to(house, address)
    with pytest.raises(HomeError, match="publish_to must be an address such as") as refusal:
        settings_of(house.home)
    assert "secret" not in str(refusal.value)


def test_a_kind_of_place_that_no_library_here_knows_is_refused_in_a_sentence(tmp_path: Path) -> None:
    release, digests = made(tmp_path, 1)
    with pytest.raises(RemoteReleasesError, match="could not be put to unheard-of://x"):
        RemoteReleases("unheard-of://x").put(release, MANIFEST, digests)
