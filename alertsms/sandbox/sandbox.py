"""The sandbox itself: an OVHcloud SMS API in one object, `answer(request) -> response`, and what it calls back."""

from __future__ import annotations

import heapq
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from itertools import count
from threading import Condition
from urllib.parse import parse_qsl, unquote, urlencode

from alertsms.sandbox import control
from alertsms.sandbox.account import SandboxAccount
from alertsms.sandbox.calls import UNSIGNED, ApiRoute, SandboxCall, carry_out, find
from alertsms.sandbox.exchange import ErrorShape, RefusedError, Request, Response, as_json, bad_request
from alertsms.sandbox.faults import FaultKind, Faults
from alertsms.sandbox.keys import ConsumerKeys, SigningSecrets, pager_rules
from alertsms.sandbox.message import PTT, OperatorReceipt, SandboxMessage, moment

SECRETS = SigningSecrets()
MOST_WAITING = 20_000  # receipts; more are dropped, so that a sandbox left running cannot fill the memory


def callback_url(base: str, message: SandboxMessage, receipt: OperatorReceipt) -> str:
    """Return `base` with the receipt added to its query.

    `description` is the receipt code and `descriptionDlr` its text (guide to SMS users); the tag is not among them.
    """
    query = urlencode(
        {
            "id": message.id,
            "ptt": receipt.ptt,
            "date": moment(message.leaves_at + receipt.after).isoformat(),
            "description": int(receipt.delivery),
            "descriptionDlr": PTT.get(receipt.ptt, ("Unknown",))[0],
        }
    )
    return f"{base}{'&' if '?' in base else '?'}{query}"


class Callbacks:
    """The receipts that will be called back, soonest first; safe to use from any thread."""

    def __init__(self, most: int = MOST_WAITING) -> None:
        self._most = most
        self._ready = Condition()
        self._waiting: list[tuple[float, int, str]] = []
        self._order = count()

    def expect(self, base: str, message: SandboxMessage) -> None:
        """Plan a call to `base` for each receipt of `message`."""
        with self._ready:
            for receipt in message.receipts[: max(self._most - len(self._waiting), 0)]:
                due = message.leaves_at + receipt.after
                heapq.heappush(self._waiting, (due, next(self._order), callback_url(base, message, receipt)))
            self._ready.notify_all()

    def clear(self) -> None:
        """Forget the calls that are not made yet."""
        with self._ready:
            self._waiting.clear()

    def wake(self) -> None:
        """End every wait."""
        with self._ready:
            self._ready.notify_all()

    def take(self, now: float) -> str | None:
        """Return the URL of the next call that is due at `now` (Unix seconds), once."""
        with self._ready:
            if self._waiting and self._waiting[0][0] <= now:
                return heapq.heappop(self._waiting)[2]
        return None

    def wait(self, now: float, longest: float) -> None:
        """Wait until a call may be due, at most `longest` seconds."""
        with self._ready:
            due = self._waiting[0][0] - now if self._waiting else longest
            if due > 0:
                self._ready.wait(min(due, longest))


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
                if route.call not in UNSIGNED:
                    call.consumer = self.keys.check(call.request, path, call.ovh_now)
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
