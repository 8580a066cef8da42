"""Every command in the documents is run here, in a copy of the checkout, or maps to the place that runs it."""

from __future__ import annotations

import csv
import datetime as dt
import re
import shutil
import sys
from pathlib import Path

import pytest

from assets.product.database import additive_views, marts_held
from dbt_like_sql.project import load_project
from pipeline.night import GOOD
from pipeline.settings import PROJECT_ROOT
from tests.checkout import Checkout
from tests.contract.recipes import without_recipes
from tests.house import AS_OF, House

DOCUMENTS = ("README.md", "README.vi.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/server.md", "docs/bi.md")

RUN_ELSEWHERE = {
    "make test": ".ci/run",
    "make check": ".ci/run",
    "make ui": "tests/integration/test_ui.py",
    "make lock": "tests/contract/test_house.py",
}
"""Commands that cannot be run inside a test, and the file that runs or checks them."""

RUN_BY_THE_FIXTURE = "make run"

FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a language, without the indentation of a list that they stand in."""
    text = (PROJECT_ROOT / document).read_text(encoding="utf-8")
    if language == "sh":  # typed by test_recipes
        text = without_recipes(text)
    found = (match for match in FENCE.finditer(text) if match.group(2) == language)
    return [re.sub(rf"(?m)^{match.group(1)}", "", match.group(3)) for match in found]


def all_blocks(language: str) -> list[str]:
    """The different blocks of all documents, in their order; the two READMEs say many things twice."""
    return list(dict.fromkeys(block for document in DOCUMENTS for block in blocks(document, language)))


def shell_blocks() -> dict[str, str]:
    """The document of each different block of commands that can be run here, in the order in which one reads them."""
    documents: dict[str, str] = {}
    for document in DOCUMENTS:
        for block in blocks(document, "sh"):
            if not set(block.splitlines()) <= {RUN_BY_THE_FIXTURE, *RUN_ELSEWHERE}:
                documents.setdefault(block, document)
    return documents


SHELL = shell_blocks()


@pytest.fixture(scope="module")
def copies(after_make_run: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Checkout]:
    """For each document a copy of the checkout after `make run` and a second night with something new: two releases."""
    root, (first, *others) = tmp_path_factory.mktemp("docs"), dict.fromkeys(SHELL.values())
    shutil.copytree(after_make_run, root / first, symlinks=True)
    copy = Checkout(root / first / "checkout")
    assert House(root / first).quick_night(AS_OF + dt.timedelta(days=1)).exit_code == GOOD
    shutil.copytree(PROJECT_ROOT / "samples/inbox/published_figures", copy.user / "inbox/published_figures")
    for document in others:
        shutil.copytree(root / first, root / document, symlinks=True)
    return {document: Checkout(root / document / "checkout") for document in (first, *others)}


def first_release(copy: Checkout) -> str:
    """The release that a reader of the recipes would go back to."""
    listed = copy.pipeline("release", "list").stdout.splitlines()
    assert len(listed) == 2
    return listed[0].strip("* ").split()[0]


def test_make_run_prints_the_scorecard_and_where_the_marts_are(after_make_run: Path) -> None:
    said = (after_make_run / "said.txt").read_text(encoding="utf-8")
    assert "KV1" in said
    assert "marts" in said


@pytest.mark.slow
@pytest.mark.parametrize("block", SHELL, ids=lambda block: f"{SHELL[block]}: {block.splitlines()[0]}")
def test_a_block_of_shell_commands_does_what_it_says(copies: dict[str, Checkout], block: str) -> None:
    """A block may build on those before it in its document, as it does for a reader."""
    copy = copies[SHELL[block]]
    environment = {"EARLIER": first_release(copy)} if "$EARLIER" in block else {}
    script = "\n".join(line for line in block.splitlines() if line != RUN_BY_THE_FIXTURE)
    result = copy.run("sh", "-ec", script, **environment)
    assert result.returncode == 0, f"{script}\n{result.stdout}\n{result.stderr}"


@pytest.mark.parametrize(("command", "place"), RUN_ELSEWHERE.items())
def test_a_command_run_elsewhere_is_run_there(command, place):
    target = command.removeprefix("make ")
    assert re.search(rf"\b{target}\b", (PROJECT_ROOT / place).read_text(encoding="utf-8"))


@pytest.mark.parametrize("block", all_blocks("python"))
def test_python_in_the_documents_runs_on_the_released_marts(copies, block):
    result = copies["README.md"].run(sys.executable, "-c", block)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("block", all_blocks("sql"))
def test_sql_in_the_documents_runs_on_the_released_marts(copies, block):
    program = f"import duckdb; print(duckdb.sql({block!r}).fetchall())"
    result = copies["README.md"].run(sys.executable, "-c", program)
    assert result.returncode == 0, result.stderr
    assert "KV1" in result.stdout


@pytest.mark.parametrize("block", all_blocks("csv"))
def test_csv_in_the_documents_fits_a_contract(block):
    header, *rows = csv.reader(block.splitlines())
    contracts = load_project().contracts.values()
    assert header in [[rule.name for rule in contract.fields] for contract in contracts]
    assert all(len(row) == len(header) for row in rows)
    suites = "\n".join(path.read_text(encoding="utf-8") for path in (PROJECT_ROOT / "expectations").rglob("*.yml"))
    named = [row[header.index("rule")] for row in rows if "rule" in header]
    assert all(f"check: {rule}\n" in suites for rule in named)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document):
    text = (PROJECT_ROOT / document).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    folder = (PROJECT_ROOT / document).parent
    missing = [link for link in links if not (folder / link.partition("#")[0]).exists()]
    assert not missing


@pytest.mark.parametrize("document", DOCUMENTS)
def test_paths_and_commands_named_in_prose_exist(document):
    text = (PROJECT_ROOT / document).read_text(encoding="utf-8")
    named = re.findall(r"`((?:samples|simulator|benchmarks|dbt_like_sql|expectations|docs|tests)/[\w./-]*)`", text)
    assert not [path for path in named if "logistics" not in path and not (PROJECT_ROOT / path).exists()]


def test_the_two_readmes_show_the_same_commands_and_marts():
    commands = [[line for block in blocks(name, "sh") for line in block.splitlines()] for name in DOCUMENTS[:2]]
    assert [line.replace("--lang vi", "--lang en") for line in commands[1]] == commands[0]
    marts = [
        re.findall(r"(?m)^\| `([\w*]+)`", (PROJECT_ROOT / name).read_text(encoding="utf-8")) for name in DOCUMENTS[:2]
    ]
    assert marts[0] == marts[1]


def test_every_mart_of_the_readme_is_published_and_the_dictionary_has_all():
    published = {model.name for model in load_project().models.values() if model.publish}
    told = re.findall(r"(?m)^\| `(\w+)`", (PROJECT_ROOT / "README.md").read_text(encoding="utf-8"))
    assert told
    assert set(told) <= published
    dictionary = (PROJECT_ROOT / "docs" / "dictionary.md").read_text(encoding="utf-8")
    assert {name for name in published if f"\n### {name}\n" not in dictionary} == set()


def test_each_mart_that_growth_duckdb_leaves_out_stands_in_the_docs_with_its_reason() -> None:
    """And what a row says of a view is true: the view is there."""
    rows = re.findall(
        r"^\| `(\w+)` \| [\d.]+ \| (.+) \|$", (PROJECT_ROOT / "docs/bi.md").read_text("utf-8"), re.MULTILINE
    )
    project = load_project()
    left_out = {model.name for model in project.published} - set(marts_held(project))
    assert {mart for mart, _ in rows} == left_out
    held = {view.name for view in additive_views()} | set(marts_held(project))
    assert {name for _, why in rows for name in re.findall(r"`(\w+)`", why)} <= held
