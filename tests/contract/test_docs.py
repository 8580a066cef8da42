"""Every command in the documents is run here, in a copy of the checkout, or maps to the place that runs it."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dbt_like_sql.project import load_project
from tests.contract.recipes import without_recipes

CHECKOUT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "README.vi.md", "CONTRIBUTING.md", "CHANGELOG.md")
LEFT_OUT = shutil.ignore_patterns(".git", "/data", "data", ".venv*", ".*_cache", "__pycache__", ".hypothesis")

RUN_ELSEWHERE = {
    "make test": ".ci/run",
    "make check": ".ci/run",
    "make ui": "tests/integration/test_ui.py",
    "make lock": "tests/contract/test_house.py",
}
"""Commands that cannot be run inside a test, and the file that runs or checks them."""

FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language, without the indentation of a list that they stand in."""
    text = (CHECKOUT / document).read_text(encoding="utf-8")
    if language == "sh":  # typed by test_recipes
        text = without_recipes(text)
    found = (match for match in FENCE.finditer(text) if match.group(2) == language)
    return [re.sub(rf"(?m)^{match.group(1)}", "", match.group(3)) for match in found]


def all_blocks(language: str) -> list[str]:
    """The different blocks of all documents, in their order; the two READMEs say many things twice."""
    return list(dict.fromkeys(block for document in DOCUMENTS for block in blocks(document, language)))


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in which the documents' commands can be run, with our interpreter as its .venv."""
    folder = tmp_path_factory.mktemp("docs") / "checkout"
    shutil.copytree(CHECKOUT, folder, ignore=LEFT_OUT, symlinks=True)
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (folder / ".venv" / "runtime.stamp").touch()
    home = folder.parent / "home"
    shutil.copytree(CHECKOUT / "samples/inbox/published_figures", home / "inbox/published_figures")
    return folder


def run(copy: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in ("GROWTH_HOME", "MAKEFLAGS")}
    return subprocess.run(
        command,
        cwd=copy,
        env=environment | {"HOME": str(copy.parent / "home"), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def after_make_run(copy: Path) -> Path:
    """The copy after `make run`, and after a second night with news, so that there are two releases."""
    first = run(copy, ["make", "run"])
    assert first.returncode == 0, first.stdout + first.stderr
    assert "KV1" in first.stdout
    assert "marts" in first.stdout
    again = run(
        copy, [".venv/bin/python", "-m", "pipeline", "nightly", "--inbox", "samples/inbox", "--as-of", "2025-02-11"]
    )
    assert again.returncode == 0, again.stdout + again.stderr
    return copy


def first_release(copy: Path) -> str:
    """The release that a reader of the recipes would go back to."""
    listed = run(copy, [".venv/bin/python", "-m", "pipeline", "release", "list"]).stdout.splitlines()
    assert len(listed) == 2
    return listed[0].strip("* ").split()[0]


@pytest.mark.slow
def test_every_shell_command_does_what_it_says(after_make_run):
    done = {"make run"}
    for block in all_blocks("sh"):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        if all(line in done or line in RUN_ELSEWHERE for line in lines):
            continue
        script = f"EARLIER={first_release(after_make_run)}\n" + "\n".join(
            line for line in lines if line not in done or line.startswith("export ")
        )
        result = run(after_make_run, ["sh", "-ec", script])
        assert result.returncode == 0, f"{script}\n{result.stdout}\n{result.stderr}"
        done |= {line for line in lines if not line.endswith("pipeline dictionary")}


@pytest.mark.parametrize(("command", "place"), RUN_ELSEWHERE.items())
def test_a_command_run_elsewhere_is_run_there(command, place):
    target = command.removeprefix("make ")
    assert re.search(rf"\b{target}\b", (CHECKOUT / place).read_text(encoding="utf-8"))


@pytest.mark.parametrize("block", all_blocks("python"))
def test_python_in_the_documents_runs_on_the_released_marts(after_make_run, block):
    result = run(after_make_run, [sys.executable, "-c", block])
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("block", all_blocks("sql"))
def test_sql_in_the_documents_runs_on_the_released_marts(after_make_run, block):
    program = f"import duckdb; print(duckdb.sql({block!r}).fetchall())"
    result = run(after_make_run, [sys.executable, "-c", program])
    assert result.returncode == 0, result.stderr
    assert "KV1" in result.stdout


@pytest.mark.parametrize("block", all_blocks("csv"))
def test_csv_in_the_documents_fits_a_contract(block):
    header, *rows = csv.reader(block.splitlines())
    contracts = load_project().contracts.values()
    assert header in [[rule.name for rule in contract.fields] for contract in contracts]
    assert all(len(row) == len(header) for row in rows)
    suites = "\n".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "expectations").rglob("*.yml"))
    named = [row[header.index("rule")] for row in rows if "rule" in header]
    assert all(f"check: {rule}\n" in suites for rule in named)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    text = (CHECKOUT / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    missing = [link for link in links if not (CHECKOUT / link.partition("#")[0]).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_and_commands_named_in_prose_exist(document):
    text = (CHECKOUT / document).read_text(encoding="utf-8")
    named = re.findall(r"`((?:samples|benchmarks|dbt_like_sql|expectations|docs|tests)/[\w./-]*)`", text)
    assert not [path for path in named if "logistics" not in path and not (CHECKOUT / path).exists()]


def test_the_two_readmes_show_the_same_commands_and_marts():
    commands = [[line for block in blocks(name, "sh") for line in block.splitlines()] for name in DOCUMENTS[:2]]
    assert [line.replace("--lang vi", "--lang en") for line in commands[1]] == commands[0]
    marts = [re.findall(r"(?m)^\| `([\w*]+)`", (CHECKOUT / name).read_text(encoding="utf-8")) for name in DOCUMENTS[:2]]
    assert marts[0] == marts[1]


def test_every_mart_of_the_readme_is_published_and_the_dictionary_has_all():
    published = {model.name for model in load_project().models.values() if model.publish}
    told = re.findall(r"(?m)^\| `(\w+)`", (CHECKOUT / "README.md").read_text(encoding="utf-8"))
    assert told
    assert set(told) <= published
    dictionary = (CHECKOUT / "docs" / "dictionary.md").read_text(encoding="utf-8")
    assert {name for name in published if f"\n### {name}\n" not in dictionary} == set()
