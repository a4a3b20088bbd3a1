"""What the tests would let pass: `python -m tests.mutation [--sample N --seed S] [--tests N] PATH…` breaks the code of
these files or folders at one place at a time, runs tests that reach the place, and prints what none of them caught.

Nothing is written to the package. The tests are collected once, and each mutant lives in a process forked from there:
the package's functions get its code, or it is imported anew where the place already counts for that. The room's own
tests go first, quick ones before slow ones, some `--tests` in all. Tests that go by chance are left out.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import gc
import itertools
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import _lru_cache_wrapper, cache
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType

import pytest

from tests.support.mutants import Mutant, compiled, mutants

ROOT = Path(__file__).parents[1]
WHOLE = ("tests/store", "tests/delivery", "tests/oncall", "tests/stories")  # beside the tests of the room
ONCE = "ignore::pytest.PytestAssertRewriteWarning"  # forks have imported what pytest imports
OPTIONS = ("-o", "addopts=", "-p", "no:terminal", "-p", "no:cacheprovider", "-s", "-W", ONCE, "--maxfail=1")
PROCESSES = 2
SECONDS = 1.0  # of a processor: a test that takes longer is left out
GET_CODE = SourceFileLoader.get_code
REACHED = set[tuple[str, int]]()  # statements of functions, by file and line


def _counted(path: Path) -> CodeType:
    """The file's code, where each statement of a function adds its place to what is reached."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    holders = {node for function in functions for node in ast.walk(function) if not isinstance(node, ast.ClassDef)}
    for holder, block in itertools.product(holders, ("body", "orelse", "finalbody")):
        if isinstance(statements := getattr(holder, block, None), list):
            for index, statement in reversed(list(enumerate(statements))):
                if not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
                    note = ast.parse(f"__reached__(({str(path)!r}, {statement.lineno}))").body[0]
                    statements.insert(index, ast.copy_location(note, statement))
    return compiled(tree, path)


def _import(changed: Callable[[Path], CodeType | None]) -> None:
    """Have the package imported anew, with other code where there is some."""

    def get_code(loader: SourceFileLoader, name: str) -> CodeType | None:
        path = Path(loader.path)
        return (path.is_relative_to(ROOT / "alertsms") and changed(path)) or GET_CODE(loader, name)

    for name in [name for name in sys.modules if name.partition(".")[0] in ("alertsms", "tests")]:
        del sys.modules[name]
    SourceFileLoader.get_code = get_code


