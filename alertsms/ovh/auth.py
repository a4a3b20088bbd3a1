"""Getting keys, and the rights that alertsms asks for.

Reference: https://eu.api.ovh.com/console/?section=%2Fauth&branch=v1
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode, urlsplit

from alertsms.ovh.client import ApiCall, Client
from alertsms.ovh.connection import Credentials
from alertsms.ovh.endpoint import CREATE_TOKEN, url_of
from alertsms.ovh.error import Certainty, OvhError
from alertsms.ovh.models import moment, text

# A key's rights can never be changed afterwards, so they cover what is not built yet too. /sms, /sms/ and /sms/* are
# three different paths: the founding guides' link grants /sms/ and gives 403 on /sms.
RIGHTS = (
    ("GET", "/auth/currentCredential"),
    ("GET", "/sms"),
    ("GET", "/sms/{service}"),
    ("PUT", "/sms/{service}"),  # the URL that receipts are called back at
    ("GET", "/sms/{service}/jobs"),
    ("POST", "/sms/{service}/jobs"),
    ("GET", "/sms/{service}/jobs/*"),
    ("GET", "/sms/{service}/virtualNumbers/*"),
    ("POST", "/sms/{service}/virtualNumbers/*/jobs"),
    ("GET", "/sms/{service}/outgoing"),
    ("GET", "/sms/{service}/outgoing/*"),
    ("GET", "/sms/{service}/incoming"),
    ("GET", "/sms/{service}/incoming/*"),
    ("GET", "/sms/{service}/senders"),
    ("GET", "/sms/{service}/senders/*"),
    ("GET", "/sms/{service}/blacklists"),
    ("DELETE", "/sms/{service}/blacklists/*"),  # somebody answered STOP to a page, and wants pages again
    ("GET", "/sms/ptts"),
    ("POST", "/sms/estimate"),
)


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class Credential:
    """A consumer key just asked for: of use once somebody has opened the validation URL. Has no telling repr."""

    consumer_key: str
    validation_url: str
    state: str  # pendingValidation, as a rule


@dataclass(frozen=True, kw_only=True, slots=True)
class CurrentCredential:
    """What OVHcloud knows of the keys in use."""

    status: str  # validated | expired | pendingValidation | refused
    expires_at: datetime | None  # aware; None for never
    rules: tuple[tuple[str, str], ...]  # (method, path)


def access_rules(service_name: str | None) -> list[tuple[str, str]]:
    """Every (method, path) that alertsms calls, now or later, on one account; None for any account."""
    service = "*" if service_name is None else quote(service_name, safe="")
    return [(method, path.format(service=service)) for method, path in RIGHTS]


def missing_rights(rules: Iterable[tuple[str, str]], service_name: str) -> list[tuple[str, str]]:
    """What access_rules() asks for and the `rules` of a key do not grant; a `*` in a rule stands for anything."""
    granted = [(method, re.compile(".*".join(map(re.escape, path.split("*"))))) for method, path in rules]
    return [
        (method, path)
        for method, path in access_rules(service_name)
        if not any(method == other and rule.fullmatch(path) for other, rule in granted)
    ]


def create_token_url(endpoint: str, service_name: str | None) -> str:
    """The page where a person makes all three keys at once, with every right filled in.

    Raises ValueError for an endpoint that base_url() refuses.
    """
    parts = urlsplit(url_of(endpoint))
    rules = urlencode(access_rules(service_name), quote_via=quote, safe="/*")
    page = CREATE_TOKEN.get(parts.netloc, f"{parts.scheme}://{parts.netloc}/createToken/")
    return f"{page}?{rules}"


def request_credential(
    base_url: str,
    application_key: str,
    rules: Iterable[tuple[str, str]],
    redirection: str | None = None,
) -> Credential:
    """POST /auth/credential: ask for a consumer key, which a person must then validate. Raises OvhError.

    `redirection` is where the browser goes after that.
    """
    keys = Credentials(application_key=application_key, application_secret="", consumer_key="")
    client = Client(base_url=base_url, credentials=keys)
    body: dict[str, object] = {"accessRules": [{"method": method, "path": path} for method, path in rules]}
    if redirection is not None:
        body["redirection"] = redirection
    try:
        call = ApiCall(name="credential", method="POST", path="/auth/credential", body=body, signed=False)
        reply = client.answer(call).value
    finally:
        client.close()
    if not isinstance(reply, dict) or not text(reply.get("consumerKey")) or not text(reply.get("validationUrl")):
        raise OvhError(certainty=Certainty.UNKNOWN, code="unreadable", message="no consumer key", call="credential")
    return Credential(
        consumer_key=text(reply["consumerKey"]),
        validation_url=text(reply["validationUrl"]),
        state=text(reply.get("state")),
    )


def current_credential(client: Client) -> CurrentCredential:
    """GET /auth/currentCredential. Raises OvhError."""
    reply = client.get("/auth/currentCredential", call="current_credential")
    if not isinstance(reply, dict):
        raise OvhError(certainty=Certainty.TEMPORARY, code="unreadable", call="current_credential")
    rules = reply.get("rules")
    granted = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    return CurrentCredential(
        status=text(reply.get("status")),
        expires_at=moment(reply.get("expiration")),
        rules=tuple((text(rule.get("method")), text(rule.get("path"))) for rule in granted),
    )
