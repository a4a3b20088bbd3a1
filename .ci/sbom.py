# ruff: noqa: INP001 - a script
"""Print what the image is made of as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/): each package of the lock.

    PYTHONPATH=. python .ci/sbom.py > alertsms.cdx.json     (.ci/build does)

Names, versions and hashes are the lock's own; licences and what needs what are read from the packages where they are
installed. The same lock makes the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from alertsms import __version__
from tests.support.lock import pins, version

LOCK = Path(__file__).parents[1] / "requirements.txt"
OURS = f"pkg:pypi/alertsms@{__version__}"


def bom(lock: str) -> dict[str, Any]:
    """The whole bill of materials of a lock."""
    known = {canonicalize_name(pin.name): pin for pin in pins(lock)}
    hashes = dict(_hashes(lock))
    needs = {OURS: [_address(pin) for pin in known.values()]}
    needs |= {_address(pin): sorted(_needed(pin.name, known)) for pin in known.values()}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, __version__ + lock)}",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "alertsms", "version": __version__, "bom-ref": OURS}},
        "components": [_component(pin, hashes[name]) for name, pin in known.items()],
        "dependencies": [{"ref": ref, "dependsOn": needed} for ref, needed in needs.items()],
    }


def _component(pin: Requirement, hashes: Iterable[str]) -> dict[str, Any]:
    """A package; its hashes are those of all files that the lock takes for it, one for each kind of machine."""
    component: dict[str, Any] = {
        "type": "library",
        "name": canonicalize_name(pin.name),
        "version": version(pin),
        "purl": _address(pin),
        "bom-ref": _address(pin),
        "hashes": [{"alg": "SHA-256", "content": digest} for digest in hashes],
    }
    licence = _licence(pin.name)
    return component | ({"licenses": [licence]} if licence else {})


def _address(pin: Requirement) -> str:
    return f"pkg:pypi/{canonicalize_name(pin.name)}@{version(pin)}"


def _hashes(lock: str) -> Iterator[tuple[str, list[str]]]:
    for line in lock.replace("\\\n", " ").splitlines():
        if line and line[0] not in " #-":
            name = canonicalize_name(Requirement(line.split(" --hash=")[0]).name)
            yield name, sorted(re.findall(r"--hash=sha256:([0-9a-f]{64})", line))


def _licence(name: str) -> dict[str, Any] | None:
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    if expression := said.get("License-Expression"):
        return {"expression": expression}
    classified = [line.split(" :: ")[-1] for line in said.get_all("Classifier") or () if line.startswith("License ::")]
    words = " / ".join(classified) or (said.get("License") or "").partition("\n")[0]
    return {"license": {"name": words}} if words else None


def _needed(name: str, known: dict[str, Requirement]) -> Iterator[str]:
    """Those of the lock that a package asks for, without its extras."""
    try:
        asked = map(Requirement, metadata.requires(name) or ())
    except metadata.PackageNotFoundError:
        return
    for requirement in asked:
        pin = known.get(canonicalize_name(requirement.name))
        if pin and (requirement.marker is None or requirement.marker.evaluate({"extra": ""})):
            yield _address(pin)


if __name__ == "__main__":
    json.dump(bom(LOCK.read_text(encoding="utf-8")), sys.stdout, indent=1)
    sys.stdout.write("\n")
