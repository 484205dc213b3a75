"""Runs every gate one after the other, also after a failure, and says at the end what each of them found."""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
SCRIPTS = Path(sys.executable).parent
COVERAGE_FLOOR = 90


@dataclass(frozen=True)
class Gate:
    name: str
    command: list[str]


LINTERS = [
    Gate("ruff format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
    Gate("ruff check", [PYTHON, "-m", "ruff", "check", "."]),
    Gate("mypy --strict", [PYTHON, "-m", "mypy"]),
    Gate("import-linter", [str(SCRIPTS / "lint-imports")]),
    Gate("tsc, eslint, Vitest", ["npm", "--prefix", "frontend", "run", "--silent", "check"]),
    Gate("OpenAPI drift", ["npm", "--prefix", "frontend", "run", "--silent", "api", "--", "--check"]),
]
TESTS = [
    Gate("pytest", [PYTHON, "-m", "pytest", "--cov", "--cov-report=term:skip-covered", "--durations=15"]),
    Gate("coverage floor", [PYTHON, "-m", "coverage", "report", "--format=total", f"--fail-under={COVERAGE_FLOOR}"]),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lint", action="store_true", help="linters and type checkers only")
    gates = LINTERS if parser.parse_args().lint else LINTERS + TESTS
    outcomes = [_run(gate) for gate in gates]
    print(
        "\n" + "\n".join(f"{'ok' if passed else 'FAILED':7} {name:24} {took:6.1f} s" for name, passed, took in outcomes)
    )
    return 0 if all(passed for _, passed, _ in outcomes) else 1


def _run(gate: Gate) -> tuple[str, bool, float]:
    print(f"\n== {gate.name}", flush=True)
    began = time.monotonic()
    # npm scripts call our Python by name; trainings in tests run beside servers, for which they must not spin.
    environment = os.environ | {"PATH": f"{SCRIPTS}{os.pathsep}{os.environ['PATH']}", "GOMP_SPINCOUNT": "1000"}
    done = subprocess.run(gate.command, cwd=ROOT, env=environment, check=False)
    return gate.name, done.returncode == 0, time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
