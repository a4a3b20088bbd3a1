"""A configuration file becomes a Config, or all its mistakes at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from alertsms.alertmanager import Alertmanagers
from alertsms.config import outlook, people, route, schedule, senders
from alertsms.config.error import ConfigError, Mistake, MistakeReport, Place, quote
from alertsms.config.fields import Reading, ReadingPurpose, Section
from alertsms.config.fingerprint import fingerprint
from alertsms.config.keys import ROOT, LogFormat, LogLevel
from alertsms.config.ovh import Ovh, note_no_answers, ovh, warn_of_senders
from alertsms.config.server import ServerConfig, server, warn_of_other_names
from alertsms.config.yaml import Scalar, parse
from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.digest_plan import DigestRules
from alertsms.core.messages.notification import NO_FALLBACK
from alertsms.core.routing.roster import SEVERITY_VALUES, Roster
from alertsms.core.schedules.team import Team
from alertsms.machine.files import read_whole, store_url
from alertsms.machine.key import MAKE_ONE

LARGEST = 4 * 1024 * 1024  # bytes of a configuration
LARGEST_SECRET = 64 * 1024
EVERYDAY = ReadingPurpose()  # to run by the file


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """What is logged, and how."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.LOGFMT


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Everything that a file says; names are resolved."""

    server: ServerConfig
    store: str = field(repr=False)  # may hold a password; a path is absolute
    written_store: str = field(default="", repr=False)  # as the file has it
    ovh: Ovh
    roster: Roster
    log: Log
    digest_rules: DigestRules  # `storm`, and what of `limits` an SMS waits for
    low_credits: int  # with fewer the root team is notified
    retention: timedelta
    alertmanager: Alertmanagers | None = None
    ping_url: str = field(default="", repr=False)  # whoever knows it can pretend that all is well
    warnings: tuple[Mistake, ...] = ()
    notes: tuple[str, ...] = ()  # what may be meant just so
    text: str = field(repr=False)  # the file itself, to be kept for a start whose file has mistakes
    file: str = ""  # its path
    fingerprint: str = field(default="", repr=False)  # what it says, hashed; "" where secrets were left unread


def load(
    path: str | os.PathLike[str],
    environ: Mapping[str, str] = os.environ,
    *,
    secrets: bool = True,
    thorough: bool = False,
    now: datetime | None = None,
) -> Config:
    """Read a configuration file. Raises ConfigError, also for a file that cannot be read."""
    file = os.fspath(path)
    try:
        text = open_text(Path(file), LARGEST)
    except UnicodeDecodeError as problem:
        line = problem.object.count(b"\n", 0, problem.start) + 1
        raise _unreadable(
            file, f"the byte 0x{problem.object[problem.start]:02X} is no UTF-8: save the file as UTF-8", line
        ) from problem
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or problem
        raise _unreadable(file, f"this file cannot be read: {reason}") from problem
    return read(text, file=file, environ=environ, purpose=ReadingPurpose(secrets=secrets, thorough=thorough, now=now))


def open_text(path: Path, largest: int = LARGEST_SECRET) -> str:
    """Read a file of UTF-8 text. Raises OSError, UnicodeDecodeError, or ValueError for no file or a large one."""
    return read_whole(path, largest).decode("utf-8-sig")


def _unreadable(file: str, message: str, line: int = 0) -> ConfigError:
    return ConfigError([Mistake(file=file, line=line, path="", message=message)])


def read(
    text: str,
    *,
    file: str,
    environ: Mapping[str, str],
    open_file: Callable[[Path], str] = open_text,
    lenient: bool = False,
    purpose: ReadingPurpose = EVERYDAY,
) -> Config:
    """Read the text of a configuration. Raises ConfigError with every mistake; warnings are kept in the Config.

    Without `secrets` neither the files nor the variables of secrets are read, and stand-ins take their place: routes
    can be tested where there are none. `thorough` is for `check`: Apprise says which URLs of channels it knows, and
    what would run all the same, shut to strangers, is a mistake. When `lenient`, a calendar that cannot be read is a
    warning: until it can, nobody is on call by it; and a template that is refused gives way to the composed text.
    With `now` the coming 90 days are looked over for gaps.
    """
    report = MistakeReport(file=file)
    reading = Reading(
        report=report,
        environ=environ,
        open_file=open_file,
        folder=Path(file).parent,
        lenient=lenient,
        **asdict(purpose),
    )
    root = _root(text, reading)
    if root is None or report.failed:
        raise ConfigError(report.ordered())
    return root


def _root(text: str, reading: Reading) -> Config | None:
    """Read the tree, then build what it says even if parts are wrong, so that mistakes in names are noted too."""
    if len(text) > LARGEST:
        reading.report.error(Place(line=0), f"this file is larger than {LARGEST // 1024} KiB")
        return None
    node = parse(text, reading.report)
    if node is None or (isinstance(node, Scalar) and node.null):
        if not reading.report.mistakes:
            reading.report.error(Place(line=0), f"this file is empty, write {ROOT.wanted}")
        return None
    got = ROOT.read(node, Place(line=node.line), reading)
    config = _config(got.value, text, reading) if got else None
    return replace(config, fingerprint=fingerprint(node, reading)) if config and reading.secrets else config


def _config(root: Section, text: str, reading: Reading) -> Config | None:
    """Build everything; None when a part without which there is no Config is missing, which has been noted."""
    roster = _roster(root, reading)
    server_config = server(root.section("server"), reading)
    account = ovh(root.section("ovh"), reading) if "ovh" in root.got else None
    if roster is None or account is None:
        return None
    log, storm, limits = root.section("log"), root.section("storm"), root.section("limits")
    people.warn_of_no_fallback(root, roster.route.team.fallback, reading)
    store = _store(root, reading)
    if not reading.report.failed:  # a person with a wrong number is not in `people`, and has been noted
        warn_of_senders(root.section("ovh"), roster.people.values(), reading)
        note_no_answers(root.section("ovh"), account, server_config.external_url, reading)
        warn_of_other_names(root.section("server"), roster.people, reading)
    return Config(
        server=server_config,
        store=store_url(store, reading.report.file, reading.environ),
        written_store=store,
        ovh=account,
        roster=roster,
        log=Log(level=log.value("level"), format=log.value("format")),
        digest_rules=DigestRules(
            after=storm.value("after"),
            within=storm.value("within"),
            per_hour=limits.value("per_person_per_hour"),
            reserve_credits=limits.value("reserve_credits"),
        ),
        low_credits=limits.value("low_credits"),
        retention=root.value("retention"),
        alertmanager=senders.alertmanagers(root.section("alertmanager"), reading)
        if "alertmanager" in root.got
        else None,
        ping_url=root.value("ping_url"),
        warnings=reading.report.ordered(),
        notes=tuple(dict.fromkeys(reading.report.notes)),
        text=text,
        file=reading.report.file,
    )


def _store(root: Section, reading: Reading) -> str:
    """The store as it is written, here or in a file.

    Note a database that several processes may share where each would make a key of its own.
    """
    key = "store_file" if "store_file" in root else "store"
    written: str = root.value(key) or ""
    if "store" in root and key != "store":
        reading.report.error(root.place(key), "store stands here too, keep one of them")
    elif written.startswith("postgresql") and "key_file" not in root.section("server"):
        reading.report.warn(
            root.place(key),
            f"replicas on PostgreSQL need the same key, write server.key_file with its path ({MAKE_ONE})",
        )
    return written


def _roster(root: Section, reading: Reading) -> Roster | None:
    known = people.people(root, reading)
    top_fallback = people.fallback(root, NO_FALLBACK, "", root.value("teams") or {}, reading)
    named = route.intervals(root, reading)
    shifts = schedule.schedules(root, known, named, reading)
    teams = people.teams(root, {**shifts, **known}, top_fallback, reading)
    tree = route.Tree(teams, named, reading)
    top = tree.root(root.got["route"].value) if "route" in root.got else None
    beats = senders.heartbeats(root, teams, reading)
    tree.used_teams.update(beat.team.name for beat in beats.values() if beat.team)
    severity = root.section("severity")
    values = _severity_values(severity, reading)
    if top is None:
        return None
    _check_teams(root, top.team, reading)
    if not reading.report.failed:  # beside a mistake in a name, "nothing leads here" would say it twice
        tree.warn_of_unused(root, schedule.intervals_named(root))
        people.warn_of_idle(root, teams, reading)
        people.warn_of_same_people(root, teams, reading)
        if reading.now:
            outlook.warn_of_schedules(root, shifts, reading.now, reading)
            outlook.warn_of_teams(root, teams, reading.now, reading)
    return Roster(
        people={name: person for name, person in known.items() if person},
        schedules={name: shift for name, shift in shifts.items() if shift},
        teams={name: team for name, team in teams.items() if team},
        route=top,
        ignore_labels=frozenset(got.value for got in root.items("ignore_labels")),
        show_labels=tuple(dict.fromkeys(got.value for got in root.items("show_labels"))),
        severity_label=severity.value("label"),
        severity_values=values,
        flap_window=root.value("flap_window"),
        stale_after=root.value("stale_after"),
        max_segments=root.value("max_segments"),
        fallback=top_fallback,
        heartbeats=beats,
    )


def _severity_values(section: Section, reading: Reading) -> dict[str, Severity]:
    """Put the file's list of a rank in the place of the usual one; a value counts where the file has it."""
    ranks = {rank: section.items(rank.name.lower()) for rank in Severity if rank.name.lower() in section.got}
    values = {word: rank for word, rank in SEVERITY_VALUES.items() if rank not in ranks}
    written: dict[str, Severity] = {}
    for rank, items in ranks.items():
        for got in items:
            word = got.value.strip().lower()
            if written.setdefault(word, rank) is not rank:
                reading.report.error(
                    got.at,
                    f"{quote(got.value)} stands in {written[word].name.lower()} too, keep one of them",
                    found=got.found,
                )
    return values | written


def _check_teams(root: Section, top: Team, reading: Reading) -> None:
    """Note the teams that page nobody; for the root's that is an error, since it gets what nobody else takes."""
    for name, got in root.value("teams").items():
        if not got or not got.value.lacks("page", "steps"):
            continue
        section = got.value
        if name == top.name and section.value("record_only"):
            reading.report.warn(
                section.place("record_only"),
                "the root route's team only records: what no other route takes pages nobody",
            )
        elif name == top.name:
            reading.report.error(got.at, "the root route's team pages nobody, write page: [names of people]")
        elif not section.value("record_only"):
            reading.report.warn(got.at, "this team pages nobody, write page, or record_only: true if that is meant")
