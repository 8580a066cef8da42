"""The first minutes on a bare machine: the real Makefile and the real pip, with a small lock and a folder as index."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from pipeline.settings import PROJECT_ROOT
from tests.checkout import Checkout

PACKAGES = ("first_package", "second_package")
OF_ANOTHER_SYSTEM = 'third_package==1.0 ; sys_platform == "of nobody" \\\n    --hash=sha256:' + "0" * 64 + "\n"


def wheel(folder: Path, name: str) -> str:
    """Write a wheel of one module; return its entry in a lock."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    about = f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", "")
        archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", f"{name}.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
    return f"{name}==1.0 \\\n    --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """What `make` needs of a checkout before anything is installed; a lock of two packages, and their index."""
    copy = Checkout(tmp_path_factory.mktemp("bare") / "checkout")
    (copy.folder / "pipeline").mkdir(parents=True)
    for name in ("Makefile", "pipeline/__init__.py", "pipeline/install.py"):
        shutil.copy(PROJECT_ROOT / name, copy.folder / name)
    index = copy.user / "index"
    index.mkdir(parents=True)
    lock = "".join(wheel(index, name) for name in PACKAGES) + OF_ANOTHER_SYSTEM
    (copy.folder / "requirements.lock").write_text(lock, encoding="utf-8")
    return copy


def install(bare: Checkout, index: Path) -> subprocess.CompletedProcess[str]:
    (bare.folder / ".venv" / "runtime.stamp").unlink(missing_ok=True)
    return bare.run(
        "make", ".venv/runtime.stamp", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(index), PIP_CONFIG_FILE="/dev/null"
    )


def test_an_index_that_lacks_a_package_ends_in_what_pip_said_and_the_next_step(bare):
    done = install(bare, bare.user / "nothing")
    assert done.returncode != 0
    assert "No matching distribution found for first_package==1.0" in done.stderr
    assert "PIP_INDEX_URL" in done.stderr
    assert not (bare.folder / ".venv" / "runtime.stamp").exists()


@pytest.fixture(scope="module")
def installed(bare: Checkout) -> subprocess.CompletedProcess[str]:
    """What was said while the two packages were installed."""
    done = install(bare, bare.user / "index")
    assert done.returncode == 0, done.stderr
    return done


def test_what_is_needed_is_said_before_and_what_was_installed_afterwards(bare, installed):
    needs, *_, last = installed.stdout.splitlines()
    assert "MB to download from the index that pip knows" in needs
    assert "MB on the disk" in needs
    assert last.startswith("Installed 2 packages in ")
    found = {path.name for path in bare.folder.glob(".venv/lib/python3*/site-packages/*_package.py")}
    assert found == {f"{name}.py" for name in PACKAGES}


def test_what_make_runs_keeps_the_bytecode_of_what_it_imports(bare, installed):
    for name, text in (("__main__", "import pipeline.imported\n"), ("imported", "")):
        (bare.folder / "pipeline" / f"{name}.py").write_text(text, encoding="utf-8")
    assert bare.run("make", "run", PYTHONDONTWRITEBYTECODE="1").returncode == 0
    assert list(bare.folder.glob("pipeline/__pycache__/imported.*.pyc"))


def test_a_package_whose_hash_is_not_the_locks_is_not_installed(bare):
    lock = bare.folder / "requirements.lock"
    (bare.user / "other").mkdir()
    changed = wheel(bare.user / "other", "changed_package")
    digest = changed.rpartition(":")[2].strip()
    lock.write_text(changed.replace(digest, digest[::-1]), encoding="utf-8")
    done = install(bare, bare.user / "other")
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr
    assert not list(bare.folder.glob(".venv/lib/python3*/site-packages/changed_package.py"))
