"""What the lints may not pass over, and the bill of materials that CI makes of the lock."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.project.test_lock import LOCKS
from tests.support.lock import pins, version

ROOT = Path(__file__).parents[2]
LINT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
LOCK = LOCKS["requirements.txt"]


def test_no_rule_about_security_is_passed_over_in_the_package():
    """Only line by line, each with its reason (ruff's S rules are bandit's)."""
    assert LINT["select"] == ["ALL"]
    passed_over = [*LINT["ignore"], *LINT["per-file-ignores"]["alertsms/store/migrations/**"]]
    assert not [rule for rule in passed_over if re.fullmatch(r"S\d*", rule)]
    assert [where for where in LINT["per-file-ignores"] if not where.startswith("tests/")] == [
        "alertsms/store/migrations/**"
    ]
    for path in (ROOT / "alertsms").rglob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if re.search(r"noqa:.*\bS\d{3}", line):
                assert re.search(r"noqa: [A-Z0-9, ]+(, | - ).{5}", line), f"{path.name}: {line.strip()}"


def test_the_bill_of_materials_is_the_lock():
    command = [sys.executable, ".ci/sbom.py"]
    made = [
        subprocess.run(command, cwd=ROOT, env={"PYTHONPATH": "."}, check=True, capture_output=True).stdout
        for _ in range(2)
    ]
    assert made[0] == made[1]
    bom = json.loads(made[0])
    components = {component["name"]: component for component in bom["components"]}
    assert {name: component["version"] for name, component in components.items()} == {
        pin.name: version(pin) for pin in pins(LOCK)
    }
    assert sorted(digest["content"] for component in components.values() for digest in component["hashes"]) == sorted(
        set(re.findall("sha256:([0-9a-f]{64})", LOCK))
    )
    assert all(component["licenses"] for component in components.values())
    needs = {package["ref"]: package["dependsOn"] for package in bom["dependencies"]}
    assert components["werkzeug"]["purl"] in needs[components["flask"]["purl"]]
    assert set(needs) == {component["purl"] for component in components.values()} | {
        bom["metadata"]["component"]["bom-ref"]
    }
