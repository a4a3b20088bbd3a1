"""The calls below /auth: the clock, and the keys (https://eu.api.ovh.com/console/?section=%2Fauth)."""

from __future__ import annotations

from alertsms.sandbox.asked import Asked
from alertsms.sandbox.exchange import bad_request
from alertsms.sandbox.keys import AccessRule, KeyState
from alertsms.sandbox.message import moment


def time(asked: Asked) -> object:
    """GET /auth/time."""
    return int(asked.ovh_now)


def credential(asked: Asked) -> object:
    """POST /auth/credential: a key that works once its validation link was opened."""
    asked.keys.check_application(asked.request)
    body = asked.body if isinstance(asked.body, dict) else {}
    if unknown := set(body) - {"accessRules", "redirection", "allowedIPs"}:
        raise bad_request(f"Received not described parameters: ({', '.join(sorted(unknown))})")
    redirection = body.get("redirection")
    if redirection is not None and not str(redirection).startswith(("http://", "https://")):
        raise bad_request(f"[redirection] Given data ({redirection}) is not valid for type string")
    rules = [_rule(rule) for rule in body.get("accessRules") or [None]]
    consumer = asked.keys.grant(rules, now=asked.now, state=KeyState.PENDING, redirection=redirection)
    site = "/".join(asked.request.url.split("/", 3)[:3])
    link = f"{site}/sandbox/validate?credentialToken={consumer.token}"
    return {"consumerKey": consumer.key, "state": consumer.state, "validationUrl": link}


def _rule(rule: object) -> AccessRule:
    if isinstance(rule, dict) and rule.keys() == {"method", "path"}:
        method, path = rule["method"], rule["path"]
        if method in ("GET", "POST", "PUT", "DELETE") and isinstance(path, str) and path.startswith("/"):
            return AccessRule(method=method, path=path)
    raise bad_request(f"[accessRules] Given data ({rule}) is not valid for type auth.AccessRule[]")


def current_credential(asked: Asked) -> object:
    """GET /auth/currentCredential."""
    consumer = asked.consumer
    assert consumer is not None  # noqa: S101 - the table says that this call is signed
    return {
        "credentialId": consumer.id,
        "applicationId": 1,
        "status": consumer.standing(asked.now),
        "creation": moment(consumer.created).isoformat(),
        "expiration": moment(consumer.expires_at).isoformat() if consumer.expires_at is not None else None,
        "lastUse": moment(consumer.last_use).isoformat() if consumer.last_use is not None else None,
        "rules": [{"method": rule.method, "path": rule.path} for rule in consumer.rules],
        "allowedIPs": None,
        "ovhSupport": False,
    }
