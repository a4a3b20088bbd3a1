"""The calls below /sms that a pager makes, one function each (https://eu.api.ovh.com/console/?section=%2Fsms)."""

from __future__ import annotations

from alertsms.sandbox.alphabet import measure
from alertsms.sandbox.asked import Asked
from alertsms.sandbox.exchange import bad_request, not_found
from alertsms.sandbox.job import BOOLEAN, STOP_CLAUSE, STRING, described, read_job
from alertsms.sandbox.message import moment
from alertsms.sandbox.outgoing import REPLY_FILTERS, job, matcher, outgoing
from alertsms.sandbox.ptt import PTT


def services(asked: Asked) -> object:
    """GET /sms."""
    return [asked.account.name]


def account(asked: Asked) -> object:
    """GET /sms/{sn}."""
    fixed = {"status": "enable", "channel": "both", "smpp": False, "creditsHoldByQuota": 0, "userQuantityWithQuota": 0}
    return {"name": asked.account.name, "creditsLeft": asked.account.credits, **fixed, **asked.account.settings}


WRITABLE = ("callBack", "stopCallBack", "description", "smsResponse", "templates")
RECREDIT = ("creditThresholdForAutomaticRecredit", "automaticRecreditAmount")
READ_ONLY = ("name", "status", "creditsLeft", "creditsHoldByQuota", "userQuantityWithQuota", "channel", "smpp", "iam")


def change_account(asked: Asked) -> None:
    """PUT /sms/{sn}: what is read-only is taken and ignored."""
    body = asked.body
    if not isinstance(body, dict):
        raise bad_request("Received body is not a JSON object")
    if unknown := set(body) - {*WRITABLE, *RECREDIT, *READ_ONLY}:
        raise bad_request(f"Received not described parameters: ({', '.join(sorted(unknown))})")
    for name in ("callBack", "stopCallBack"):
        url = body.get(name)
        if url is not None and not str(url).startswith(("http://", "https://")):
            raise bad_request(f"[{name}] Given data ({url}) is not valid for type string")
    asked.account.settings |= {name: value for name, value in body.items() if name in (*WRITABLE, *RECREDIT)}


def send(asked: Asked, virtual_number: str = "") -> object:
    """POST /sms/{sn}/jobs, and POST /sms/{sn}/virtualNumbers/{number}/jobs."""
    if virtual_number and virtual_number not in asked.account.virtual_numbers:
        raise not_found(virtual_number)
    wanted = read_job(asked.body, virtual_number=virtual_number)
    accepted, refused = asked.account.submit(wanted, asked.now, asked.strike)
    asked.accepted.extend(accepted)
    return {
        "ids": [message.id for message in accepted],
        "validReceivers": [message.receiver for message in accepted],
        "invalidReceivers": refused,
        "totalCreditsRemoved": sum(message.credits for message in accepted),
        "creditsLeft": asked.account.credits,
        "tag": wanted.tag,
    }


def pending(asked: Asked) -> object:
    """GET /sms/{sn}/jobs: no filters."""
    return [message.id for message in asked.account.messages.values() if message.pending(asked.now)]


def pending_job(asked: Asked, id_: str) -> object:
    """GET /sms/{sn}/jobs/{id}."""
    message = asked.account.messages.get(_id(id_))
    if message is None or not message.pending(asked.now):
        raise not_found(id_)
    return job(message, asked.now)


def cancel(asked: Asked, id_: str) -> None:
    """DELETE /sms/{sn}/jobs/{id}."""
    asked.account.cancel(_id(id_), asked.now)


def sent(asked: Asked) -> object:
    """GET /sms/{sn}/outgoing."""
    matches = matcher(asked.query)
    found = asked.account.sent(asked.now, asked.query.get("tag"))
    return [message.id for message in found if matches(message, asked.now)]


def sent_message(asked: Asked, id_: str) -> object:
    """GET /sms/{sn}/outgoing/{id}."""
    message = asked.account.messages.get(_id(id_))
    if message is None or not message.sent(asked.now):
        raise not_found(id_)
    return outgoing(message, asked.now)


def replies(asked: Asked) -> object:
    """GET /sms/{sn}/incoming."""
    matches = matcher(asked.query, REPLY_FILTERS)
    return [reply.id for reply in asked.account.incoming.values() if matches(reply, asked.now)]


def reply(asked: Asked, id_: str) -> object:
    """GET /sms/{sn}/incoming/{id}."""
    found = asked.account.incoming.get(_id(id_))
    if found is None:
        raise not_found(id_)
    created = moment(found.at).isoformat()
    ends = {"sender": found.sender, "message": found.text, "tag": found.tag}
    return {"id": found.id, "creationDatetime": created, "credits": 0.0, **ends}


def forget_reply(asked: Asked, id_: str) -> None:
    """DELETE /sms/{sn}/incoming/{id}."""
    if asked.account.incoming.pop(_id(id_), None) is None:
        raise not_found(id_)


def virtual_replies(asked: Asked, number: str) -> object:
    """GET /sms/{sn}/virtualNumbers/{number}/incoming: all that came in, since such an account has this number only."""
    virtual_number(asked, number)
    return replies(asked)


def virtual_reply(asked: Asked, number: str, id_: str) -> object:
    """GET /sms/{sn}/virtualNumbers/{number}/incoming/{id}."""
    virtual_number(asked, number)
    return reply(asked, id_)


def senders(asked: Asked) -> object:
    """GET /sms/{sn}/senders."""
    return [*asked.account.senders]


def sender(asked: Asked, name: str) -> object:
    """GET /sms/{sn}/senders/{sender}."""
    if name not in asked.account.senders:
        raise not_found(name)
    status = asked.account.senders[name]
    return {"sender": name, "status": status, "type": "alpha", "referer": "custom", "comment": "", "description": ""}


def blacklists(asked: Asked) -> object:
    """GET /sms/{sn}/blacklists."""
    return [*asked.account.blacklist]


def blacklisted(asked: Asked, number: str) -> object:
    """GET /sms/{sn}/blacklists/{number}."""
    if number not in asked.account.blacklist:
        raise not_found(number)
    return {"number": number, "dateCreation": moment(asked.account.blacklist[number]).isoformat()}


def allow_again(asked: Asked, number: str) -> None:
    """DELETE /sms/{sn}/blacklists/{number}."""
    if asked.account.blacklist.pop(number, None) is None:
        raise not_found(number)


def virtual_numbers(asked: Asked) -> object:
    """GET /sms/{sn}/virtualNumbers."""
    return [*asked.account.virtual_numbers]


def virtual_number(asked: Asked, number: str) -> object:
    """GET /sms/{sn}/virtualNumbers/{number}."""
    if number not in asked.account.virtual_numbers:
        raise not_found(number)
    return {"number": number, "countryCode": asked.account.virtual_numbers[number]}


def ptts(asked: Asked) -> object:
    """GET /sms/ptts?ptt=N."""
    code = asked.query.get("ptt", "")
    if not code.isdecimal():
        raise bad_request(f"[ptt] Given data ({code}) is not valid for type long")
    if int(code) not in PTT:
        raise not_found(code)
    description, duration = PTT[int(code)]
    return {"description": description, "comment": description, "duration": duration}


def estimate(asked: Asked) -> object:
    """POST /sms/estimate."""
    body = described(asked.body, {"message": STRING, "noStopClause": BOOLEAN, "senderType": STRING})
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


def _id(text: str) -> int:
    if not text.isdecimal():
        raise bad_request(f"[id] Given data ({text}) is not valid for type long")
    return int(text)