class Record:
    """What pytest tells of one run: the first test that failed."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self.seconds, self.failed = seconds, ""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """A test that takes far longer than it did ends its process: it hangs."""
        if nodeid in self.seconds:
            signal.setitimer(signal.ITIMER_PROF, 5 + 10 * self.seconds[nodeid])  # of a processor
            signal.alarm(600)  # it waits for what never comes

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or (report.nodeid if report.failed else "")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self.failed = self.failed or (f"collecting {report.nodeid}" if report.failed else "")


class Mutation:
    """A plugin that takes the place of pytest's loop over what it collected."""

    def __init__(self, chosen: list[Mutant], most: int) -> None:
        self.chosen, self.most = sorted(chosen, key=lambda mutant: not mutant.inside), most  # quick ones first
        self.seconds = dict[str, float]()  # what each test takes
        self.reached = defaultdict[Path, Counter[int]](Counter)  # by line of a statement: a bit for each of those tests
        self.caught_by, self.survived = Counter[str](), Counter[Path]()

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.at_import = REACHED.copy()
        items = [item for item in session.items if not getattr(item.obj, "is_hypothesis_test", False)]
        self.items = {item.nodeid: item for item in items if not item.get_closest_marker("one_store")}
        first = next(item for item in self.items.values() if "url" in item.fixturenames)
        first.config.hook.pytest_runtest_protocol(item=first, nextitem=items[-1])  # all others copy its database
        gc.collect()  # or what pytest hears of it fails a test of each fork
        things = gc.get_objects()
        self.functions = [thing for thing in things if isinstance(thing, FunctionType)]
        caches = [thing for thing in things if isinstance(thing, _lru_cache_wrapper)]
        self.caches = [thing for thing in caches if str(thing.__module__).startswith("alertsms")]
        del things
        gc.freeze()  # forks then share it
        with tempfile.TemporaryDirectory() as folder:
            self._reach(Path(folder))
            self._all(Path(folder))
        return True

    def _reach(self, folder: Path) -> None:
        """Run all tests once, in halves, and see which statements each reaches."""
        parts = [list(self.items.values())[part::PROCESSES] for part in range(PROCESSES)]
        for pid in [_forked(self._reached, part, folder / str(number)) for number, part in enumerate(parts)]:
            os.waitpid(pid, 0)
        for line in itertools.chain(*(place.read_text().splitlines() for place in folder.iterdir())):
            test, self.seconds[test], reached = json.loads(line)
            for name, number in reached:
                self.reached[Path(name)][number] |= 1 << (len(self.seconds) - 1)
        print(f"{len(self.seconds)} of {len(self.items)} tests pass in {SECONDS} s each", flush=True)

    def _reached(self, items: list[pytest.Item], place: Path) -> None:
        record = Record({})
        items[0].config.pluginmanager.register(record)
        signal.signal(signal.SIGPROF, _too_long)
        with place.open("w") as file:
            for item, following in zip(items, [*items[1:], None], strict=True):
                REACHED.clear()
                record.failed, began = "", time.process_time()
                signal.setitimer(signal.ITIMER_PROF, SECONDS)
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                signal.setitimer(signal.ITIMER_PROF, 0)
                if not record.failed:
                    print(json.dumps([item.nodeid, time.process_time() - began, list(REACHED)]), file=file)

    def _all(self, folder: Path) -> None:
        waiting, running = list(self.chosen), dict[int, tuple[Mutant, Path, int]]()
        while waiting or running:
            while waiting and len(running) < PROCESSES:
                mutant = waiting.pop(0)
                tests, place = self._tests(mutant), Path(tempfile.mkdtemp(dir=folder))
                running[_forked(self._live, mutant, tests, place)] = mutant, place, len(tests)
            pid, status = os.wait()
            mutant, place, count = running.pop(pid)
            failed = place / "failed"
            killer = failed.read_text() if failed.exists() else "its end"
            shutil.rmtree(place, ignore_errors=True)
            self.caught_by[killer] += bool(status)
            self.survived[mutant.path] += not status
            how = f"caught by {killer}" if status else f"SURVIVED {count} tests"
            print(f"{mutant.path.relative_to(ROOT)}:{mutant.words}: {how}", flush=True)

    def _anew(self, mutant: Mutant) -> bool:
        """Whether it makes a difference while the package is imported."""
        return not mutant.inside or (str(mutant.path), mutant.line) in self.at_import

    def _reaching(self, mutant: Mutant) -> int:
        """The tests that may notice: those of its statement; else those of its file, and of lines that name it."""
        if not self._anew(mutant):
            return self.reached[mutant.path][mutant.line]
        word, reaching = re.compile(rf"\b{re.escape(mutant.name)}\b"), 0
        for path, tests in self.reached.items():
            for number, bits in tests.items():
                if path == mutant.path or word.search(_lines(path)[number - 1]):
                    reaching |= bits
        return reaching

    def _tests(self, mutant: Mutant) -> list[str]:
        """Those of its room, then others: of each file the quickest first, and what caught many before all."""
        room, ranks, within = f"tests/{_room(mutant.path)}/", dict[str, tuple[int, float]](), Counter[str]()
        reaching = self._reaching(mutant)
        reached = [test for number, test in enumerate(self.seconds) if reaching >> number & 1]
        for test in sorted(reached, key=self.seconds.__getitem__):
            ranks[test] = within[test.partition("::")[0]], self.seconds[test]
            within[test.partition("::")[0]] += 1
        ranked = sorted(ranks, key=ranks.__getitem__)
        own = [test for test in ranked if test.startswith(room)][: self.most]
        others = [test for test in ranked if not test.startswith(room)][: max(self.most - len(own), self.most // 4)]
        return [test for part in (own, others) for test in sorted(part, key=lambda test: -self.caught_by[test])]

    def _live(self, mutant: Mutant, tests: list[str], place: Path) -> None:
        """Be that mutant, in a process of its own; ends with an error where a test caught it."""
        signal.alarm(120)  # until the first test begins
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(place)
        record = Record(self.seconds)
        try:
            code = mutant.compiled()
            if tests and (self._anew(mutant) or not self._replaced(mutant.path, code)):
                _import({mutant.path: code}.get)
                pytest.main([*tests, *OPTIONS], plugins=[record])
            elif tests:
                items = [self.items[test] for test in tests]
                items[0].config.pluginmanager.register(record)
                for item, following in zip(items, [*items[1:], None], strict=True):
                    if not record.failed:
                        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        except BaseException:
            record.failed = traceback.format_exc().splitlines()[-1]
        if record.failed:
            (place / "failed").write_text(record.failed)
            os._exit(1)

    def _replaced(self, path: Path, code: CodeType) -> bool:
        """Whether the living functions of a file could get the code of the changed one."""
        for known in self.caches:
            known.cache_clear()
        new = {(each.co_qualname, each.co_firstlineno): each for each in _codes(code)}
        try:
            for function in self.functions:
                old = function.__code__
                if old.co_filename == str(path):
                    function.__code__ = new.get((old.co_qualname, old.co_firstlineno), old)
        except ValueError:  # it closes over something else
            return False
        return True


@cache
def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def _room(path: Path) -> str:
    return path.resolve().relative_to(ROOT).parts[1]


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def _too_long(*_: object) -> None:
    raise TimeoutError


def _forked(work: Callable[..., None], *given: object) -> int:
    """The number of a process that does it."""
    if pid := os.fork():
        return pid
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        work(*given)
    finally:
        os._exit(sys.exc_info()[0] is not None)


def main() -> None:
    """Print what became of each mutant, and the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tests", type=int, default=40)
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    given = parser.parse_args()
    files = [file for path in given.paths for file in ([path] if path.is_file() else sorted(path.rglob("*.py")))]
    chosen = [mutant for file in files for mutant in mutants(file.resolve())]
    if given.sample:
        chosen = random.Random(given.seed).sample(chosen, min(given.sample, len(chosen)))
    rooms = [f"tests/{_room(file)}" for file in files]
    folders = [folder for folder in dict.fromkeys([*rooms, *WHOLE]) if (ROOT / folder).is_dir()]
    plugin = Mutation(chosen, given.tests)
    builtins.__reached__ = REACHED.add
    _import(_counted)
    pytest.main([*folders, *OPTIONS], plugins=[plugin])
    print("| file | mutants | caught | survived |\n|---|---|---|---|")
    for path, count in Counter(mutant.path for mutant in chosen).items():
        survived = plugin.survived[path]
        print(f"| {path.relative_to(ROOT)} | {count} | {count - survived} | {survived} |")


if __name__ == "__main__":
    main()
