"""A home as a server serves it: the real web server, the real daemon, and runs kept in a real PostgreSQL."""

from __future__ import annotations

import datetime as dt
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from pipeline.dagster_home import write_dagster_home
from pipeline.settings import PROJECT_ROOT
from resources.home import today
from tests.campaign.clock import COMPILER, Clock
from tests.house import PUBLISHED, House, csv_text
from tests.integration.test_broken_nights import WITHOUT_BYTECODE
from tests.postgres import PASSWORD, Server, binaries, postgres
from tests.running_ui import REPOSITORY, Ui, ui_of

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(binaries() is None, reason="PostgreSQL is not installed (Debian: apt-get install postgresql)"),
]


def in_postgres(port: int) -> str:
    """What the page "On a server" says to add to `dagster.yaml`, for a server on another port."""
    settings = (PROJECT_ROOT / "deploy/postgres.yaml").read_text(encoding="utf-8")
    assert "port: 5432" in settings
    return settings.replace("port: 5432", f"port: {port}")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgres() as running:
        yield running


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, server: Server, served_since_yesterday: Callable[[Path], House]
) -> House:
    """A home whose operator has named PostgreSQL, with a night of yesterday and a delivery of today."""
    made = served_since_yesterday(tmp_path_factory.mktemp("served"))
    settings = write_dagster_home(made.home.root) / "dagster.yaml"
    with settings.open("a", encoding="utf-8") as file:
        file.write(in_postgres(server.port))
    rows = csv_text(
        ("area_code", "sector_code", "period", "value_constant_bn"),
        ("94", "CON", "2023", "2000"), ("94", "CON", "2024", "2600"),
    )  # fmt: skip
    House(made.home.root).deliver(f"grdp__2024__{today()}.csv", rows)
    return made


def is_on(ui: Ui) -> dict[str, str]:
    query = """query($selector: RepositorySelector!) { repositoryOrError(repositorySelector: $selector) {
        ... on Repository { schedules { name scheduleState { status } } sensors { name sensorState { status } } } } }"""

    def look() -> dict[str, str] | None:
        found = ui.ask(query, selector=REPOSITORY)["repositoryOrError"]
        if "schedules" not in found:
            return None
        states = {one["name"]: one["scheduleState"]["status"] for one in found["schedules"]}
        return states | {one["name"]: one["sensorState"]["status"] for one in found["sensors"]}

    return ui.wait_for(look, "the repository")


