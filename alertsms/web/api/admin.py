"""The API that changes something: reload, and a test SMS."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response

from alertsms.context import Context
from alertsms.core.alerts.document import scrub
from alertsms.core.schedules.person import Person
from alertsms.core.text.json_shape import Shape, flag, numbers, whole
from alertsms.oncall.phone_check import PhoneCheck
from alertsms.store.apply import page_by_hand
from alertsms.web.api.tokens import ApiTokens
from alertsms.web.json_response import Refused, answer, sent_object, storing

TEST_TEXT = "Test from alertsms: SMS paging works for {name}."
MAX_TEXT = 1000  # characters that a test SMS may be given; it is cut to its segments

SENT: Shape[object] = Shape(
    {
        "page": whole("The page to ask /api/v1/messages about."),
        "pages": numbers("All of them, where each number is asked to confirm."),
    }
)
CONFIRMED: Shape[object] = Shape({"confirmed": flag()})


class Api:
    """Commands that change something ask here, so that only the running server writes."""

    def __init__(
        self,
        *,
        context: Context,
        tokens: ApiTokens,
        reload: Callable[[], list[str]],
        wake: Callable[[], None],
        phone_check: PhoneCheck,
    ) -> None:
        """`tokens` open it; `reload` returns the mistakes it found."""
        self._phone_check, self.tokens = phone_check, tokens
        self._store, self._roster, self._clock = context.store, context.roster, context.clock
        self._reload, self._wake = reload, wake

    def reload(self) -> Response:
        """POST /-/reload: 200 once the new file is in force; 422 with its mistakes, and the old one stays."""
        mistakes = self._reload()
        if mistakes:
            return answer(
                422, {"error": "The file has mistakes; the running configuration stays.", "mistakes": mistakes}
            )
        return answer(200, {"reloaded": True})

    def send(self) -> Response:
        """POST /api/v1/send {"person": "alice", "text": "..."}: one test SMS to one person of the configuration.

        With {"confirm": true} in place of the text each of their numbers is asked whether it is theirs.
        """
        wanted = sent_object()
        people = self._roster().people
        person = people.get(str(wanted.get("person", "")))
        if person is None:
            raise Refused(
                404, f"{wanted.get('person')!r} is nobody of the configuration: it has {', '.join(sorted(people))}."
            )
        if wanted.get("confirm"):
            return self._confirm(person, witness=bool(wanted.get("witness")))
        text = scrub(str(wanted.get("text") or TEST_TEXT.format(name=person.name))[:MAX_TEXT])
        now = self._clock()
        with storing():
            number = self._store.transact(lambda tx: page_by_hand(tx, person.name, text, now))
        self._wake()
        return answer(202, SENT.of(page=number, pages=[number]))

    def confirmed(self) -> Response:
        """POST /api/v1/confirmations {"page": 12}: somebody saw that phone show the SMS."""
        page = sent_object().get("page")
        with storing():
            known = type(page) is int and self._phone_check.confirm_shown(page)
        if not known:
            raise Refused(404, f"{page!r} is no page to anybody of the configuration.")
        return answer(200, CONFIRMED.of(confirmed=True))

    def _confirm(self, person: Person, *, witness: bool) -> Response:
        """`witness`: whoever sends it will see whether it arrives, so that the phone needs no way to say so."""
        if not self._phone_check.possible and not witness:
            raise Refused(
                409,
                "A phone has no way to confirm: set server.external_url, so that an SMS can carry a link, or send by a"
                " number that can be answered (ovh.sender_for_response, ovh.virtual_number).",
            )
        with storing():
            pages = self._phone_check.ask(person)
        return answer(202, SENT.of(page=pages[0], pages=pages))
