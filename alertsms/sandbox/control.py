"""The sandbox's own pages, beside the API: what it accepted, its faults, replies, and the phone. Nothing is signed."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import cache
from importlib.resources import files
from itertools import islice, takewhile
from typing import TYPE_CHECKING, TypeVar

from alertsms.sandbox.account import normal
from alertsms.sandbox.exchange import HTML, RefusedError, Request, Response, as_json, bad_request
from alertsms.sandbox.faults import read
from alertsms.sandbox.message import PhoneReply, SandboxMessage, moment

VALIDATED = "<!doctype html><title>Sandbox</title><p>The key is validated. You may close this page."

KEYS = """<!doctype html><title>Sandbox</title>
<p>OVHcloud makes keys here. The stand-in has these, to be typed as they are:
<pre>application key     {}
application secret  {}
consumer key        {}</pre>
"""


@cache
def phone() -> Response:
    """Return the page that shows messages as they arrive."""
    text = files("alertsms.sandbox").joinpath("phone.html").read_text(encoding="utf-8")
    policy = f"default-src 'none'; connect-src 'self'; img-src data:; {_allow(text, 'style')}; {_allow(text, 'script')}"
    return _page(text, policy)


def _page(text: str, policy: str) -> Response:
    policy += "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    safe = {"content-security-policy": policy, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
    return Response(status=200, headers={**HTML, **safe, "cache-control": "no-store"}, body=text.encode())


def _allow(text: str, element: str) -> str:
    """Return the directive that lets this very element of the page through, by its hash (CSP level 2, 4.2.5)."""
    inside = re.search(f"<{element}>(.*?)</{element}>", text, re.DOTALL)
    assert inside is not None  # noqa: S101 - the page ships with the package
    digest = base64.b64encode(hashlib.sha256(inside[1].encode()).digest()).decode()
    return f"{element}-src 'sha256-{digest}'"


if TYPE_CHECKING:  # the sandbox wires this module; importing it here would close a circle
    from alertsms.sandbox.sandbox import Sandbox

Query = Mapping[str, str]
Kept = TypeVar("Kept", SandboxMessage, PhoneReply)


def _shown(message: SandboxMessage, now: float) -> dict[str, object]:
    receipt = message.receipt(now)
    return {
        "id": message.id,
        "at": moment(message.at).isoformat(),
        "receiver": message.receiver,
        "text": message.text,
        "tag": message.tag,
        "sender": message.sender,
        "encoding": "UCS-2" if message.size.unicode else "GSM-7",
        "units": message.size.units,
        "segments": message.size.parts,
        "credits": message.credits,
        "priority": message.priority,
        "validity": message.validity,
        "stop": message.stop,
        "held_until": moment(message.leaves_at).isoformat() if message.leaves_at > now else None,
        "cancelled": message.cancelled,
        "shown": message.shown,
        "receipt": receipt.delivery.name.lower(),
        "ptt": receipt.ptt,
    }


def _newest(kept: dict[int, Kept], since: int, last: int | None) -> list[Kept]:
    """Return those after the id `since`, the `last` of them, oldest first."""
    return list(islice(takewhile(lambda message: message.id > since, reversed(kept.values())), last))[::-1]


def _messages(sandbox: Sandbox, _: Request, query: Query) -> Response:
    """What was accepted, and answered: all, or the `last` N after `since`; and the counts of all."""
    account, now = sandbox.account, sandbox.wall()
    since, last = _number(query, "since"), _number(query, "last") or None
    with sandbox.changed:
        sent, replies = _newest(account.messages, since, last), _newest(account.incoming, since, last)
        body: dict[str, object] = {
            "count": len(account.messages),
            "creditsLeft": account.credits,
            "faults": len(sandbox.faults.standing),
        }
        if query.get("counts") != "no":
            body |= {"tags": dict(account.tags), "receivers": dict(account.receivers)}
    body["messages"] = [_shown(message, now) for message in sent]
    body["replies"] = [
        {"id": reply.id, "at": moment(reply.at).isoformat(), "sender": reply.sender, "text": reply.text}
        for reply in replies
    ]
    return as_json(body)


def _counts(sandbox: Sandbox, _: Request, __: Query) -> Response:
    with sandbox.changed:
        return as_json({"calls": sandbox.counts})


def _faults(sandbox: Sandbox, _: Request, __: Query) -> Response:
    return as_json([asdict(fault) for fault in sandbox.faults.standing])


def _set_faults(sandbox: Sandbox, request: Request, query: Query) -> Response:
    wanted = _body(request)
    if not isinstance(wanted, list):
        raise bad_request(f'a list of faults belongs here, for example [{{"kind": "delay"}}], found {wanted!r}')
    try:
        sandbox.faults.replace([read(fault) for fault in wanted])
    except ValueError as error:
        raise bad_request(str(error)) from None
    return _faults(sandbox, request, query)


def _clear_faults(sandbox: Sandbox, request: Request, query: Query) -> Response:
    sandbox.faults.clear()
    return _faults(sandbox, request, query)


def _reset(sandbox: Sandbox, _: Request, __: Query) -> Response:
    sandbox.reset()
    return as_json({"count": 0})


def _receive(sandbox: Sandbox, request: Request, _: Query) -> Response:
    """Let a phone answer: {"sender": "+33...", "message": "...", "tag": ""}."""
    body = _body(request)
    if not isinstance(body, dict):
        raise bad_request('write {"sender": "+33612345678", "message": "ok"}')
    sender, text = normal(str(body.get("sender", ""))), str(body.get("message", ""))
    if sender is None:
        raise bad_request(f"sender: found {body.get('sender')!r}, write an international number, +33612345678")
    with sandbox.changed:
        reply = sandbox.account.receive(sender, text, str(body.get("tag", "")), sandbox.wall())
    return as_json({"id": reply.id})


def _validate(sandbox: Sandbox, _: Request, query: Query) -> Response:
    """Do what the owner of an account does at a validationUrl."""
    with sandbox.changed:
        consumer = sandbox.keys.validate(query.get("credentialToken", ""))
    if consumer is None:
        raise RefusedError(404, "NOT_FOUND", "No key waits for this token")
    if consumer.redirection:
        return Response(status=302, headers={"location": consumer.redirection})
    return _page(VALIDATED, "default-src 'none'")


def _keys(sandbox: Sandbox, _: Request, __: Query) -> Response:
    """The page where `alertsms init` and `login` lead for keys."""
    own = sandbox.keys.credentials
    three = map(html.escape, (own.application_key, own.application_secret, own.consumer_key))
    return _page(KEYS.format(*three), "default-src 'none'")


_PAGES: Mapping[tuple[str, str], Callable[[Sandbox, Request, Query], Response]] = {
    ("GET", "/"): lambda *_: phone(),
    ("GET", "/createToken/"): _keys,
    ("GET", "/sandbox/messages"): _messages,
    ("GET", "/sandbox/counts"): _counts,
    ("GET", "/sandbox/faults"): _faults,
    ("POST", "/sandbox/faults"): _set_faults,  # a list of faults that replaces those before it
    ("DELETE", "/sandbox/faults"): _clear_faults,
    ("POST", "/sandbox/incoming"): _receive,
    ("POST", "/sandbox/reset"): _reset,
    ("GET", "/sandbox/validate"): _validate,
}


def _nothing(_: Sandbox, request: Request, __: Query) -> Response:
    raise RefusedError(404, "NOT_FOUND", f"no such page: {request.method} {request.url}")


def answer(sandbox: Sandbox, request: Request, path: str, query: Query) -> Response:
    """Answer a request outside the API."""
    try:
        _check_origin(request)
        return _PAGES.get((request.method, path), _nothing)(sandbox, request, query)
    except RefusedError as error:
        return as_json({"message": error.message}, error.status)


def _check_origin(request: Request) -> None:
    """Refuse the scripts and forms of other web pages, which a browser on this machine may have open."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != request.headers.get("host", ""):
        raise RefusedError(403, "FORBIDDEN", "only the sandbox's own page may ask this from a browser")


def _body(request: Request) -> object:
    try:
        return json.loads(request.body)
    except ValueError:
        raise bad_request("the body is not JSON") from None


def _number(query: Query, name: str) -> int:
    text = query.get(name, "0")
    if not text.isdecimal():
        raise bad_request(f"{name}: found {text!r}, write a whole number")
    return int(text)
