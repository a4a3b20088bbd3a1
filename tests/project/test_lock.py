"""The locks are closed: whatever a locked package asks for, extras included, is pinned in the same lock.

To pip 23.2, which Python 3.11 brings, `coverage` and `coverage[toml]` are two things: a pin of the one is none of the
other, for which it takes the newest version, and refuses it then, since it has no hash. So without a line with the very
same extras a lock holds only until something newer is released. Judged is each Python that pyproject.toml names, on
Linux, whichever runs the tests; what packages ask for is read from those that are installed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.lock import pins, version

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PROJECT = PYPROJECT["project"]
GROUPS = PYPROJECT["dependency-groups"]
RUN = [*PROJECT["dependencies"], *(wanted for extra in PROJECT["optional-dependencies"].values() for wanted in extra)]
WANTED = {
    "requirements.txt": RUN,
    "requirements-test.txt": [*RUN, *GROUPS["test"], *GROUPS["lint"]],
    "requirements-build.txt": PYPROJECT["build-system"]["requires"],
}
LOCKS = {name: (ROOT / name).read_text(encoding="utf-8") for name in WANTED}
PYTHONS = [line.split(" :: ")[-1] for line in PROJECT["classifiers"] if ":: Python :: 3." in line]
LINUX = {
    "implementation_name": "cpython",
    "os_name": "posix",
    "platform_python_implementation": "CPython",
    "platform_release": "",
    "platform_system": "Linux",
    "platform_version": "",
    "sys_platform": "linux",
}
# Markers may tell one patch from another: the first of each Python, and one that is not out yet.
ENVIRONMENTS = [
    {
        **LINUX,
        "implementation_version": full,
        "platform_machine": machine,
        "python_full_version": full,
        "python_version": python,
    }
    for python in PYTHONS
    for full in (f"{python}.0", f"{python}.99")
    for machine in ("x86_64", "aarch64")
]
Asked = Callable[[str], Iterable[str]]  # a package's name: what it asks for


def holds(marker: Marker | None, environment: dict[str, str], extras: Iterable[str] = ()) -> bool:
    return marker is None or any(marker.evaluate(environment | {"extra": extra}) for extra in ("", *extras))


def missing(asked: Requirement, lines: list[Requirement]) -> str:
    """What a lock's lines of a package lack of what is asked for; nothing where one of them pins it."""
    if not lines:
        return "is not locked"
    exact = [pin for pin in lines if pin.extras == asked.extras]
    if not exact:
        return f"is locked as {' and '.join(str(pin).split('==')[0] for pin in lines)} only"
    if not asked.specifier.contains(version(exact[0]), prereleases=True):
        return f"is locked at {version(exact[0])}"
    return ""


def ends_on(environment: dict[str, str], lock: str, asked: Asked, wanted: Iterable[str]) -> Iterator[str]:
    lines = [pin for pin in pins(lock) if holds(pin.marker, environment)]
    asking = [("pyproject.toml", requirement) for requirement in map(Requirement, wanted)]
    for pin in lines:
        requirements = map(Requirement, asked(pin.name))
        asking += [(pin.name, asked) for asked in requirements if holds(asked.marker, environment, pin.extras)]
    for name, requirement in asking:
        same = [pin for pin in lines if canonicalize_name(pin.name) == canonicalize_name(requirement.name)]
        if lack := missing(requirement, same):
            yield f"{name} asks for {str(requirement).split(';')[0]}, which {lack}"


def open_ends(lock: str, asked: Asked, wanted: Iterable[str] = ()) -> list[str]:
    """Each requirement, of the project or of a locked package, that no line of the lock pins, and on which Pythons."""
    ends: dict[str, list[str]] = {}
    for environment in ENVIRONMENTS:
        for end in ends_on(environment, lock, asked, wanted):
            pythons = ends.setdefault(end, [])
            if environment["python_version"] not in pythons:
                pythons.append(environment["python_version"])
    return [f"{end} (Python {', '.join(pythons)})" for end, pythons in ends.items()]


