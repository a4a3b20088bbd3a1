"""The calls that a pager makes, one function each.

https://eu.api.ovh.com/console/?section=%2Fsms and https://eu.api.ovh.com/console/?section=%2Fauth
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from alertsms.sandbox.account import SandboxAccount
from alertsms.sandbox.exchange import Request, bad_request, not_found
from alertsms.sandbox.faults import Strike
from alertsms.sandbox.job import (
    BOOLEAN,
    REPLY_FILTERS,
    STOP_CLAUSE,
    STRING,
    described,
    job,
    matcher,
    outgoing,
    read_job,
)
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


def ovh_time(call: SandboxCall) -> object:
    """GET /auth/time."""
    return int(call.ovh_now)


def credential(call: SandboxCall) -> object:
    """POST /auth/credential: a key that works once its validation link was opened."""
    call.keys.check_application(call.request)
    body = call.body if isinstance(call.body, dict) else {}
    if unknown := set(body) - {"accessRules", "redirection", "allowedIPs"}:
        raise bad_request(f"Received not described parameters: ({', '.join(sorted(unknown))})")
    redirection = body.get("redirection")
    if redirection is not None and not str(redirection).startswith(("http://", "https://")):
        raise bad_request(f"[redirection] Given data ({redirection}) is not valid for type string")
    rules = [_rule(rule) for rule in body.get("accessRules") or [None]]
    consumer = call.keys.grant(rules, now=call.now, state=KeyState.PENDING, redirection=redirection)
    site = "/".join(call.request.url.split("/", 3)[:3])
    link = f"{site}/sandbox/validate?credentialToken={consumer.token}"
    return {"consumerKey": consumer.key, "state": consumer.state, "validationUrl": link}


def _rule(rule: object) -> AccessRule:
    if isinstance(rule, dict) and rule.keys() == {"method", "path"}:
        method, path = rule["method"], rule["path"]
        if method in ("GET", "POST", "PUT", "DELETE") and isinstance(path, str) and path.startswith("/"):
            return AccessRule(method=method, path=path)
    raise bad_request(f"[accessRules] Given data ({rule}) is not valid for type auth.AccessRule[]")


def current_credential(call: SandboxCall) -> object:
    """GET /auth/currentCredential."""
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


def services(call: SandboxCall) -> object:
    """GET /sms."""
    return [call.account.name]


def account(call: SandboxCall) -> object:
    """GET /sms/{sn}."""
    fixed = {"status": "enable", "channel": "both", "smpp": False, "creditsHoldByQuota": 0, "userQuantityWithQuota": 0}
    return {"name": call.account.name, "creditsLeft": call.account.credits, **fixed, **call.account.settings}


WRITABLE = ("callBack", "stopCallBack", "description", "smsResponse", "templates")
RECREDIT = ("creditThresholdForAutomaticRecredit", "automaticRecreditAmount")
READ_ONLY = ("name", "status", "creditsLeft", "creditsHoldByQuota", "userQuantityWithQuota", "channel", "smpp", "iam")


def change_account(call: SandboxCall) -> None:
    """PUT /sms/{sn}: what is read-only is taken and ignored."""
    body = call.body
    if not isinstance(body, dict):
        raise bad_request("Received body is not a JSON object")
    if unknown := set(body) - {*WRITABLE, *RECREDIT, *READ_ONLY}:
        raise bad_request(f"Received not described parameters: ({', '.join(sorted(unknown))})")
    for name in ("callBack", "stopCallBack"):
        url = body.get(name)
        if url is not None and not str(url).startswith(("http://", "https://")):
            raise bad_request(f"[{name}] Given data ({url}) is not valid for type string")
    call.account.settings |= {name: value for name, value in body.items() if name in (*WRITABLE, *RECREDIT)}


def send(call: SandboxCall, virtual_number: str = "") -> object:
    """POST /sms/{sn}/jobs, and POST /sms/{sn}/virtualNumbers/{number}/jobs."""
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


def pending(call: SandboxCall) -> object:
    """GET /sms/{sn}/jobs: no filters."""
    return [message.id for message in call.account.messages.values() if message.pending(call.now)]


def pending_job(call: SandboxCall, id_: str) -> object:
    """GET /sms/{sn}/jobs/{id}."""
    message = call.account.messages.get(_id(id_))
    if message is None or not message.pending(call.now):
        raise not_found(id_)
    return job(message, call.now)


def cancel(call: SandboxCall, id_: str) -> None:
    """DELETE /sms/{sn}/jobs/{id}."""
    call.account.cancel(_id(id_), call.now)


def sent(call: SandboxCall) -> object:
    """GET /sms/{sn}/outgoing."""
    matches = matcher(call.query)
    sent_messages = call.account.sent(call.now, call.query.get("tag"))
    return [message.id for message in sent_messages if matches(message, call.now)]


def sent_message(call: SandboxCall, id_: str) -> object:
    """GET /sms/{sn}/outgoing/{id}."""
    message = call.account.messages.get(_id(id_))
    if message is None or not message.sent(call.now):
        raise not_found(id_)
    return outgoing(message, call.now)


def replies(call: SandboxCall) -> object:
    """GET /sms/{sn}/incoming."""
    matches = matcher(call.query, REPLY_FILTERS)
    return [reply.id for reply in call.account.incoming.values() if matches(reply, call.now)]


def reply(call: SandboxCall, id_: str) -> object:
    """GET /sms/{sn}/incoming/{id}."""
    answer = _known(call.account.incoming, _id(id_))
    ends = {"sender": answer.sender, "message": answer.text, "tag": answer.tag}
    return {"id": answer.id, "creationDatetime": moment(answer.at).isoformat(), "credits": 0.0, **ends}


def forget_reply(call: SandboxCall, id_: str) -> None:
    """DELETE /sms/{sn}/incoming/{id}."""
    call.account.incoming.pop(_known(call.account.incoming, _id(id_)).id)


def virtual_replies(call: SandboxCall, number: str) -> object:
    """GET /sms/{sn}/virtualNumbers/{number}/incoming: all that came in, since such an account has this number only."""
    virtual_number(call, number)
    return replies(call)


def virtual_reply(call: SandboxCall, number: str, id_: str) -> object:
    """GET /sms/{sn}/virtualNumbers/{number}/incoming/{id}."""
    virtual_number(call, number)
    return reply(call, id_)


def senders(call: SandboxCall) -> object:
    """GET /sms/{sn}/senders."""
    return [*call.account.senders]


def sender(call: SandboxCall, name: str) -> object:
    """GET /sms/{sn}/senders/{sender}."""
    status = _known(call.account.senders, name)
    return {"sender": name, "status": status, "type": "alpha", "referer": "custom", "comment": "", "description": ""}


def blacklists(call: SandboxCall) -> object:
    """GET /sms/{sn}/blacklists."""
    return [*call.account.blacklist]


def blacklisted(call: SandboxCall, number: str) -> object:
    """GET /sms/{sn}/blacklists/{number}."""
    return {"number": number, "dateCreation": moment(_known(call.account.blacklist, number)).isoformat()}


def allow_again(call: SandboxCall, number: str) -> None:
    """DELETE /sms/{sn}/blacklists/{number}."""
    if call.account.blacklist.pop(number, None) is None:
        raise not_found(number)


def virtual_numbers(call: SandboxCall) -> object:
    """GET /sms/{sn}/virtualNumbers."""
    return [*call.account.virtual_numbers]


def virtual_number(call: SandboxCall, number: str) -> object:
    """GET /sms/{sn}/virtualNumbers/{number}."""
    return {"number": number, "countryCode": _known(call.account.virtual_numbers, number)}


def ptts(call: SandboxCall) -> object:
    """GET /sms/ptts?ptt=N."""
    code = call.query.get("ptt", "")
    if not code.isdecimal():
        raise bad_request(f"[ptt] Given data ({code}) is not valid for type long")
    description, duration = _known(PTT, int(code))
    return {"description": description, "comment": description, "duration": duration}


def estimate(call: SandboxCall) -> object:
    """POST /sms/estimate."""
    body = described(call.body, {"message": STRING, "noStopClause": BOOLEAN, "senderType": STRING})
    if missing := {"message", "noStopClause", "senderType"} - body.keys():
        raise bad_request(f"[{min(missing)}] Missing parameter")
    if body["senderType"] not in ("alpha", "numeric", "shortcode", "virtual"):
        raise bad_request(
            f"[senderType] Given data ({body['senderType']}) does not belong to the sms.SenderTypeEnum enumeration"
        )
    size = measure(f"{body['message']}{'' if body['noStopClause'] else STOP_CLAUSE}")
    kind = "unicode" if size.unicode else "7bits"
    return {
        "characters": size.units,
        "charactersClass": kind,
        "maxCharactersPerPart": size.per_part,
        "parts": size.parts,
    }


def _known(things: Mapping[Key, Thing], key: Key) -> Thing:
    """What stands under a key. Raises RefusedError."""
    if key not in things:
        raise not_found(key)
    return things[key]


def _id(text: str) -> int:
    if not text.isdecimal():
        raise bad_request(f"[id] Given data ({text}) is not valid for type long")
    return int(text)
