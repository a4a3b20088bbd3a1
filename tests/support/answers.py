"""What people do who were paged: by a link, an SMS sent back or the API they take what fires, for good or for a while.

And what they must never see: a page for what somebody has by then.
"""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from alertsms.core.messages.notification import NotificationKind
from alertsms.sandbox.message import SandboxMessage
from alertsms.store.schema import incident_table, message_table, notification_table

if TYPE_CHECKING:
    from tests.support.nights import Night

SITE = "https://p.example.org"
LINK = re.compile(rf"{SITE}(/a/\w+)")
PROOF = re.compile('name="token" value="([^"]+)"')
RECENT = 20  # of the SMS that came last, one is answered
WORDS = ("ok", "Ok!", "1", "pris", "ack all", "OK {}", "snooze 20m", "snooze {} 1h", "what?")
PAUSED = ("ops", "db", "net", "all", "")


def addressee(night: Night, number: str) -> str:
    """Whose phone it is; "" where a reload took its number away."""
    people = night.app.context.roster().people.values()
    return next((each.name for each in people for phone in each.phones if phone.e164 == number), "")


def answer(night: Night) -> None:
    """Somebody answers one of the last SMS, by a way that it leaves them."""
    sent = [sms for sms in night.sandbox.accepted[-RECENT:] if re.search(r"#\d+", sms.text)]
    if not sent:
        return
    sms = night.random.choice(sent)
    ways = [_call]
    if night.answerable:
        ways += [_reply] * 3
    if LINK.search(sms.text):
        ways += [_press] * 3
    way = night.random.choice(ways)
    night.said[-1] += f" {way.__name__} {sms.receiver} {sms.text[-24:]!r}"
    way(night, sms)


def _reply(night: Night, sms: SandboxMessage) -> None:
    """An SMS goes back."""
    words = night.random.choice(WORDS).format(_number(sms))
    night.said[-1] += f" {words!r}"
    number = f"+{sms.receiver.removeprefix('+')}"
    night.wrote += [
        (night.clock(), each.name)
        for each in night.app.context.roster().people.values()
        if any(phone.e164 == number for phone in each.phones)
    ]
    night.wrote += [(night.clock(), name) for name in night.plan_of["gone"]]  # the number may be theirs still
    night.reply(number, words)


def _press(night: Night, sms: SandboxMessage) -> None:
    """The link is opened, and a button pressed unless it is dead by now."""
    path = LINK.search(sms.text)[1]  # type: ignore[index]  # that is how it was chosen
    page = night.client.get(path)
    assert page.status_code in (200, 404, 429), page.text
    proof = PROOF.search(page.text)
    if proof:
        act = night.random.choice(("take", "take", "take", "snooze1", "resolve"))
        pressed = night.client.post(path, data={"token": proof[1], "act": act})
        assert pressed.status_code in (200, 303, 404, 429), pressed.text


def _call(night: Night, sms: SandboxMessage) -> None:
    """A program, or the command, says so in somebody's name."""
    by = addressee(night, f"+{sms.receiver.removeprefix('+')}") or "erin"
    act = night.random.choice(("ack", "ack", "ack", "snooze", "resolve"))
    body: dict[str, Any] = {"by": by} | ({"for": night.random.choice(("10m", "1h"))} if act == "snooze" else {})
    said = night.client.post(f"/api/v1/incidents/{_number(sms)}/{act}", json=body, headers=_token(night))
    assert said.status_code in (200, 404), said.text


def pause(night: Night) -> None:
    """A maintenance begins, or all of them end."""
    if night.random.random() < 0.5:
        ended = night.client.delete("/api/v1/pauses?all=true", headers=_token(night))
        assert ended.status_code == 200, ended.text
        return
    team = night.random.choice([each for each in PAUSED if not each or each in night.app.context.roster().teams])
    body: dict[str, Any] = {"teams": [team]} if team else {"all": True}
    night.said[-1] += f" {team or 'all'}"
    begun = night.client.post("/api/v1/pauses", json=body | {"for": "30m"}, headers=_token(night))
    assert begun.status_code == 200, begun.text


def _number(sms: SandboxMessage) -> str:
    return re.findall(r"#(\d+)", sms.text)[-1]


def _token(night: Night) -> dict[str, str]:
    return {"Authorization": f"Bearer {night.app.keys.token}"}


def untimely(tx: Connection, tag: str) -> str:
    """Why an SMS that leaves at this moment misleads its reader; "" where it does not."""
    found = (
        select(
            notification_table.c.kind,
            notification_table.c.incident_id,
            incident_table.c.state,
            incident_table.c.acked_by,
        )
        .join(message_table, notification_table.c.message_id == message_table.c.id)
        .join(incident_table, notification_table.c.incident_id == incident_table.c.id)
        .where(
            message_table.c.tag == tag, notification_table.c.kind.in_([NotificationKind.PAGE, NotificationKind.TAKEN])
        )
    )
    rows = tx.execute(found).all()
    paging = [row for row in rows if row.kind == NotificationKind.PAGE]
    if paging and all(row.state == "acknowledged" for row in paging):
        return f"paged after {paging[0].acked_by} had it: {[row.incident_id for row in paging]}"
    taken = [row for row in rows if row.kind == NotificationKind.TAKEN]
    if taken and all(row.state == "open" for row in taken):
        return f"told that somebody has what nobody has: {[row.incident_id for row in taken]}"
    return ""


def random_teams(chance: Random) -> str:
    """How long a team's steps are waited for, and how often."""
    wait = chance.choice(("", "", "ack_timeout: 40m, ", "ack_timeout: 0s, "))
    nudge = chance.choice(("", "", "", "nudge: 4m, "))
    others = chance.choice(("", "", "tell_others: false, "))
    return f"rounds: {chance.choice((3, 3, 2, 1))}, {wait}{nudge}{others}"
