"""The calls that a pager makes, each with its URL.

https://eu.api.ovh.com/console/?section=%2Fsms and https://eu.api.ovh.com/console/?section=%2Fauth
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from alertsms.sandbox.account import (
    BOOLEAN,
    REPLY_FILTERS,
    STOP_CLAUSE,
    STRING,
    SandboxAccount,
    described,
    job,
    matcher,
    outgoing,
    read_job,
)
from alertsms.sandbox.exchange import CallName, RefusedError, Request, bad_request, not_found
from alertsms.sandbox.faults import Strike
from alertsms.sandbox.keys import AccessRule, Consumer, ConsumerKeys, KeyState
from alertsms.sandbox.message import PTT, SandboxMessage, measure, moment

Key = TypeVar("Key")
Thing = TypeVar("Thing")


@dataclass(kw_only=True, slots=True)
class SandboxCall:
    """One call, with all that it may look at."""

    account: SandboxAccount
    keys: ConsumerKeys
    consumer: Consumer | None  # None on the two calls that need no signature
    request: Request
    query: Mapping[str, str]
    body: object  # parsed JSON; None when there is no body
    now: float
    ovh_now: float  # `now` on OVHcloud's clock, which a fault may have moved
    strike: Strike
    accepted: list[SandboxMessage]  # filled by POST jobs


# Below /auth: the clock, and the keys.


def _credential(call: SandboxCall) -> object:
    """Make a key that works once its validation link was opened."""
    call.keys.check_application(call.request)
    body = call.body if isinstance(call.body, dict) else {}
    if unknown := set(body) - {"accessRules", "redirection", "allowedIPs"}:
        raise bad_request(f"Received not described parameters: ({', '.join(sorted(unknown))})")
    redirection = body.get("redirection")
    _check_url("redirection", redirection)
    rules = [_rule(rule) for rule in body.get("accessRules") or [None]]
    consumer = call.keys.grant(rules, now=call.now, state=KeyState.PENDING, redirection=redirection)
    site = "/".join(call.request.url.split("/", 3)[:3])
    link = f"{site}/sandbox/validate?credentialToken={consumer.token}"
    return {"consumerKey": consumer.key, "state": consumer.state, "validationUrl": link}


def _check_url(name: str, url: object) -> None:
    if url is not None and not str(url).startswith(("http://", "https://")):
        raise bad_request(f"[{name}] Given data ({url}) is not valid for type string")


def _rule(rule: object) -> AccessRule:
    if isinstance(rule, dict) and rule.keys() == {"method", "path"}:
        method, path = rule["method"], rule["path"]
        if method in ("GET", "POST", "PUT", "DELETE") and isinstance(path, str) and path.startswith("/"):
            return AccessRule(method=method, path=path)
    raise bad_request(f"[accessRules] Given data ({rule}) is not valid for type auth.AccessRule[]")


def _current_credential(call: SandboxCall) -> object:
    consumer = call.consumer
    assert consumer is not None  # noqa: S101 - the table says that this call is signed
    return {
        "credentialId": consumer.id,
        "applicationId": 1,
        "status": consumer.standing(call.now),
        "creation": moment(consumer.created).isoformat(),
        "expiration": moment(consumer.expires_at).isoformat() if consumer.expires_at is not None else None,
        "lastUse": moment(consumer.last_use).isoformat() if consumer.last_use is not None else None,
        "rules": [{"method": rule.method, "path": rule.path} for rule in consumer.rules],
        "allowedIPs": None,
        "ovhSupport": False,
    }


# Below /sms.


def _account(call: SandboxCall) -> object:
    fixed = {"status": "enable", "channel": "both", "smpp": False, "creditsHoldByQuota": 0, "userQuantityWithQuota": 0}
    return {"name": call.account.name, "creditsLeft": call.account.credits, **fixed, **call.account.settings}


CALLED_BACK = ("callBack", "stopCallBack")
RECREDIT = ("creditThresholdForAutomaticRecredit", "automaticRecreditAmount")
WRITABLE = (*CALLED_BACK, *RECREDIT, "description", "smsResponse", "templates")
READ_ONLY = ("name", "status", "creditsLeft", "creditsHoldByQuota", "userQuantityWithQuota", "channel", "smpp", "iam")


def _change_account(call: SandboxCall) -> None:
    """Change what can be written; what is read-only is taken and ignored."""
    body = call.body
    if not isinstance(body, dict):
        raise bad_request("Received body is not a JSON object")
    if unknown := set(body) - {*WRITABLE, *READ_ONLY}:
        raise bad_request(f"Received not described parameters: ({', '.join(sorted(unknown))})")
    for name in CALLED_BACK:
        _check_url(name, body.get(name))
    call.account.settings |= {name: value for name, value in body.items() if name in WRITABLE}


def _send(call: SandboxCall, virtual_number: str = "") -> object:
    if virtual_number:
        _known(call.account.virtual_numbers, virtual_number)
    wanted = read_job(call.body, virtual_number=virtual_number)
    accepted, refused = call.account.submit(wanted, call.now, call.strike)
    call.accepted.extend(accepted)
    return {
        "ids": [message.id for message in accepted],
        "validReceivers": [message.receiver for message in accepted],
        "invalidReceivers": refused,
        "totalCreditsRemoved": sum(message.credits for message in accepted),
        "creditsLeft": call.account.credits,
        "tag": wanted.tag,
    }


def _pending(call: SandboxCall) -> object:
    return [message.id for message in call.account.messages.values() if message.pending(call.now)]


def _pending_job(call: SandboxCall, id_: str) -> object:
    return job(_listed(call, id_, SandboxMessage.pending), call.now)


def _sent(call: SandboxCall) -> object:
    matches = matcher(call.query)
    messages = call.account.sent(call.now, call.query.get("tag"))
    return [message.id for message in messages if matches(message, call.now)]


def _sent_message(call: SandboxCall, id_: str) -> object:
    return outgoing(_listed(call, id_, SandboxMessage.sent), call.now)


def _listed(call: SandboxCall, id_: str, listed: Callable[[SandboxMessage, float], bool]) -> SandboxMessage:
    message = call.account.messages.get(_id(id_))
    if message is None or not listed(message, call.now):
        raise not_found(id_)
    return message


def _replies(call: SandboxCall, number: str | None = None) -> object:
    """Give the ids of all that came in: an account with a virtual number has this number only."""
    if number is not None:
        _known(call.account.virtual_numbers, number)
    matches = matcher(call.query, REPLY_FILTERS)
    return [reply.id for reply in call.account.incoming.values() if matches(reply, call.now)]


def _reply(call: SandboxCall, id_: str) -> object:
    reply = _known(call.account.incoming, _id(id_))
    ends = {"sender": reply.sender, "message": reply.text, "tag": reply.tag}
    return {"id": reply.id, "creationDatetime": moment(reply.at).isoformat(), "credits": 0.0, **ends}


def _virtual_reply(call: SandboxCall, number: str, id_: str) -> object:
    _known(call.account.virtual_numbers, number)
    return _reply(call, id_)


def _sender(call: SandboxCall, name: str) -> object:
    status = _known(call.account.senders, name)
    return {"sender": name, "status": status, "type": "alpha", "referer": "custom", "comment": "", "description": ""}


def _blacklisted(call: SandboxCall, number: str) -> object:
    return {"number": number, "dateCreation": moment(_known(call.account.blacklist, number)).isoformat()}


def _allow_again(call: SandboxCall, number: str) -> None:
    _forget(call.account.blacklist, number)


def _virtual_number(call: SandboxCall, number: str) -> object:
    return {"number": number, "countryCode": _known(call.account.virtual_numbers, number)}


def _ptts(call: SandboxCall) -> object:
    code = call.query.get("ptt", "")
    if not code.isdecimal():
        raise bad_request(f"[ptt] Given data ({code}) is not valid for type long")
    description, duration = _known(PTT, int(code))
    return {"description": description, "comment": description, "duration": duration}


def _estimate(call: SandboxCall) -> object:
    body = described(call.body, {"message": STRING, "noStopClause": BOOLEAN, "senderType": STRING})
    if missing := {"message", "noStopClause", "senderType"} - body.keys():
        raise bad_request(f"[{min(missing)}] Missing parameter")
    if body["senderType"] not in ("alpha", "numeric", "shortcode", "virtual"):
        raise bad_request(
            f"[senderType] Given data ({body['senderType']}) does not belong to the sms.SenderTypeEnum enumeration"
        )
    size = measure(f"{body['message']}{'' if body['noStopClause'] else STOP_CLAUSE}")
    return {
        "characters": size.units,
        "charactersClass": "unicode" if size.unicode else "7bits",
        "maxCharactersPerPart": size.per_part,
        "parts": size.parts,
    }


def _known(things: Mapping[Key, Thing], key: Key) -> Thing:
    if key not in things:
        raise not_found(key)
    return things[key]


def _forget(things: dict[Key, Thing], key: Key) -> None:
    _known(things, key)
    del things[key]


def _id(text: str) -> int:
    if not text.isdecimal():
        raise bad_request(f"[id] Given data ({text}) is not valid for type long")
    return int(text)


def _nowhere(_: SandboxCall) -> None:
    raise RefusedError(404, "INVALID_URL", "Got an invalid (or empty) URL")


@dataclass(frozen=True, slots=True)
class ApiRoute:
    """One URL of the API."""

    call: CallName
    segments: tuple[str, ...]
    handle: Callable[..., object]  # gets the call, and what stands in place of the {names}


UNSIGNED = (CallName.TIME, CallName.CREDENTIAL, CallName.UNKNOWN)  # others want a consumer key
NOWHERE = ApiRoute(CallName.UNKNOWN, (), _nowhere)
_TABLE: tuple[tuple[str, str, CallName, Callable[..., object]], ...] = (
    ("GET", "/auth/time", CallName.TIME, lambda call: int(call.ovh_now)),
    ("POST", "/auth/credential", CallName.CREDENTIAL, _credential),
    ("GET", "/auth/currentCredential", CallName.CURRENT, _current_credential),
    ("GET", "/sms", CallName.SERVICES, lambda call: [call.account.name]),
    ("GET", "/sms/", CallName.SERVICES, lambda call: [call.account.name]),
    ("GET", "/sms/ptts", CallName.PTTS, _ptts),
    ("POST", "/sms/estimate", CallName.ESTIMATE, _estimate),
    ("GET", "/sms/{sn}", CallName.ACCOUNT, _account),
    ("PUT", "/sms/{sn}", CallName.ACCOUNT, _change_account),
    ("POST", "/sms/{sn}/jobs", CallName.JOBS, _send),
    ("GET", "/sms/{sn}/jobs", CallName.PENDING, _pending),
    ("GET", "/sms/{sn}/jobs/{id}", CallName.PENDING, _pending_job),
    ("DELETE", "/sms/{sn}/jobs/{id}", CallName.PENDING, lambda call, key: call.account.cancel(_id(key), call.now)),
    ("GET", "/sms/{sn}/outgoing", CallName.OUTGOING, _sent),
    ("GET", "/sms/{sn}/outgoing/{id}", CallName.OUTGOING, _sent_message),
    ("GET", "/sms/{sn}/incoming", CallName.INCOMING, _replies),
    ("GET", "/sms/{sn}/incoming/{id}", CallName.INCOMING, _reply),
    (
        "DELETE",
        "/sms/{sn}/incoming/{id}",
        CallName.INCOMING,
        lambda call, key: _forget(call.account.incoming, _id(key)),
    ),
    ("GET", "/sms/{sn}/senders", CallName.SENDERS, lambda call: [*call.account.senders]),
    ("GET", "/sms/{sn}/senders/{sender}", CallName.SENDERS, _sender),
    ("GET", "/sms/{sn}/blacklists", CallName.BLACKLISTS, lambda call: [*call.account.blacklist]),
    ("GET", "/sms/{sn}/blacklists/{number}", CallName.BLACKLISTS, _blacklisted),
    ("DELETE", "/sms/{sn}/blacklists/{number}", CallName.BLACKLISTS, _allow_again),
    ("GET", "/sms/{sn}/virtualNumbers", CallName.VIRTUAL, lambda call: [*call.account.virtual_numbers]),
    ("GET", "/sms/{sn}/virtualNumbers/{number}", CallName.VIRTUAL, _virtual_number),
    ("POST", "/sms/{sn}/virtualNumbers/{number}/jobs", CallName.JOBS, _send),
    ("GET", "/sms/{sn}/virtualNumbers/{number}/incoming", CallName.INCOMING, _replies),
    ("GET", "/sms/{sn}/virtualNumbers/{number}/incoming/{id}", CallName.INCOMING, _virtual_reply),
)
_ROUTES: defaultdict[tuple[str, int], list[ApiRoute]] = defaultdict(list)
for _method, _path, _call, _handle in _TABLE:
    _ROUTES[_method, _path.count("/")].append(ApiRoute(_call, tuple(_path.split("/")), _handle))


def find(method: str, path: str) -> tuple[ApiRoute, list[str]]:
    """Return the route of `path` (below /1.0, decoded) and its arguments; NOWHERE when there is none."""
    for route in _ROUTES.get((method, path.count("/")), ()):
        pairs = list(zip(route.segments, path.split("/"), strict=True))
        if all(mine == theirs or mine[:1] == "{" for mine, theirs in pairs):
            return route, [theirs for mine, theirs in pairs if mine[:1] == "{"]
    return NOWHERE, []


def carry_out(route: ApiRoute, arguments: list[str], call: SandboxCall) -> object:
    """Return what the call answers, or raise RefusedError; with X-Ovh-Batch a list of {key, value}."""
    if "{sn}" in route.segments and arguments.pop(0) != call.account.name:
        raise RefusedError(404, "NOT_FOUND", "This service does not exist")
    separator = call.request.headers.get("x-ovh-batch", "")
    if not separator or not arguments or call.request.method != "GET":
        return route.handle(call, *arguments)
    return [_one_of_batch(route, call, arguments[:-1], key) for key in arguments[-1].split(separator)]


def _one_of_batch(route: ApiRoute, call: SandboxCall, arguments: list[str], key: str) -> object:
    try:
        return {"key": key, "value": route.handle(call, *arguments, key)}
    except RefusedError as error:
        return {"key": key, "value": None, "error": error.message}