def asked_by_installed(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []  # the next two tests name it


@pytest.mark.parametrize("name", LOCKS)
def test_whatever_is_asked_for_is_locked(name):
    assert open_ends(LOCKS[name], asked_by_installed, WANTED[name]) == []
    unread = [
        f"{pin.name} ({pin.marker})"
        for pin in pins(LOCKS[name])
        if not holds(pin.marker, {}) and any(holds(pin.marker, environment) for environment in ENVIRONMENTS)
    ]
    if unread:
        pytest.skip(f"not installed on this Python, so that what they ask for is not known here: {', '.join(unread)}")


@pytest.mark.parametrize("name", LOCKS)
def test_what_is_locked_is_what_is_installed(name):
    """Else what was read above is that of another version, or of none."""
    installed = {canonicalize_name(package.name): package.version for package in metadata.distributions()}
    expected = {pin.name: version(pin) for pin in pins(LOCKS[name]) if holds(pin.marker, {})}
    assert {package: installed.get(package, "none") for package in expected} == expected


def test_the_locks_agree():
    versions: dict[str, set[str]] = {}
    for lock in LOCKS.values():
        for pin in pins(lock):
            versions.setdefault(pin.name, set()).add(version(pin))
    assert {package: several for package, several in versions.items() if len(several) > 1} == {}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_builds_nothing_and_names_no_host(name):
    """A build would ask for the newest of its tools; where to fetch from is for each machine to say."""
    options = [line for line in LOCKS[name].splitlines() if line.startswith("-")]
    assert options == ["--only-binary :all:"]
    assert "://" not in LOCKS[name]


@pytest.mark.parametrize("name", ["README.md", "Dockerfile", "docs/upgrade.md"])
def test_what_is_installed_comes_from_a_lock(name):
    """A wheel is built with the locked tools, and the package itself brings nothing along."""
    text = (ROOT / name).read_text(encoding="utf-8")
    commands = re.findall(r"\bpip(?: -q)? (?:install|wheel)\b[^&\n`]*", text)
    assert len(commands) >= 3
    for command in commands:
        locked = re.search(r" -r requirements[a-z-]*\.txt", command)
        alone = "--no-deps" in command and ("--no-build-isolation" in command or "--no-index" in command)
        assert locked or alone, command


SMALL = """\
# A head
--only-binary :all:
pytest-cov==7.1.0 \\
    --hash=sha256:00
coverage[toml]==7.17.3 \\
    --hash=sha256:01 \\
    --hash=sha256:02
    # via pytest-cov
tomli==2.2.1 ; python_version < '3.13' \\
    --hash=sha256:03
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:04
"""
REQUIRES = {
    "pytest-cov": ["Coverage[toml]>=7", 'nox; extra == "testing"'],
    "coverage": ['tomli>=2; extra == "toml" and python_version < "3.13"', 'tomli<2; python_full_version < "3.11"'],
    "tomli": [],
    "tomlkit": [],
    "colorama": ["away"],
}


def ends_of_small(old: str = "", new: str = "") -> list[str]:
    assert old in SMALL
    return open_ends(SMALL.replace(old, new), REQUIRES.__getitem__, ["pytest-cov>=6"])


def test_a_closed_lock_has_no_open_ends():
    assert ends_of_small() == []


EVERY = "(Python 3.11, 3.12, 3.13, 3.14)"
OPEN = [
    ("coverage[toml]", "coverage", f"pytest-cov asks for Coverage[toml]>=7, which is locked as coverage only {EVERY}"),
    ("[toml]", "[a,toml]", f"pytest-cov asks for Coverage[toml]>=7, which is locked as coverage[a,toml] only {EVERY}"),
    ("==7.17.3", "==6.5", f"pytest-cov asks for Coverage[toml]>=7, which is locked at 6.5 {EVERY}"),
    ("==7.1.0", "==5.0", f"pyproject.toml asks for pytest-cov>=6, which is locked at 5.0 {EVERY}"),
    ("tomli==", "tomlkit==", "coverage asks for tomli>=2, which is not locked (Python 3.11, 3.12)"),
    ("< '3.13'", "< '3.12'", "coverage asks for tomli>=2, which is not locked (Python 3.12)"),
    ("< '3.13'", "== '3.12'", "coverage asks for tomli>=2, which is not locked (Python 3.11)"),
]


@pytest.mark.parametrize(("old", "new", "said"), OPEN, ids=[f"{old} {new}" for old, new, _ in OPEN])
def test_an_open_end_is_named(old, new, said):
    assert ends_of_small(old, new) == [said]


def test_a_package_asked_for_with_and_without_an_extra_needs_a_line_for_each():
    both = "coverage==7.17.3 --hash=sha256:01\ncoverage[toml]==7.17.3 --hash=sha256:01"
    wanted = ["coverage", "coverage[toml]"]
    assert open_ends(both, lambda _: [], wanted) == []
    assert open_ends(both.splitlines()[1], lambda _: [], wanted) == [
        f"pyproject.toml asks for coverage, which is locked as coverage[toml] only {EVERY}"
    ]


def test_the_lock_of_the_tests_is_open_without_the_extra_of_coverage_or_without_a_package():
    """What pip 23.2 could not install, and a line that somebody takes out by hand."""
    lock = LOCKS["requirements-test.txt"]
    stripped = open_ends(lock.replace("coverage[toml]==", "coverage=="), asked_by_installed)
    assert [end.partition(">")[0] for end in stripped] == ["pytest-cov asks for coverage[toml]"]
    without = open_ends(re.sub(r"(?m)^execnet==(.*\\\n)*.*\n", "", lock), asked_by_installed)
    assert [end.partition(">")[0] for end in without] == ["pytest-xdist asks for execnet"]


def test_hooks_run_what_is_locked():
    """A hook of elsewhere would bring a version of its own."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    [local] = config["repos"]
    assert local["repo"] == "local"
    for hook in local["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")