def processes_of(home: Path) -> list[str]:
    """Commands of this machine that work on a home."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            environment, command = (place / "environ").read_bytes(), (place / "cmdline").read_bytes()
        except OSError:
            continue
        if f"GROWTH_HOME={home}\0".encode() in environment:
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def left_behind(home: Path) -> list[str]:
    """Commands that still work on a home after servers have stopped; a helper of theirs sees it a moment later."""
    until = time.monotonic() + 10
    while (found := processes_of(home)) and time.monotonic() < until:
        time.sleep(0.1)
    return found


def test_a_server_starts_nights_by_itself_and_keeps_its_runs_in_postgres(house):
    secret = {"GROWTH_POSTGRES_PASSWORD": PASSWORD}
    of_yesterday = house.releases.current_id()
    with ui_of(house, "serve", "--path-prefix", "/growth", prefix="/growth", **secret) as ui:
        assert is_on(ui) == dict.fromkeys(
            ("every_night", "new_in_the_inbox", "a_run_failed", "a_night_ended"), "RUNNING"
        )
        night = ui.ended(lambda run: run.started_by == "new_in_the_inbox", "the night of the sensor")
        assert night.status == "SUCCESS"
        with ui_of(house, "serve", "--read-only", **secret) as viewers:
            assert night.run_id in {run.run_id for run in viewers.wait_for(viewers.runs, "the runs")}
            assert viewers.switch_on("new_in_the_inbox") == "UnauthorizedError"
        by_hand = house.command("nightly", "--quiet", "--inbox", str(house.home.root / "inbox"), **secret)
        assert (by_hand.returncode, by_hand.stdout[:12]) == (0, "Nothing new:"), by_hand.stdout + by_hand.stderr
        _a_night_that_fails_by_hand_is_told_once(house, ui, secret)
        ui.process.send_signal(signal.SIGTERM)
        assert ui.process.wait(timeout=120) == 0, ui.log.read_text()[-3000:]
    assert left_behind(house.home.root) == []
    assert house.releases.current_id() not in (None, of_yesterday)
    assert not list(house.home.dagster.rglob("*.db")), "nothing was kept in SQLite"


def _a_night_that_fails_by_hand_is_told_once(house: House, ui: Ui, secret: dict[str, str]) -> None:
    """The command tells, and the daemon beside it, whose sensor looks for failed runs, does not tell again."""
    ui.switch_off("new_in_the_inbox")
    House(house.home.root).deliver(f"grdp__2023__{today()}.csv", "area_code,sector_code\n94,GRDP\n")
    night = subprocess.run(
        [sys.executable, "-m", "pipeline", "nightly", "--quiet", "--inbox", str(house.home.inbox)],
        cwd=PROJECT_ROOT,
        env={**os.environ, **WITHOUT_BYTECODE, "GROWTH_HOME": str(house.home.root), **secret},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert night.returncode == 1, night.stdout + night.stderr
    ui.first_tick("a_run_failed", since=time.time())
    alerts = (house.home.root / "told" / "alerts.log").read_text(encoding="utf-8").splitlines()
    assert len(alerts) == 1, alerts
    assert "The night failed." in alerts[0]


@pytest.mark.parametrize(("name", "word"), [("daemon", b"dagster._daemon"), ("code server", b"\0grpc\0")])
def test_one_server_that_ends_takes_the_others_with_it(tmp_path, name, word):
    house = House(tmp_path)
    with ui_of(house, "serve") as ui:
        is_on(ui)
        (server,) = [place.name for place in Path("/proc").glob("[0-9]*") if _is(place, house.home.root, word)]
        os.kill(int(server), signal.SIGKILL)
        assert ui.process.wait(timeout=120) == 1
        assert f"The {name} ended by itself" in ui.log.read_text()
    assert left_behind(house.home.root) == []


@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler (Debian: apt-get install gcc)")
def test_web_server_and_daemon_ask_one_code_server_that_stays(tmp_path):
    house, clock = House(tmp_path / "house"), Clock(tmp_path)
    house.root.mkdir()
    with ui_of(house, "serve", **clock.environment) as ui:
        is_on(ui)
        before = _code_servers(house.home.root)
        assert len(before) == 1
        clock.set(dt.datetime.now(dt.UTC) + dt.timedelta(days=1))  # the daemon reads the definitions anew each minute
        ui.first_tick("new_in_the_inbox", since=time.time() + 80_000)
        time.sleep(10)
        assert _code_servers(house.home.root) == before


def _code_servers(home: Path) -> list[str]:
    return [place.name for place in Path("/proc").glob("[0-9]*") if _is(place, home, b"\0grpc\0")]


def _is(place: Path, home: Path, word: bytes) -> bool:
    try:
        return (
            f"GROWTH_HOME={home}\0".encode() in (place / "environ").read_bytes()
            and word in (place / "cmdline").read_bytes()
        )
    except OSError:
        return False


@pytest.mark.parametrize("fault", ["the server is down", "the secret is missing"])
def test_a_database_that_cannot_be_reached_is_told_in_one_sentence(house, server, tmp_path, fault):
    other = House(tmp_path)
    other.deliver(PUBLISHED.name, PUBLISHED.read_bytes())
    settings = write_dagster_home(other.home.root) / "dagster.yaml"
    port = 1 if fault == "the server is down" else server.port
    settings.write_text(settings.read_text() + in_postgres(port), encoding="utf-8")
    environment = {"GROWTH_POSTGRES_PASSWORD": PASSWORD} if fault == "the server is down" else {}
    night = other.command("nightly", "--quiet", "--inbox", str(other.inbox), **environment)
    assert night.returncode == 1, night.stdout + night.stderr
    (sentence,) = [line for line in night.stderr.splitlines() if line.startswith("Failed: ")]
    assert "Dagster's database" in sentence
    assert str(settings) in sentence
    assert ("GROWTH_POSTGRES_PASSWORD" if not environment else "refused") in sentence
    assert "Traceback" not in night.stdout + night.stderr
    assert yaml.safe_load(settings.read_text())["storage"], "the operator's file stays as it is"


def test_dagsters_own_database_broken_is_moved_away_and_the_night_goes_on(published_only_copy):
    house = published_only_copy
    first = house.command("nightly", "--quiet", "--inbox", str(house.inbox), "--as-of", "2025-02-11")
    assert first.returncode == 0, first.stderr
    for number, database in enumerate(sorted(house.home.dagster.rglob("*.db"))):
        content = database.read_bytes()
        match number % 3:
            case 0:
                database.write_bytes(b"not a database" * 1000)
            case 1:
                database.write_bytes(content[: len(content) // 2 + 100])
            case _:
                database.unlink()
                database.mkdir()
    second = house.command("nightly", "--quiet", "--inbox", str(house.inbox), "--as-of", "2025-02-12")
    assert second.returncode == 0, second.stdout[-3000:] + second.stderr[-3000:]
    assert "Dagster's own database was broken" in " ".join((second.stdout + second.stderr).split())
    assert list((house.home.dagster / "broken_databases").rglob("*.db"))
    assert list(house.runs().values()) == ["SUCCESS"]
