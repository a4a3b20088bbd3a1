"""What a request may send, judged by its headers: by a secret that they show, or as a stranger's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from flask import Request

from alertsms.web.guard import FORMS, INTAKE, NO_WEBHOOK, Guard, below, outside

MAX_BODY = 16 * 1024 * 1024  # bytes
SMALL = 64 * 1024  # bytes of what is no webhook: a receipt, a command
FORM = 4 * 1024  # bytes of a form of a page: reading one of 64 KiB takes 25 ms of the processor
SIGNED_BODY = 2 * 1024 * 1024  # bytes of a body that has to be read before its sender is known
BODY_SECONDS, STRANGE_SECONDS = 60.0, 10.0  # from the end of the headers to the end of the body


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """What one request may send, by its headers."""

    known: bool = False  # its headers show a secret
    most: int  # bytes of its body; 0: its answer does not depend on that
    seconds: float = STRANGE_SECONDS
    signed: bool = False  # the body tells whether its signature is right
    quoted: bool = False  # what is too large is told of by its beginning
    early: bool = False  # nobody can answer it yet; who answers may come in between


KNOWN = Allowance(known=True, most=MAX_BODY, seconds=BODY_SECONDS, quoted=True)
COMMAND = Allowance(known=True, most=SMALL, seconds=BODY_SECONDS)
ANYBODY = Allowance(most=MAX_BODY, seconds=BODY_SECONDS, quoted=True)  # where no secret is asked for
SIGNED = Allowance(most=SIGNED_BODY, signed=True)
STRANGER = Allowance(most=SMALL)
FILLS_IN = Allowance(most=FORM)
UNREAD = Allowance(most=0)
EARLY = Allowance(most=0, early=True)


class Doorkeeper:
    """Judges as the doors themselves do, by the same secrets."""

    def __init__(self, *, guard: Guard, remembers: Callable[[Request], bool]) -> None:
        """`remembers` knows the tokens of the API as of the last look into the store."""
        self.guard, self._remembers = guard, remembers

    def judge(self, request: Request) -> Allowance:
        """What a request may send. Its body has not come yet; everybody waits for this, so that it asks no store."""
        reach = self.guard.reach
        gate, headers = reach.gate, cast("Mapping[str, str]", request.headers)  # they have get()
        path = f"/{request.path.lstrip('/')}"
        sender = gate.shown(headers) or (gate.open and not outside(request, external_url=reach.external_url))
        if below(path, INTAKE):
            if sender or gate.open:
                return KNOWN if sender else ANYBODY
            return SIGNED if gate.signed(headers) else UNREAD
        if sender and not request.path.startswith(NO_WEBHOOK):
            return KNOWN  # it believes that it pages people, and a refusal is to quote its alert
        if sender or self._remembers(request):
            return COMMAND
        return FILLS_IN if below(path, FORMS) else STRANGER
