"""The keys `fallback` and `also`: channels other than SMS, and the team that is paged when nobody else could be."""

from __future__ import annotations

from collections.abc import Mapping

from alertsms import apprise_channels
from alertsms.config import parsers
from alertsms.config.error import quote
from alertsms.config.fields import Field, Listing, Reading, Section, Table, no_such
from alertsms.config.scalars import Text
from alertsms.core.messages.notification import TEAM, Channel, Fallback
from alertsms.core.schedules.team import Team

CHANNELS = Listing(
    "a list of Apprise URLs",
    Text("an Apprise URL such as mailto://user:password@example.org", parsers.channel, hidden=True),
    single=True,
)
FALLBACK = Table(
    "team and channels",
    (
        Field("team", Text("the name of a team"), "The team that is paged when no phone of the first could be.", ""),
        Field("channels", CHANNELS, "Apprise URLs (e-mail, ntfy and more) that are told when SMS fail."),
    ),
    hints={"channel": "write channels", "urls": "write channels"},
)


def fallback(section: Section, above: Fallback, name: str, teams: Mapping[str, object], reading: Reading) -> Fallback:
    """Build a team's fallback from its own keys, and what is above it where it has none; `name` "" for the top one."""
    if "fallback" not in section.got:
        return above
    own = section.section("fallback")
    team = own.value("team")
    if team and teams and team not in teams:
        reading.report.error(own.place("team"), no_such("team", team, teams), found=team)
    if own.lacks("team", "channels"):
        reading.report.error(own.at, f"this is empty, write {FALLBACK.wanted}")
    urls = urls_of(own, "channels", reading)
    if not urls:
        return Fallback(team=team or above.team, channels=above.channels, target=above.target)
    target = TEAM + name if name else above.target
    return Fallback(team=team or above.team, channels=urls, target=target)


def urls_of(section: Section, key: str, reading: Reading) -> tuple[Channel, ...]:
    """Build channels; with a thorough reading Apprise says which of them it knows."""
    items = section.items(key)
    if items and not apprise_channels.installed():
        reading.report.warn(
            section.place(key), f"Apprise, which posts to channels, is not installed: {apprise_channels.INSTALL}"
        )
    elif reading.thorough and reading.secrets:
        for got in items:
            if not apprise_channels.known(got.value):
                reading.report.error(got.at, "Apprise knows no such URL, look it up at https://appriseit.com/services/")
    return tuple(dict.fromkeys(Channel(url=got.value) for got in items))


def warn_of_none(root: Section, top: Fallback, reading: Reading) -> None:
    """Note that no channel is notified when SMS fail: only the root team's channels could be, for all teams."""
    if top.channels or reading.report.failed:
        return
    at = root.place("fallback") if "fallback" in root else root.at
    reading.report.warn(
        at, 'nobody is told when SMS fail, write fallback: {channels: ["mailto://user:password@example.org"]}'
    )


def warn_of_same(root: Section, built: Mapping[str, Team | None], reading: Reading) -> None:
    """Note a fallback that pages only people who were paged in vain, and posts to no channel."""
    for name, got in root.value("teams").items():
        team = built[name]
        second = built.get(team.fallback.team) if team else None
        if not got or not team or not second or team.fallback.channels or team.record_only:
            continue
        if {person.name for person in second.people} <= {person.name for person in team.people}:
            at = got.value.place("fallback") if "fallback" in got.value.got else root.place("fallback")
            message = f"of {quote(name)} pages the same people again, write channels, or a team of others"
            reading.report.warn(at, f"the fallback {message}", found=second.name)
