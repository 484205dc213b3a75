"""The rules of the house that no linter knows."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 60
SOURCE_SUFFIXES = {".py", ".ts", ".tsx"}
GENERATED = {"frontend/src/api/schema.d.ts"}
# Built from pieces so that this file does not itself hold what it looks for.
REGISTRY_HOSTS = ["pypi" + ".org", "files.python" + "hosted.org", "registry.npm" + "js.org", "deb.debian" + ".org"]


def _tracked() -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def _sources() -> list[Path]:
    return [p for p in _tracked() if p.suffix in SOURCE_SUFFIXES and str(p.relative_to(ROOT)) not in GENERATED]


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_files_hold_one_idea_and_fit_in_the_line_limit() -> None:
    long = {str(p.relative_to(ROOT)): n for p in _sources() if (n := len(p.read_text().splitlines())) > MAX_FILE_LINES}
    assert long == {}


def test_functions_fit_on_a_screen() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in _sources()
        if path.suffix == ".py"
        for node in _functions(ast.parse(path.read_text()))
        if (node.end_lineno or node.lineno) - node.lineno >= MAX_FUNCTION_LINES
    ]
    assert long == []


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        str(path.relative_to(ROOT))
        for path in _sources()
        if path.suffix == ".py"
        and path.is_relative_to(ROOT / "backend")
        and re.search(r"\bos\.(environ|getenv)\b", path.read_text())
    ]
    assert readers == []


def test_no_file_names_a_package_registry() -> None:
    texts = [p for p in _tracked() if p.suffix not in {".png", ".jpg", ".ico", ".woff2", ".mp4"}]
    named = [str(p.relative_to(ROOT)) for p in texts if any(h in p.read_text(errors="replace") for h in REGISTRY_HOSTS)]
    assert named == []


def test_no_exception_is_swallowed() -> None:
    swallowed = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _sources()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and len(node.body) == 1 and isinstance(node.body[0], ast.Pass)
    ]
    assert swallowed == []


@pytest.mark.parametrize(
    "package", ["tailbase", "tailbase.schema", "tailbase.cli", "tailbase_api.main", "tailbase_client"]
)
def test_importing_a_front_door_loads_no_torch(package: str) -> None:
    code = f"import sys, {package}; sys.exit('torch' in sys.modules or 'timm' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
