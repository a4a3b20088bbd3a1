"""The URLs of the API, and how a call finds the function that answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alertsms.sandbox import calls
from alertsms.sandbox.calls import SandboxCall
from alertsms.sandbox.exchange import CallName, RefusedError


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiRoute:
    """One URL of the API."""

    call: CallName
    segments: tuple[str, ...]
    handle: Callable[..., object]
    signed: bool

    def arguments(self, path: tuple[str, ...]) -> list[str] | None:
        """Return what stands in place of the {names}, or None when `path` is another URL."""
        arguments = []
        for mine, theirs in zip(self.segments, path, strict=True):
            if mine[:1] == "{":
                arguments.append(theirs)
            elif mine != theirs:
                return None
        return arguments


_TABLE: tuple[tuple[str, str, CallName, Callable[..., object]], ...] = (
    ("GET", "/auth/time", CallName.TIME, calls.ovh_time),
    ("POST", "/auth/credential", CallName.CREDENTIAL, calls.credential),
    ("GET", "/auth/currentCredential", CallName.CURRENT, calls.current_credential),
    ("GET", "/sms", CallName.SERVICES, calls.services),
    ("GET", "/sms/", CallName.SERVICES, calls.services),
    ("GET", "/sms/ptts", CallName.PTTS, calls.ptts),
    ("POST", "/sms/estimate", CallName.ESTIMATE, calls.estimate),
    ("GET", "/sms/{sn}", CallName.ACCOUNT, calls.account),
    ("PUT", "/sms/{sn}", CallName.ACCOUNT, calls.change_account),
    ("POST", "/sms/{sn}/jobs", CallName.JOBS, calls.send),
    ("GET", "/sms/{sn}/jobs", CallName.PENDING, calls.pending),
    ("GET", "/sms/{sn}/jobs/{id}", CallName.PENDING, calls.pending_job),
    ("DELETE", "/sms/{sn}/jobs/{id}", CallName.PENDING, calls.cancel),
    ("GET", "/sms/{sn}/outgoing", CallName.OUTGOING, calls.sent),
    ("GET", "/sms/{sn}/outgoing/{id}", CallName.OUTGOING, calls.sent_message),
    ("GET", "/sms/{sn}/incoming", CallName.INCOMING, calls.replies),
    ("GET", "/sms/{sn}/incoming/{id}", CallName.INCOMING, calls.reply),
    ("DELETE", "/sms/{sn}/incoming/{id}", CallName.INCOMING, calls.forget_reply),
    ("GET", "/sms/{sn}/senders", CallName.SENDERS, calls.senders),
    ("GET", "/sms/{sn}/senders/{sender}", CallName.SENDERS, calls.sender),
    ("GET", "/sms/{sn}/blacklists", CallName.BLACKLISTS, calls.blacklists),
    ("GET", "/sms/{sn}/blacklists/{number}", CallName.BLACKLISTS, calls.blacklisted),
    ("DELETE", "/sms/{sn}/blacklists/{number}", CallName.BLACKLISTS, calls.allow_again),
    ("GET", "/sms/{sn}/virtualNumbers", CallName.VIRTUAL, calls.virtual_numbers),
    ("GET", "/sms/{sn}/virtualNumbers/{number}", CallName.VIRTUAL, calls.virtual_number),
    ("POST", "/sms/{sn}/virtualNumbers/{number}/jobs", CallName.JOBS, calls.send),
    ("GET", "/sms/{sn}/virtualNumbers/{number}/incoming", CallName.INCOMING, calls.virtual_replies),
    ("GET", "/sms/{sn}/virtualNumbers/{number}/incoming/{id}", CallName.INCOMING, calls.virtual_reply),
)
_UNSIGNED = (CallName.TIME, CallName.CREDENTIAL)
_ROUTES: dict[tuple[str, int], list[ApiRoute]] = {}
for _method, _path, _call, _handle in _TABLE:
    _segments = tuple(_path.split("/"))
    _route = ApiRoute(call=_call, segments=_segments, handle=_handle, signed=_call not in _UNSIGNED)
    _ROUTES.setdefault((_method, len(_segments)), []).append(_route)


def _nowhere(_: SandboxCall) -> None:
    raise RefusedError(404, "INVALID_URL", "Got an invalid (or empty) URL")


NOWHERE = ApiRoute(call=CallName.UNKNOWN, segments=(), handle=_nowhere, signed=False)


def find(method: str, path: str) -> tuple[ApiRoute, list[str]]:
    """Return the route of `path` (below /1.0, decoded) and its arguments; NOWHERE when there is none."""
    segments = tuple(path.split("/"))
    for route in _ROUTES.get((method, len(segments)), ()):
        arguments = route.arguments(segments)
        if arguments is not None:
            return route, arguments
    return NOWHERE, []


def carry_out(route: ApiRoute, arguments: list[str], asked: SandboxCall) -> object:
    """Return what the call answers, or raise RefusedError; with X-Ovh-Batch a list of {key, value}."""
    if "{sn}" in route.segments and arguments.pop(0) != asked.account.name:
        raise RefusedError(404, "NOT_FOUND", "This service does not exist")
    separator = asked.request.headers.get("x-ovh-batch", "")
    if not separator or not arguments or asked.request.method != "GET":
        return route.handle(asked, *arguments)
    return [_one_of_batch(route, asked, arguments[:-1], key) for key in arguments[-1].split(separator)]


def _one_of_batch(route: ApiRoute, asked: SandboxCall, arguments: list[str], key: str) -> object:
    try:
        return {"key": key, "value": route.handle(asked, *arguments, key)}
    except RefusedError as error:
        return {"key": key, "value": None, "error": error.message}
