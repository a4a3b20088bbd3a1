"""The sandbox itself: an OVHcloud SMS API in one object, `answer(request) -> response`, and the URLs of its calls."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from threading import Condition
from urllib.parse import parse_qsl, unquote

from alertsms.sandbox import calls, control
from alertsms.sandbox.account import SandboxAccount
from alertsms.sandbox.callback import Callbacks
from alertsms.sandbox.calls import SandboxCall
from alertsms.sandbox.exchange import CallName, ErrorShape, RefusedError, Request, Response, as_json, bad_request
from alertsms.sandbox.faults import FaultKind, Faults
from alertsms.sandbox.keys import ConsumerKeys, SigningSecrets, pager_rules
from alertsms.sandbox.message import SandboxMessage


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


SECRETS = SigningSecrets()


class Sandbox:
    """An OVHcloud SMS account with one application and one key. Safe to use from any thread; never sleeps."""

    def __init__(
        self,
        *,
        secrets: SigningSecrets = SECRETS,
        account: SandboxAccount | None = None,
        errors: ErrorShape = ErrorShape.OLD,
        window: float = 60.0,
        seed: int = 0,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`window`: seconds that a timestamp may be off; `seed`: of the faults' chance; `wall`: Unix seconds."""
        self.credentials = secrets
        self.account = account or SandboxAccount()
        self.wall = wall
        self.errors = errors
        self.faults = Faults(seed)
        self.callbacks = Callbacks()
        self.keys = ConsumerKeys(self.credentials, window=window)
        self.keys.grant(pager_rules(self.account.name), now=wall(), key=self.credentials.consumer_key)
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)  # call -> status, hang or reset -> how many
        self.changed = Condition()  # guards the account, the keys and the counts; notified when messages are accepted
        self._queries = count(1)

    @property
    def accepted(self) -> list[SandboxMessage]:
        """Every message accepted since the last reset, in order."""
        with self.changed:
            return list(self.account.messages.values())

    def wait_for(self, count: int, timeout: float) -> bool:
        """Wait at most `timeout` seconds until `count` messages are accepted; return whether they are."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.account.messages) >= count, timeout)

    def reset(self) -> None:
        """Forget messages, replies, blacklist, counts and faults, and fill the balance; keys and settings stay."""
        with self.changed:
            self.account.clear()
            self.counts.clear()
            self.faults.clear()
            self.callbacks.clear()

    def count(self, call: str, outcome: str) -> None:
        """Count one request, or one callback."""
        with self.changed:
            self.counts[call][outcome] += 1

    def answer(self, request: Request) -> Response:
        """Answer one request: the API below /1.0 (and /v1), the sandbox's own pages elsewhere."""
        target = request.url.partition("://")[2].partition("/")[2]
        path, _, query = target.partition("?")
        version, _, rest = path.partition("/")
        if version in ("1.0", "v1"):
            return self._call(request, "/" + unquote(rest), query, target)
        return control.answer(self, request, "/" + path, dict(parse_qsl(query)))

    def _call(self, request: Request, path: str, query: str, target: str) -> Response:
        route, arguments = find(request.method, path)
        strike = self.faults.strike(route.call, request.body)
        now = self.wall()
        call = SandboxCall(
            account=self.account,
            keys=self.keys,
            consumer=None,
            request=request,
            query=dict(parse_qsl(query, keep_blank_values=True)),
            body=None,
            now=now,
            ovh_now=now + strike.seconds(FaultKind.CLOCK_JUMP),
            strike=strike,
            accepted=[],
        )
        response = None if strike.lost else self._carry_out(route, arguments, path, call)
        response = strike.response(response, "/" + target)
        self.count(route.call, response.outcome)
        return response

    def _carry_out(self, route: ApiRoute, arguments: list[str], path: str, call: SandboxCall) -> Response:
        try:
            with self.changed:
                call.consumer = self.keys.check(call.request, path, call.ovh_now) if route.signed else None
            call.body = _parse(call.request.body)
            with self.changed:
                value = carry_out(route, arguments, call)
                self._announce(call.accepted)
            response = as_json(value)
        except RefusedError as error:
            response = as_json(error.body(self.errors), error.status)
        headers = {**response.headers, "x-ovh-queryid": f"SANDBOX.{int(call.now):x}.{next(self._queries)}"}
        return Response(status=response.status, headers=headers, body=response.body)

    def _announce(self, accepted: list[SandboxMessage]) -> None:
        """Wake those who wait for messages and plan the receipts. The lock is held."""
        if not accepted:
            return
        callback = self.account.settings["callBack"]
        for message in accepted if callback else ():
            self.callbacks.expect(str(callback), message)
        self.changed.notify_all()


def _parse(body: bytes) -> object:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        raise bad_request("Received body is not valid JSON") from None
