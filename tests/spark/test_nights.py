"""Nights on Spark by real processes: on this machine, on a server of Spark Connect, on a master with a worker.

Each makes a few tables again that DuckDB made before, so that they end equal to the byte or not at all.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.house import read_until
from tests.ports import free_port
from tests.spark.conftest import UNMADE, Servers, SparkHouse, descendants, until

pytestmark = pytest.mark.spark

A_TABLE_IS_MADE = "int_item_spans: "
NOISE = re.compile(
    r"Traceback|nanobind|py4j|log4j|\bWARN\b|\bWARNING\b|FutureWarning|\tat |Exception ignored|^\{", re.MULTILINE
)


def assert_failed_with(said: str, code: int | None, house: SparkHouse, release: str | None, sentence: str) -> None:
    assert code == 1, said
    failed = [line for line in said.splitlines() if line.startswith("Failed: ")]
    assert len(failed) == 1, said
    assert re.search(sentence, failed[0]), failed
    assert "The last good release stands." in said
    assert not NOISE.search(said), said
    assert house.releases.current_id() == release


def assert_good(night: subprocess.CompletedProcess[str], house: SparkHouse, made: SparkHouse) -> None:
    assert night.returncode == 0, night.stdout
    assert not NOISE.search(night.stdout), night.stdout
    assert house.stands() == made.stands()
    assert len(house.stands()) == len(UNMADE)
    assert house.releases.current_id() == made.releases.current_id()


def test_a_night_on_spark_makes_what_duckdb_makes_and_says_nothing_of_spark(
    spark_house: SparkHouse, made_on_duckdb: SparkHouse
) -> None:
    assert_good(spark_house.night_on(), spark_house, made_on_duckdb)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"JAVA_HOME": "/nowhere"}, "there is no Java here. Install version 17 or later"),
        ({"SPARK_MASTER": "spark://127.0.0.1:{port}"}, r"Spark at spark://127.0.0.1:\d+ cannot be reached"),
        ({"SPARK_REMOTE": "sc://127.0.0.1:{port}"}, r"Spark at sc://127.0.0.1:\d+ cannot be reached"),
        ({"SPARK_WAIT": "soon"}, "SPARK_WAIT is no number of seconds: 'soon'"),
    ],
)
def test_a_night_without_spark_says_so_in_one_sentence_and_the_last_release_stands(
    environment: dict[str, str], sentence: str, spark_house: SparkHouse
) -> None:
    release, port = spark_house.releases.current_id(), str(free_port())
    night = spark_house.night_on(**{name: value.replace("{port}", port) for name, value in environment.items()})
    assert_failed_with(night.stdout, night.returncode, spark_house, release, sentence)
    assert not spark_house.stands()


def test_a_night_whose_spark_is_killed_says_so_and_the_next_one_goes_on(
    spark_house: SparkHouse, made_on_duckdb: SparkHouse
) -> None:
    release, night = spark_house.releases.current_id(), spark_house.started_on()
    said = read_until(night, A_TABLE_IS_MADE)
    (java,) = descendants(night, "java")
    os.kill(java, signal.SIGKILL)
    rest, _ = night.communicate(timeout=600)
    assert_failed_with(said + rest, night.returncode, spark_house, release, r"Spark at local\[2\] was lost")
    assert 0 < len(spark_house.stands()) < len(UNMADE)
    assert_good(spark_house.night_on(), spark_house, made_on_duckdb)


def test_a_night_that_is_killed_half_way_takes_spark_with_it_and_is_finished_by_the_next(
    spark_house: SparkHouse, made_on_duckdb: SparkHouse
) -> None:
    night = spark_house.started_on()
    read_until(night, A_TABLE_IS_MADE)
    (java,) = descendants(night, "java")
    night.kill()
    night.communicate(timeout=60)
    assert until(lambda: not Path(f"/proc/{java}").exists(), 60)
    assert 0 < len(spark_house.stands()) < len(UNMADE)
    assert_good(spark_house.night_on(), spark_house, made_on_duckdb)


def test_a_night_on_a_server_of_spark_connect_is_like_any_other_and_a_server_that_dies_ends_it(
    spark_house: SparkHouse, made_on_duckdb: SparkHouse, servers: Servers
) -> None:
    address, server = servers.connect()
    assert_good(spark_house.night_on(SPARK_REMOTE=address), spark_house, made_on_duckdb)
    spark_house.unmake()
    release, night = spark_house.releases.current_id(), spark_house.started_on(SPARK_REMOTE=address, SPARK_WAIT="5")
    said = read_until(night, A_TABLE_IS_MADE)
    os.killpg(server.pid, signal.SIGKILL)
    rest, _ = night.communicate(timeout=600)
    assert_failed_with(
        said + rest, night.returncode, spark_house, release, f"Spark at {address} (was lost|does nothing)"
    )


def test_a_night_on_a_master_waits_for_a_worker_no_longer_than_is_said(
    spark_house: SparkHouse, made_on_duckdb: SparkHouse, servers: Servers
) -> None:
    address, release = servers.master(), spark_house.releases.current_id()
    night = spark_house.night_on(SPARK_MASTER=address, SPARK_WAIT="5")
    sentence = f"Spark at {address} does nothing: for 5 s no executor takes up what is to be computed"
    assert_failed_with(night.stdout, night.returncode, spark_house, release, sentence)
    worker = servers.worker(address)
    assert_good(spark_house.night_on(SPARK_MASTER=address), spark_house, made_on_duckdb)

    spark_house.unmake()
    lost = spark_house.started_on(SPARK_MASTER=address, SPARK_WAIT="5")
    said = read_until(lost, A_TABLE_IS_MADE)
    os.killpg(worker.pid, signal.SIGKILL)  # its executors go with it
    rest, _ = lost.communicate(timeout=600)
    assert_failed_with(
        said + rest, lost.returncode, spark_house, release, f"Spark at {address} (was lost|does nothing)"
    )
