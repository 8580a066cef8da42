"""What a server is given: units that systemd understands, commands and files that are there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from pipeline.cli.commands import cli
from pipeline.settings import PROJECT_ROOT

DEPLOY = PROJECT_ROOT / "deploy"
UNITS = sorted([*DEPLOY.glob("*.service"), *DEPLOY.glob("*.timer")])
PROGRAM = "/opt/provincial-growth/.venv/bin/python"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong_with_a_unit(unit: Path, tmp_path: Path) -> None:
    for one in UNITS:  # a timer names its service; the interpreter and the user are not on this machine
        text = one.read_text(encoding="utf-8").replace(PROGRAM, sys.executable).replace("User=growth", "User=root")
        (tmp_path / one.name).write_text(text, encoding="utf-8")
    verify = ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name)]
    result = subprocess.run(verify, capture_output=True, text=True, check=False)
    ours = [line for line in result.stderr.splitlines() if "growth" in line]
    assert ours == []


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_the_command_of_a_unit_is_one_that_the_program_has(unit: Path) -> None:
    (command,) = re.findall(rf"(?m)^ExecStart={PROGRAM} -m pipeline (.*)$", unit.read_text(encoding="utf-8"))
    name, *options = command.split()
    known = CliRunner().invoke(cli, [name, "--help"])
    assert known.exit_code == 0
    assert all(option in known.output for option in options if option.startswith("--"))


def test_no_secret_lies_in_what_a_server_is_given() -> None:
    settings = yaml.safe_load((DEPLOY / "postgres.yaml").read_text(encoding="utf-8"))
    assert settings["storage"]["postgres"]["postgres_db"]["password"] == {"env": "GROWTH_POSTGRES_PASSWORD"}


def test_every_file_that_the_page_names_is_there() -> None:
    page = (PROJECT_ROOT / "docs/server.md").read_text(encoding="utf-8")
    for path in re.findall(r"\]\((\.\./[^)]+)\)", page):
        assert (PROJECT_ROOT / "docs" / path).is_file(), path
    for path in re.findall(r"`((?:tests|deploy)/[^`*]+)`", page):
        assert (PROJECT_ROOT / path).is_file(), path
