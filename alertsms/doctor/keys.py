"""Whether OVHcloud is there, and lets us in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

from alertsms.doctor import CheckedAccount, Finding, fail, ok, warn
from alertsms.ovh.auth import current_credential, missing_rights
from alertsms.ovh.client import ApiCall, Client
from alertsms.ovh.endpoint import other_name
from alertsms.ovh.error import NEW_KEYS, OvhError
from alertsms.worker import words

TIME = ApiCall(name="time", method="GET", path="/auth/time", signed=False)
CLOCK_SECONDS = 10.0  # a difference that somebody would see in a text's times
EXPIRY_NOTICE = timedelta(days=30)

# What a key may lack while pages leave and are followed all the same, and what does not work then ("": nothing that
# is used). Paths below the account; the first line that fits decides, and a right that none fits is vital.
EFFECTS = (
    ("PUT", "", "OVHcloud cannot be told where to call receipts back"),
    ("GET", "/incoming", "replies are not read: nobody can acknowledge by SMS"),
    ("GET", "/senders", "the sender cannot be checked"),
    ("GET", "/blacklists", "nobody notices that somebody answered STOP"),
    ("DELETE", "/blacklists", "doctor --unblock does not work"),
    ("GET", "/virtualNumbers", "the rented number cannot be checked, nor replies to it be read"),
    ("GET", "/auth/currentCredential", "the end of the keys cannot be seen"),
    ("GET", "/sms/ptts", ""),
    ("POST", "/sms/estimate", ""),
    ("GET", "/sms", "your accounts cannot be listed"),
)


def check_reach(subject: CheckedAccount, now: datetime) -> Iterator[Finding]:
    """GET /auth/time needs no key: it distinguishes a broken network and a wrong clock from wrong keys."""
    client = subject.outlet.client
    try:
        theirs = client.answer(TIME).value
    except OvhError as error:
        finding = _versionless(client, error) or _elsewhere(client, error)
        if finding is None:
            raise
        yield finding
        return
    host = urlsplit(client.base_url).netloc
    if type(theirs) is not int:
        yield fail(
            "reach", f"{host} answers, but not with OVHcloud's time", "endpoint is no OVHcloud API: write ovh-eu"
        )
        return
    yield ok("reach", f"{host} answers")
    ahead = now.timestamp() - theirs
    if abs(ahead) < CLOCK_SECONDS:
        yield ok("clock", "this machine's clock agrees with OVHcloud's")
    else:
        yield warn(
            "clock",
            f"this machine's clock is {words(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} OVHcloud's",
            "set it, `timedatectl set-ntp true`: SMS leave all the same, but times in texts, intervals and the ends of"
            " signatures are wrong",
        )


def _versionless(client: Client, error: OvhError) -> Finding | None:
    address = urlsplit(client.base_url)
    if error.status is None or address.path:
        return None
    return fail(
        "reach",
        f"{client.base_url} names no version of the API: {address.netloc} answers {error.status}",
        f"write endpoint: {client.base_url}/1.0",
    )


def _elsewhere(client: Client, error: OvhError) -> Finding | None:
    """What to write where OVHcloud's API answers under its other name, and not under the one that is configured."""
    other = other_name(client.base_url)
    if not other:
        return None
    try:
        with closing(client.elsewhere(other)) as there:
            there.answer(TIME)
    except OvhError:
        return None
    return fail(
        "reach",
        f"{urlsplit(client.base_url).netloc}: {replace(error, call='')}; OVHcloud answers at {urlsplit(other).netloc}",
        f"write endpoint: {other} and reload",
    )


def check_keys(subject: CheckedAccount, now: datetime) -> Iterator[Finding]:
    """Whether they are valid, how long, and for what. Raises OvhError."""
    credential = current_credential(subject.outlet.client)
    if credential.status not in ("validated", ""):
        yield fail("keys", f"the consumer key is {credential.status}", f"{NEW_KEYS}; choose an unlimited validity")
        return
    yield _validity(credential.expires_at, now)
    missing = missing_rights(credential.rules, subject.outlet.sms.service_name)
    rented = subject.outlet.virtual_number is not None
    own = f"/sms/{quote(subject.outlet.sms.service_name, safe='')}"
    if ("GET", own) in missing and (others := _accounts(credential.rules)):
        says = f"the keys are for {' and '.join(others)}, not for {subject.outlet.sms.service_name}"
        yield fail("account", says, f"service_name: write that one, or {NEW_KEYS}")
    else:
        yield _rights([right for right in missing if rented or "/virtualNumbers/" not in right[1]], own)


def _validity(ends: datetime | None, now: datetime) -> Finding:
    if ends is None:
        return ok("keys", "they work, and have no end")
    if ends - now > EXPIRY_NOTICE:
        return ok("keys", f"they work, until {ends.astimezone(UTC):%Y-%m-%d}")
    return warn(
        "keys",
        f"they work, but only until {ends.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        f"before that, {NEW_KEYS}; choose an unlimited validity",
    )


def _rights(missing: list[tuple[str, str]], own: str) -> Finding:
    felt = {right: effect for right in missing if (effect := _effect(*right, own)) != ""}
    if not felt:
        return ok("rights", "the keys have every right that alertsms uses")
    fix = f"rights cannot be added: {NEW_KEYS}"
    if vital := [right for right, effect in felt.items() if effect is None]:
        return fail("rights", f"the keys lack {_listed(vital)}: pages do not leave, or cannot be followed", fix)
    effects = "; ".join(str(effect) for effect in dict.fromkeys(felt.values()))
    return warn("rights", f"the keys lack {_listed(felt)}: {effects}", fix)


def _effect(method: str, path: str, own: str) -> str | None:
    """What does not work without a right; None for one that pages need."""
    below = path.removeprefix(own)
    return next((effect for verb, start, effect in EFFECTS if method == verb and below.startswith(start)), None)


def _accounts(rules: Iterable[tuple[str, str]]) -> list[str]:
    named = (path.split("/")[2] for method, path in rules if method == "GET" and re.fullmatch("/sms/[^/*]+", path))
    return [name for name in dict.fromkeys(named) if name != "ptts"]


def _listed(rights: Iterable[tuple[str, str]]) -> str:
    return ", ".join(f"{method} {path}" for method, path in rights)
