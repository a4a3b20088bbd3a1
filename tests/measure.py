"""What the house is like: `python -m tests.measure` prints its sizes, and the ways of an alert and a reply through it.

Statements are counted from the syntax tree, so that layout does not matter. A way is what one alert, or one reply,
passes of the package when another one went before: the modules of which a function was called, and those functions.
An alert's way goes from its POST to its SMS, a reply's is the transaction that does what the reply asks for.
"""

from __future__ import annotations

import ast
import json
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Self

import pytest
from sqlalchemy import Connection

from alertsms.store.engine import Store
from alertsms.store.schema import incident_table
from tests.support.house import ALICE, OVH, House, SimulatedClock, alert

PACKAGE = Path(__file__).parents[1] / "alertsms"
SANDBOX = PACKAGE / "sandbox"
ANSWERED = OVH.replace("sender: ACME", 'virtual_number: "+33700000000"')
MOST_PARAMETERS = 6


def sizes(package: Path = PACKAGE) -> dict[str, int]:
    """What can be counted without running it."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(package.rglob("*.py"))}
    nodes = [(path, node) for path, tree in trees.items() for node in ast.walk(tree)]
    classes = Counter(node.name for _, node in nodes if isinstance(node, ast.ClassDef))
    imports = [(path, node) for path, node in nodes if isinstance(node, ast.ImportFrom) and _ours(node)]
    lines = {path: path.read_text(encoding="utf-8").splitlines() for path in trees}
    return {
        "statements": sum(isinstance(node, ast.stmt) for _, node in nodes),
        "files": len(trees),
        "files loose at the top": sum(path.parent == package for path in trees),
        "longest file, in lines": max(map(len, lines.values())),
        "class names for more than one class": sum(count > 1 for count in classes.values()),
        "aliases of what is imported from the package": sum(
            name.asname not in (None, name.name) for _, node in imports for name in node.names
        ),
        "`fmt: skip` and `fmt: off`": sum(
            "# fmt: skip" in line or "# fmt: off" in line for text in lines.values() for line in text
        ),
        f"functions with more than {MOST_PARAMETERS} parameters": sum(
            _parameters(node) > MOST_PARAMETERS for _, node in nodes if isinstance(node, ast.FunctionDef)
        ),
        "import edges": len({(path, node.module, name.name) for path, node in imports for name in node.names}),
    }


def _ours(node: ast.ImportFrom) -> bool:
    return (node.module or "").partition(".")[0] == PACKAGE.name


def _parameters(node: ast.FunctionDef) -> int:
    """How many a caller may give."""
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return sum(argument.arg not in ("self", "cls") for argument in given)


def ways() -> dict[str, tuple[int, int]]:
    """The modules and functions that each way passes."""
    with tempfile.TemporaryDirectory() as folder, _Passed() as passed:
        house = House(f"sqlite:///{folder}/alertsms.db", SimulatedClock(), ovh=ANSWERED)
        house.sandbox.account.virtual_numbers["0033700000000"] = "fr"
        try:
            _page(house, "web-01")
            _acknowledge(house, 1)
            return {
                "from POST to SMS": passed.by(lambda: _page(house, "web-02")),
                "from reply to acknowledgement": passed.in_transaction(lambda: _acknowledge(house, 2)),
            }
        finally:
            house.close()


def _page(house: House, instance: str) -> None:
    before = len(house.texts)
    body = {"version": "4", "alerts": [alert(instance=instance)]}
    assert house.client.post("/webhook", data=json.dumps(body)).status_code == 202
    house.app.delivery.dispatcher.step()
    assert len(house.texts) == before + 1


def _acknowledge(house: House, number: int) -> None:
    house.clock.advance(60)
    house.reply(ALICE, f"ok {number}")
    house.app.oncall.replies.step()
    assert (number, "acknowledged") in house.rows(incident_table.c.id, incident_table.c.state)


class _Passed:
    """What is passed by the threads that begin while it stands, and by this one."""

    def __init__(self) -> None:
        self.seen: set[CodeType] = set()

    def __enter__(self) -> Self:
        threading.setprofile(self._note)
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        threading.setprofile(None)
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            self.seen.add(frame.f_code)

    def by(self, walk: Callable[[], None]) -> tuple[int, int]:
        """How many modules and functions of the package one way passes."""
        self.seen.clear()
        walk()
        return _counted(self.seen.copy())

    def in_transaction(self, walk: Callable[[], None]) -> tuple[int, int]:
        """The same of the only transaction that writes on this way, without what leads to it and follows it."""
        passed: list[set[CodeType]] = []
        transact = Store.transact

        def noting(store: Store, work: Callable[[Connection], object]) -> object:
            def noted(tx: Connection) -> object:
                self.seen.clear()
                result = work(tx)
                passed.append(self.seen.copy())
                return result

            return transact(store, noted)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "transact", noting)
            walk()
        (only,) = passed
        return _counted(only)


def _counted(seen: set[CodeType]) -> tuple[int, int]:
    ours = [code for code in seen if _inside(code.co_filename) and code.co_name != "<module>"]
    return len({code.co_filename for code in ours}), len(ours)


def _inside(name: str) -> bool:
    path = Path(name)
    return path.is_relative_to(PACKAGE) and not path.is_relative_to(SANDBOX)


def rows() -> Iterator[tuple[str, int]]:
    """All of it."""
    yield from sizes().items()
    for way, (modules, functions) in ways().items():
        yield f"modules {way}", modules
        yield f"functions {way}", functions


def main() -> None:
    """Print the table."""
    print("| what | how many |\n|---|---|")
    for what, count in rows():
        print(f"| {what} | {count:,} |")


if __name__ == "__main__":
    main()
