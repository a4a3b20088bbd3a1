"""Whatever breaks for good shows: either all pages leave all the same, or every light goes off and somebody is told.

Things are broken one by one, each in an alertsms of its own that has pages waiting: the file under it, its rights in
PostgreSQL, each outermost call of each part that is seen to run. What can be mended is mended, and then nothing may
be lost, and nothing told twice.
"""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import Engine, create_engine, make_url, text

from tests.conftest import POSTGRES, RAM
from tests.reliability.conftest import missing
from tests.reliability.lights import FIRST, LEFT, SHOWN, STRIDE, Night, Watched, troubles
from tests.reliability.line import Cut, Line
from tests.reliability.process import ALERTSMS, ENVIRON

LONG_STRIDE = 27.0  # seconds that are left out at once in a long night: less than a part may be late
TOGETHER = 12  # each mostly waits
ALWAYS = ("messages", "pages", "incidents")  # what is damaged in the short form too, with their indexes of due rows
HOUR, DAY = 3600.0, 86400.0
OUTSIDE = frozenset({"HTTP"})  # what fails there need not be ours
OWN_LIGHTS = frozenset({"alarm", "fallback", "channel", "ping"})  # parts whose failing takes a light with it


@dataclass(frozen=True, kw_only=True)
class Case:
    """One thing that breaks."""

    name: str
    run: Callable[[Path], str]  # in this folder; returns what was wrong, "" where nothing was


def together(cases: Iterable[Case], folder: Path, report, name: str, most: int = TOGETHER) -> None:
    """Run them side by side; none may have gone wrong."""
    began = time.monotonic()
    cases = list(cases)

    def run(numbered: tuple[int, Case]) -> str:
        number, case = numbered
        place = folder / f"case{number}"
        try:
            wrong = case.run(place)
        except Exception as error:
            wrong = f"{type(error).__name__}: {error}"
        if not wrong:
            shutil.rmtree(place, ignore_errors=True)
        return wrong

    with ThreadPoolExecutor(most) as pool:
        ends = dict(zip((case.name for case in cases), pool.map(run, enumerate(cases)), strict=True))
    wrong = {name: said for name, said in ends.items() if said}
    report.count(f"{name}: {len(cases)} ways", 0, time.monotonic() - began, lost=len(wrong))
    assert not wrong, "\n" + "\n".join(f"{name}: {said}" for name, said in wrong.items())


def judged(seen: Watched, *, outside: bool = False) -> str:
    """What is wrong with its lights, where not all that was accepted left in time."""
    ready = seen.listed() if outside else seen.dark
    return "; ".join(said for said in (ready, seen.silent, seen.heard) if said)


@pytest.fixture
def ram() -> Iterator[Path]:
    """Where nobody waits for a disk."""
    with TemporaryDirectory(dir=RAM, prefix="alertsms-lights-") as folder:
        yield Path(folder)


# OVHcloud.


def test_ovh_away_for_an_hour_turns_no_alert_away(migrated_file, ram, report):
    """It stays ready and says why nothing leaves; only what looks at it from outside falls silent."""
    began = time.monotonic()
    store = ram / "alertsms.db"
    shutil.copy(migrated_file, store)
    with Night(ram / "night", f"sqlite:///{store}") as night:
        night.start()
        night.hold()
        night.lose_ovh()
        night.sandbox.faults.clear()
        night.answers.clear()
        seen = night.watch()
        assert (seen.lit, seen.silent, seen.listed(), seen.heard) == ("", "", "", "")
        night.stride = LONG_STRIDE
        later = night.watch(HOUR - LEFT, every=300.0)
        assert (later.lit, later.pings, set(night.answers)) == ("", [], {202})
        assert all(troubles(look.said) for look in later.looks)
        night.stride, night.digests = STRIDE, True  # of what waited for so long
        night.find_ovh()
        wrong = night.over(patience=900.0)
        alerts = len(night.fired)
    report.count("OVH away for an hour", alerts, time.monotonic() - began)
    assert wrong == ""


# The file under it.


@dataclass(frozen=True, kw_only=True, slots=True)
class Root:
    """The first page of a table or an index."""

    name: str
    table: str
    page: int


