"""Imports go down a floor, or sideways inside a room; core is pure, and doors never meet.

The contracts of import-linter in pyproject.toml say so. Here stands what they cannot: the packages that core may use,
and that CONTRIBUTING.md draws the very floors of the contract.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import alertsms

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
PURE = {"re2", "phonenumbers", "jinja2", "markupsafe", "anyascii", "alertsms"}


def imported(path: Path) -> set[str]:
    """The packages that a module imports, by their first name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(str(node.module))
    return {name.partition(".")[0] for name in names}


def drawn() -> list[set[str]]:
    """The floors of the picture in CONTRIBUTING.md, from the top: the left part of each line."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    picture = text.split("```\n__main__.py", 1)[1].split("```")[0]
    return [set(re.findall(r"(\w+)(?:/|\.py)", line.split("   ")[0])) for line in f"__main__.py{picture}".splitlines()]


def test_the_contracts_hold():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": "."}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in done.stdout


def test_the_picture_is_the_contract():
    [layers] = [contract["layers"] for contract in CONTRACTS if contract["type"] == "layers"]
    assert drawn() == [set(layer.split(" | ")) for layer in layers]


def test_core_uses_pure_packages_alone():
    for path in (Path(alertsms.__file__).parent / "core").rglob("*.py"):
        assert imported(path) <= PURE | sys.stdlib_module_names, path.name
