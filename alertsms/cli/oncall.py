"""`alertsms on-call`: who is on call, and when that changes, by the configuration, and who is paused, by the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import click

from alertsms.cli.terminal import as_json, at_time, configured, loaded, print_json
from alertsms.core.routing.duration import format_duration
from alertsms.core.routing.roster import Pause, Roster
from alertsms.core.schedules import rota
from alertsms.core.schedules.rota import Rota
from alertsms.core.schedules.schedule import Shift

NOBODY = "!!! NOBODY !!!"


@click.command("on-call")
@click.argument("schedule", default="")
@configured
@at_time
@click.option("--weeks", type=click.IntRange(1, 104), default=4, show_default=True, help="How far to look.")
@click.option("--ics", is_flag=True, help="Print an iCalendar file, for other calendars.")
@as_json
def on_call(*, schedule: str, config: str, at: datetime | None, weeks: int, ics: bool, as_json: bool) -> None:
    """Print who is on call now, the next hand-off, and the calendar of some weeks.

    \b
    Example:  alertsms on-call primary --weeks 8
    """  # noqa: D301
    whole, now = loaded(config), datetime.now(UTC)
    roster = _of(whole.roster, schedule)
    if not ics:
        from alertsms.cli.server import paused_in  # SQLAlchemy: `--ics` and `--help` need none

        roster = replace(roster, pauses=paused_in(whole.store, at or now))
    if as_json:
        print_json(rota.as_dict(roster, at or now, weeks))
        return
    rotas = [rota.rota(entry, at or now, weeks) for entry in roster.schedules.values()]
    if ics:
        click.echo(rota.calendar(rotas, now), nl=False)
        return
    held = "\n".join(_paused(pause, whole.roster) for pause in rota.paused(roster, at or now))
    teams = "" if schedule else "\n".join(_teams(roster, at or now))
    click.echo("\n\n".join(filter(None, [held, *("\n".join(_calendar(plan)) for plan in rotas), teams])))


def _of(roster: Roster, name: str) -> Roster:
    if not name:
        return roster
    if name not in roster.schedules:
        known = ", ".join(sorted(roster.schedules)) or "none"
        raise click.UsageError(f'"{name}" is no schedule of the configuration, which has: {known}')
    return replace(roster, schedules={name: roster.schedules[name]}, teams={})


def _paused(pause: Pause, roster: Roster) -> str:
    zone = next((person.time_zone for person in roster.team(pause.team).people), "UTC")
    return f"!!! {pause.words(zone)} ({zone}). `{pause.resume}` ends it."


def _calendar(plan: Rota) -> Iterator[str]:
    zone = plan.schedule.zone
    yield f"{plan.schedule.name}: {_now(plan)} (times of {zone})"
    if plan.gaps:
        yield f"{NOBODY} is on call {len(plan.gaps)} {'time' if len(plan.gaps) == 1 else 'times'} in these weeks"
    begins = plan.now.begins.astimezone(zone).replace(tzinfo=None)
    monday = begins.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=begins.weekday())
    ends = plan.shifts[-1].ends.astimezone(zone).replace(tzinfo=None)
    while monday < ends:
        yield f"  week {monday.isocalendar().week}, {_day(monday)} {monday.year}"
        yield from _week(plan, monday)
        monday += timedelta(weeks=1)


def _week(plan: Rota, monday: datetime) -> Iterator[str]:
    zone = plan.schedule.zone
    begun = [(shift.begins.astimezone(zone).replace(tzinfo=None), shift) for shift in plan.shifts]
    within = [(at, shift) for at, shift in begun if monday <= at < monday + timedelta(weeks=1)]
    before = [shift for at, shift in begun if at < monday]
    if before and (not within or within[0][0] > monday):
        yield f"    {'still':16}  {_who(plan, before[-1])}"
    for at, shift in within:
        yield f"    {_day(at)} {at:%H:%M}  {_who(plan, shift)}"


def _who(plan: Rota, shift: Shift) -> str:
    if shift.people:
        return ", ".join(person.name for person in shift.people)
    if shift is plan.shifts[-1]:
        return f"{NOBODY} to the end of these weeks"
    return f"{NOBODY} for {format_duration(shift.ends - shift.begins)}, until {_moment(shift.ends, plan.schedule.zone)}"


def _now(plan: Rota) -> str:
    who = ", ".join(person.name for person in plan.now.people) or NOBODY
    following = plan.following
    if following is None:
        return f"{who}, and no hand-off in sight"
    after = ", ".join(person.name for person in following.people) or NOBODY
    return f"{who} until {_moment(following.begins, plan.schedule.zone)}, then {after}"


def _teams(roster: Roster, at: datetime) -> Iterator[str]:
    yield "teams:"
    for team in roster.teams.values():
        steps = [", ".join(person.name for person in step.people(at)) or NOBODY for step in team.steps]
        pages = "records only" if team.record_only else "; then ".join(steps) or NOBODY
        yield f"  {team.name}: {pages}"


def _moment(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{_day(local)} {local:%H:%M}"


def _day(at: datetime) -> str:
    """Mon  5 Jan, whatever the machine's language."""
    return f"{at:%a} {at.day:2} {at:%b}"