def roots(file: Path) -> list[Root]:
    """All of them, as the file itself says."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT name, tbl_name, rootpage FROM sqlite_master WHERE rootpage > 0")
        found = [Root(name=name, table=table, page=page) for name, table, page in rows]
    return [Root(name="sqlite_master", table="sqlite_master", page=1), *found]


def overwritten(file: Path, root: Root, seed: int) -> None:
    """Nothing readable is left of this page, nor in the log beside the file."""
    with closing(sqlite3.connect(file, timeout=20.0)) as connection:
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as out:
        out.seek((root.page - 1) * size)
        out.write(random.Random(seed).randbytes(size))


def copied(file: Path, to: Path) -> None:
    """A backup, while it is in use; and what was in the log beside the file is then in the file too."""
    with closing(sqlite3.connect(file, timeout=20.0)) as source:
        with closing(sqlite3.connect(to)) as copy:
            source.backup(copy)
        logged, brought = 1, 0
        while logged != brought:  # somebody reads what is older
            _, logged, brought = source.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def checked(night: Night) -> subprocess.CompletedProcess[str]:
    """What `alertsms db check` says."""
    command = (*ALERTSMS, "db", "check", "--config", str(night.file))
    return subprocess.run(
        command, capture_output=True, text=True, timeout=150, env=ENVIRON, cwd=night.folder, check=False
    )


def on_a_file(model: Path, damage: Callable[[Path], None], names: str = "") -> Callable[[Path], str]:
    """A story: the file is damaged while pages wait; whoever runs it is told, or it does not matter yet.

    `names`: what the check of the file has to name, where all pages left.
    """

    def run(folder: Path) -> str:
        folder.mkdir()
        file, copy = folder / "alertsms.db", folder / "copy.db"
        shutil.copy(model, file)
        with Night(folder, f"sqlite:///{file}") as night:
            night.start()
            night.hold()
            copied(file, copy)
            night.fire(1)  # what it writes meanwhile it remembers
            damage(file)
            night.sandbox.faults.clear()
            seen = night.watch()
            if not seen.left:
                return noticed(night, names)
            wrong = f"{seen.left}, and {judged(seen)}" if judged(seen) else ""
            return "; ".join(filter(None, [wrong, restored(night, file, copy)]))

    return run


def noticed(night: Night, names: str) -> str:
    """What is wrong with the daily look at a file whose pages all left: its own, and the one by hand."""
    wrong = []
    said = checked(night)
    if said.returncode == 0 or "damaged" not in said.stdout + said.stderr:
        wrong.append(f"db check ends with {said.returncode}: {said.stdout}{said.stderr}")
    night.skip(DAY)
    if not night.until(lambda: "damaged" in night.look().said, 120.0):
        wrong.append(f"the daily look found nothing: {night.look()}")
    return "; ".join(wrong)


def restored(night: Night, file: Path, copy: Path) -> str:
    """Do as it says: stop it, put the last copy in place of the file. Its senders repeat what still fires."""
    night.process.stop()
    for each in file.parent.glob("alertsms.db*"):
        each.unlink()
    shutil.copy(copy, file)
    night.accepted.clear()
    night.begin()
    return night.over(once=FIRST)


def damages(model: Path, seed: int, short: bool) -> Iterator[Case]:
    """Each root page; another database copied over it, one of ours and one of somebody else's; half of it gone."""
    found = roots(model)
    if short:
        always = [root for root in found if root.name in (*ALWAYS, *(f"{table}_due" for table in ALWAYS))]
        found = [*always, random.Random(seed).choice([root for root in found if root not in always])]
    for root in found:
        yield Case(
            name=f"root of {root.name}",
            run=on_a_file(model, lambda file, root=root: overwritten(file, root, seed), root.name),
        )
    yield Case(name="cp of an empty store", run=on_a_file(model, lambda file: cp(model, file)))
    yield Case(name="cp of another's database", run=on_a_file(model, lambda file: cp(foreign(file), file)))
    yield Case(name="half of it cut off", run=on_a_file(model, lambda file: os.truncate(file, cut(file) // 2)))
    if not short:
        yield Case(name="all of it cut off", run=on_a_file(model, lambda file: os.truncate(file, 0)))


def cut(file: Path) -> int:
    """The file's size in whole pages of four kilobytes, twice as many as half of it has."""
    return file.stat().st_size // 8192 * 8192


def cp(other: Path, file: Path) -> None:
    """As the command does: the same file, other bytes."""
    with other.open("rb") as source, file.open("r+b") as target:
        target.truncate(0)
        shutil.copyfileobj(source, target)


def foreign(file: Path) -> Path:
    """A database of another program."""
    other = file.with_name("other.sqlite")
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE messages (id INTEGER PRIMARY KEY, subject TEXT)")
        connection.execute("INSERT INTO messages (subject) VALUES ('hello')")
        connection.commit()
    return other


def test_where_nothing_is_broken_nothing_shows(migrated_file, ram, report):
    """Or the lights would be worth nothing, and what leaves in time would not be in time by itself."""
    began = time.monotonic()
    folder = ram / "night"
    folder.mkdir()
    shutil.copy(migrated_file, folder / "alertsms.db")
    with Night(folder, f"sqlite:///{folder}/alertsms.db") as night:
        night.start()
        night.hold()
        night.sandbox.faults.clear()
        seen = night.watch()
        check, alerts = checked(night), len(night.fired)
        night.skip(DAY)
        night.until(lambda: False, 60.0)
        daily = night.look()
        wrong = night.over()
    report.count("nothing broken", alerts, time.monotonic() - began, doubled=len(night.doubled()))
    assert (seen.left, seen.lit, seen.posts, wrong) == ("", "", [], "")
    assert [at for at in seen.pings if at > seen.since + 60.0]
    assert (check.returncode, daily.status, troubles(daily.said)) == (0, 200, []), (check, daily)


def test_damage_to_the_file_shows(migrated_file, ram, report, short, seed):
    together(damages(migrated_file, seed, short), ram, report, "a damaged file")


# Its parts.


def calls(model: Path, folder: Path) -> Mapping[str, list[tuple[str, str]]]:
    """Which part makes which outermost call, by whether it is a worker: seen while one runs with all that it has."""
    folder.mkdir()
    shutil.copy(model, folder / "alertsms.db")
    with Night(folder, f"sqlite:///{folder}/alertsms.db") as night:
        night.start()
        night.fire(4)
        night.until(lambda: False, 100.0)
        found = night.parts()
        seen = sorted(map(tuple, found["seen"]))
        idle = set(found["workers"]) - {part for part, call in seen if call == "step"}
        assert not idle, f"no step of {idle} was seen"
        assert not night.owed(night.now()), night.owed(night.now())
    workers = [each for each in seen if each[0] in found["workers"]]
    return {"workers": workers, "others": [each for each in seen if each not in workers and each[0] != "MainThread"]}


def broken(model: Path, part: str, call: str, worker: bool, unmet: list[str]) -> Callable[[Path], str]:
    """A story: one part's call fails for good. `unmet` gets those that are made too seldom to be waited for."""

    def run(folder: Path) -> str:
        folder.mkdir()
        shutil.copy(model, folder / "alertsms.db")
        with Night(folder, f"sqlite:///{folder}/alertsms.db") as night:
            night.start()
            night.hold()
            night.break_(part, call)
            night.sandbox.faults.clear()
            failed = night.failed_at(patience=70.0)
            unmet.extend([] if failed else [f"{part}: {call}"])
            seen = night.watch(since=failed)
            wrong = []
            if seen.left:
                wrong += [f"{seen.left}, and {said}" for said in [judged(seen, outside=call in OUTSIDE)] if said]
            if (
                failed and worker and call not in OUTSIDE
            ):  # it cannot do its work: that shows, whoever else could do theirs
                wrong += [said for said in (seen.listed(SHOWN), seen.silent) if said]
                wrong += [seen.heard] if seen.heard and part not in OWN_LIGHTS else []
            night.mend()
            return "; ".join([*dict.fromkeys(wrong), *filter(None, [night.over()])])

    return run


def test_a_part_that_fails_for_good_shows(migrated_file, ram, report, short, seed):
    found, unmet = calls(migrated_file, ram / "seen"), []
    cases = [
        Case(name=f"{part}: {call}", run=broken(migrated_file, part, call, kind == "workers", unmet))
        for kind in found
        for part, call in found[kind]
    ]
    if short:
        cases = some(cases, seed)
    together(cases, ram, report, "a part that fails")
    if unmet:
        report.notes.append(f"not met within 70 s, so only that nothing is lost: {', '.join(sorted(unmet))}")


def some(cases: list[Case], seed: int) -> list[Case]:
    """One call of each part."""
    parts: dict[str, list[Case]] = {}
    for case in cases:
        parts.setdefault(case.name.partition(":")[0], []).append(case)
    return [each[(seed + nth) % len(each)] for nth, each in enumerate(parts.values())]


# PostgreSQL.


@contextmanager
def administrator() -> Iterator[Engine]:
    """Who may make roles and databases."""
    if not POSTGRES:
        missing("ALERTSMS_TEST_POSTGRES is not set")
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A database with our tables, and a role that may use them and owns nothing."""

    name: str
    admin: Engine  # of this database
    url: str  # as the role

    def do(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(statement))

    def tables(self) -> list[str]:
        with self.admin.connect() as connection:
            return list(
                connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
            )

    def revoke(self, table: str) -> None:
        self.do(f'REVOKE ALL ON TABLE "{table}" FROM "{self.name}"')

    def grant(self, table: str) -> None:
        self.do(f'GRANT ALL ON TABLE "{table}" TO "{self.name}"')


@pytest.fixture
def tenant() -> Iterator[Callable[[], Tenant]]:
    """Makes such databases, and takes them away."""
    made: list[Tenant] = []
    prefix = f"{make_url(POSTGRES).database}_lights_{os.getpid()}"
    with administrator() as engine:

        def do(statement: str) -> None:
            with engine.connect() as connection:
                connection.execute(text(statement))

        model = f"{prefix}_model"
        do(f'CREATE DATABASE "{model}"')
        migrated(make_url(POSTGRES).set(database=model).render_as_string(hide_password=False))

        def make() -> Tenant:
            name = f"{prefix}_{len(made)}"
            do(f'CREATE DATABASE "{name}" TEMPLATE "{model}"')
            do(f"CREATE ROLE \"{name}\" LOGIN PASSWORD 'drill'")
            own = make_url(POSTGRES).set(database=name)
            admin = create_engine(own, isolation_level="AUTOCOMMIT")
            url = own.set(username=name, password="drill").render_as_string(hide_password=False)
            made.append(found := Tenant(name=name, admin=admin, url=url))
            for what in ("TABLES", "SEQUENCES"):
                found.do(f'GRANT ALL ON ALL {what} IN SCHEMA public TO "{name}"')
            return found

        yield make
        for each in made:
            each.admin.dispose()
            do(f'DROP DATABASE "{each.name}" WITH (FORCE)')
            do(f'DROP ROLE "{each.name}"')
        do(f'DROP DATABASE "{model}" WITH (FORCE)')


def migrated(url: str) -> None:
    from alertsms.store.engine import Store
    from alertsms.store.opening import migrate

    store = Store(url)
    migrate(store)
    store.close()


def forbidden(tenant: Tenant, table: str) -> Callable[[Path], str]:
    """A story: somebody revokes a right, and grants it again."""

    def run(folder: Path) -> str:
        with Night(folder, tenant.url) as night:
            night.start()
            night.hold()
            tenant.revoke(table)
            night.sandbox.faults.clear()
            seen = night.watch()
            wrong = f"{seen.left}, and {judged(seen)}" if seen.left and judged(seen) else ""
            tenant.grant(table)
            return "; ".join(filter(None, [wrong, night.over()]))

    return run


def test_a_right_that_is_revoked_shows(tenant, ram, report, short, seed):
    first = tenant()
    tables = first.tables()
    if short:
        rest = [table for table in tables if table not in ALWAYS]
        tables = [*(table for table in tables if table in ALWAYS), random.Random(seed).choice(rest)]
    cases = [Case(name=table, run=forbidden(tenant(), table)) for table in tables]
    together(cases, ram, report, "a right revoked", most=4)


@contextmanager
def cable(tenant: Tenant) -> Iterator[tuple[Line, str]]:
    """A line to the database that can be cut, and the URL of the store through it."""
    url = make_url(tenant.url)
    line = Line(url.port or 5432)
    try:
        yield line, url.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
    finally:
        line.close()


def absent_at_first(tenant: Tenant) -> Callable[[Path], str]:
    """A story: power is back, PostgreSQL not yet."""

    def run(folder: Path) -> str:
        with cable(tenant) as (line, url), Night(folder, url) as night:
            line.cut(Cut.REFUSED)
            night.begin()
            night.fire(4)
            seen = night.watch(LEFT)
            wrong = [said for said in (seen.dark, seen.silent, seen.heard) if said]
            if night.accepted:
                wrong.append(f"it answered 2xx without a store: {night.answers}")
            line.cut(Cut.NONE)
            return "; ".join([*wrong, *filter(None, [night.over()])])

    return run


def away_for_a_while(tenant: Tenant) -> Callable[[Path], str]:
    """A story: it goes for 200 s with pages waiting."""

    def run(folder: Path) -> str:
        with cable(tenant) as (line, url), Night(folder, url) as night:
            night.start()
            night.hold()
            line.cut(Cut.REFUSED)
            night.sandbox.faults.clear()
            seen = night.watch(200.0)
            wrong = judged(seen)
            line.cut(Cut.NONE)
            return "; ".join(filter(None, [wrong, night.over()]))

    return run


def test_postgresql_away_shows_and_is_waited_for(tenant, ram, report):
    cases = [
        Case(name="at the start", run=absent_at_first(tenant())),
        Case(name="with pages waiting", run=away_for_a_while(tenant())),
    ]
    together(cases, ram, report, "PostgreSQL away")
