"""What is handed to others: the wheel, the constraints and the deployment files."""

import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from setuptools import find_packages

from tailbase_core.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(wheel_file)


def test_the_wheel_holds_every_package_and_the_migrations(wheel: zipfile.ZipFile) -> None:
    packages = find_packages(str(ROOT / "backend")) + find_packages(str(ROOT / "worker"))
    wanted = {f"{name.replace('.', '/')}/__init__.py" for name in packages} | {
        "tailbase_migrations/env.py",
        "tailbase_migrations/__main__.py",
        "tailbase_migrations/versions/0001_people_and_projects.py",
    }
    assert wanted - set(wheel.namelist()) == set()


def test_the_wheel_holds_the_page_where_it_was_built(wheel: zipfile.ZipFile) -> None:
    page = ROOT / "backend" / "tailbase_api" / "web"
    if not (page / "index.html").exists():
        pytest.skip("the page is not built here (make install builds it)")
    built = {f"tailbase_api/web/{path.relative_to(page).as_posix()}" for path in page.rglob("*") if path.is_file()}
    assert built - set(wheel.namelist()) == set()


def test_the_wheel_holds_nothing_but_our_packages(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    ours = {p for p in find_packages(str(ROOT / "backend")) + find_packages(str(ROOT / "worker")) if "." not in p}
    assert tops - ours - {"tailbase_migrations"} == {f"tailbase-{_project()['version']}.dist-info"}


def test_the_wheel_brings_the_command(wheel: zipfile.ZipFile) -> None:
    points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "tailbase = tailbase.cli:main" in wheel.read(points).decode()


def test_constraints_pin_every_direct_requirement_exactly() -> None:
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9][a-z0-9.-]*==[0-9][0-9a-z.]*", line)] == []
    pinned = {line.split("==")[0] for line in lines}
    extras = _project()["optional-dependencies"]
    wanted = [Requirement(r) for name, rs in extras.items() if name != "cuda" for r in rs] + [
        Requirement(r) for r in _project()["dependencies"]
    ]
    assert {canonicalize_name(r.name) for r in wanted} - pinned - {"tailbase"} == set()


def _compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def _variables() -> set[str]:
    return set(re.findall(r"\$\{([A-Z0-9_]+):\?", COMPOSE.read_text()))


def test_no_secret_of_the_compose_file_has_a_default() -> None:
    secret = re.compile(r"\$\{([A-Z0-9_]*(?:PASSWORD|SECRET|KEY)[A-Z0-9_]*)(:\?)?")
    assert [name for name, required in secret.findall(COMPOSE.read_text()) if not required] == []


def test_the_example_settings_name_every_variable_of_the_compose_file_and_give_none() -> None:
    lines = (ROOT / "infra" / "example.env").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert set(given) == _variables() | set(re.findall(r"\$\{([A-Z0-9_]+):-", COMPOSE.read_text()))
    assert set(given.values()) == {""}


@pytest.mark.parametrize("service", ["migrate", "api", "worker-cpu", "worker-gpu"])
def test_the_compose_file_sets_settings_that_exist(service: str) -> None:
    known = {f"TAILBASE_{name.upper()}" for name in Settings.model_fields}
    assert set(_compose()["services"][service]["environment"]) - known == set()


def test_api_and_workers_wait_for_the_migrations() -> None:
    services = _compose()["services"]
    waiting = {name for name, s in services.items() if "migrate" in (s.get("depends_on") or {})}
    assert waiting == {"api", "worker-cpu", "worker-gpu"}


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose is not installed")
@pytest.mark.parametrize("profile", ["cpu", "gpu"])
def test_docker_compose_accepts_the_file(profile: str) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": "/"} | dict.fromkeys(_variables(), "x")
    command = ["docker-compose", "--file", str(COMPOSE), "--profile", profile, "config", "--quiet"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_says_all_that_is_missing_in_one_line() -> None:
    command = [str(shutil.which("make")), "--no-print-directory", "tools", "PYTHON="]
    done = subprocess.run(command, cwd=ROOT, env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False)
    said = next(line for line in done.stderr.splitlines() if line.startswith("Missing here: "))
    assert done.returncode != 0
    assert [word for word in ("Python 3.11 or 3.12", "Node 20.19", "npm", "git") if word not in said] == []
