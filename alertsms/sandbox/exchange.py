"""A request, its response, and the ways in which a response may fail to arrive."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from http import HTTPStatus

JSON = {"content-type": "application/json; charset=utf-8"}
REASONS = {status.value: status.phrase for status in HTTPStatus}
HTML = {"content-type": "text/html; charset=utf-8"}


class ExchangeEnd(StrEnum):
    """What the transport does with a response."""

    ANSWER = "answer"  # sends it
    CLOSE = "hang"  # waits `delay` seconds, then closes the connection without a byte
    RESET = "reset"  # resets the connection (TCP RST) without a byte


class CallName(StrEnum):
    """The names by which calls are counted and faults are set."""

    TIME = "time"
    CREDENTIAL = "credential"
    CURRENT = "currentCredential"
    SERVICES = "services"
    ACCOUNT = "account"
    JOBS = "jobs"  # POST, of the account or of a virtual number
    PENDING = "pending"  # GET and DELETE below jobs
    OUTGOING = "outgoing"
    INCOMING = "incoming"
    SENDERS = "senders"
    BLACKLISTS = "blacklists"
    VIRTUAL = "virtualNumbers"
    PTTS = "ptts"
    ESTIMATE = "estimate"
    UNKNOWN = "unknown"


class ErrorShape(StrEnum):
    """OVHcloud has two shapes of error body; both are in use."""

    OLD = "old"  # {"errorCode", "httpCode", "message"}
    NEW = "new"  # {"class", "message", "details"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One HTTP request, as its bytes were: the signature covers the URL and the body exactly."""

    method: str
    url: str  # the whole URL as the client wrote it, percent-encoding included
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """One HTTP response, and how its sending ends."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0  # seconds that the transport waits first
    end: ExchangeEnd = ExchangeEnd.ANSWER

    @property
    def outcome(self) -> str:
        """How it is counted: the status code, or "hang" or "reset" where there is none."""
        return str(self.status) if self.end is ExchangeEnd.ANSWER else self.end


@dataclass(eq=False)
class RefusedError(Exception):
    """A call that is answered with an error."""

    status: int
    code: str
    message: str

    def body(self, shape: ErrorShape) -> object:
        """Return the error as OVHcloud writes it."""
        reason = HTTPStatus(self.status).phrase
        if shape is ErrorShape.OLD:
            return {"errorCode": self.code, "httpCode": f"{self.status} {reason}", "message": self.message}
        side = "Server" if self.status >= HTTPStatus.INTERNAL_SERVER_ERROR else "Client"
        return {"class": f"{side}::{reason.replace(' ', '')}", "message": self.message, "details": {}}


def bad_request(message: str) -> RefusedError:
    """Return the refusal of a request whose content is wrong."""
    return RefusedError(400, "INVALID_ARGUMENT", message)


def not_found(what: object) -> RefusedError:
    """Return the refusal of a request for a thing that is not there."""
    return RefusedError(404, "NOT_FOUND", f"The requested object (id = {what}) does not exist")


def as_json(value: object, status: int = 200) -> Response:
    """Return `value` as a JSON response."""
    return Response(status=status, headers=JSON, body=json.dumps(value).encode())
