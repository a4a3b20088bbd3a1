"""SMS that come back: what people type half asleep, in two languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertsms.core.text.reply import Intent, Reply, read_reply

MINE = Reply(wish=Intent.ACKNOWLEDGE)
AUTOMATIC = Reply(wish=Intent.AUTOMATIC)
UNCLEAR = Reply(wish=Intent.UNCLEAR)
ALL = Reply(wish=Intent.ACKNOWLEDGE, everything=True)


def these(*numbers: int) -> Reply:
    return Reply(wish=Intent.ACKNOWLEDGE, numbers=numbers)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ok", MINE),
        ("OK", MINE),
        (" Ok. ", MINE),
        ("1", MINE),
        ("ack", MINE),
        ("Ack!", MINE),
        ("pris", MINE),
        ("Pris, merci", MINE),
        ("oui", MINE),
        ("J'ai", MINE),
        ("d’accord", MINE),
        ("REÇU", MINE),
        ("got it", MINE),
        ("on it", MINE),
        ("Je prends", MINE),
        ("je m'en occupe", MINE),
        ("I have it", MINE),
        ("I've got it", MINE),
        ("je sais", UNCLEAR),
        ("got pizza?", UNCLEAR),
        ("on", UNCLEAR),
        ("i", UNCLEAR),
        ("yes I have it", MINE),
        ("\n\nok\n> CRITICAL HighCPU web-01 #42", MINE),
        ("ok 👍", MINE),
        ("42", these(42)),
        ("#42", these(42)),
        ("ack 42", these(42)),
        ("ACK #42, #43", these(42, 43)),
        ("1 42", these(42)),
        ("ok 1", these(1)),
        ("ack all", ALL),
        ("ok tout", ALL),
        ("ack all 42", these(42)),
        ("snooze #42 2h", Reply(wish=Intent.SNOOZE, numbers=(42,), wait=timedelta(hours=2))),
        ("Snooze 30m", Reply(wish=Intent.SNOOZE, wait=timedelta(minutes=30))),
        ("snooze all 2h", Reply(wish=Intent.SNOOZE, everything=True, wait=timedelta(hours=2))),
        ("snooze", UNCLEAR),
        ("snooze 42", UNCLEAR),
        ("snooze 1h 2h", UNCLEAR),
        ("snooze 9999h", UNCLEAR),
        ("snooze 7d", Reply(wish=Intent.SNOOZE, wait=timedelta(days=7))),
        ("snooze 169h", UNCLEAR),
        ("ok " + "x" * 57, Reply(wish=Intent.ACKNOWLEDGE)),
        ("ok " + "x" * 58, AUTOMATIC),
        ("snooze 42 5s", UNCLEAR),
        ("snooze 1ms", UNCLEAR),
        ("STOP", Reply(wish=Intent.STOP)),
        ("Stop.", Reply(wish=Intent.STOP)),
        ("arrêt", Reply(wish=Intent.STOP)),
        ("", UNCLEAR),
        ("?", UNCLEAR),
        ("👍", UNCLEAR),
        ("who is this", UNCLEAR),
        ("no", UNCLEAR),
        ("not ok", UNCLEAR),
        ("Je conduis avec la fonction Ne pas déranger", AUTOMATIC),
        ("I'm driving", AUTOMATIC),
        ("Ok, I am in a meeting, will call you back", AUTOMATIC),
        ("1 missed call from +33142345678", AUTOMATIC),
        ("Oui bonjour vous êtes bien sur le portable d'Alice, laissez-moi un SMS", AUTOMATIC),
        ("ok sauf 42", UNCLEAR),
        ("ok all but 42", UNCLEAR),
        ("ok tout sauf 42", UNCLEAR),
        ("ok mais pas 3", UNCLEAR),
        ("ok in 10 min", UNCLEAR),
        ("ok j'arrive dans 5 min", UNCLEAR),
        ("ok at 3", UNCLEAR),
        ("10 minutes", UNCLEAR),
        ("ok, la dans 10", UNCLEAR),
        ("y a quoi ?", UNCLEAR),
        ("moi je dors", UNCLEAR),
        ("moi", MINE),
        ("y 42", these(42)),
        ("ok #10 in a minute", these(10)),
        ("ok no", UNCLEAR),
        ("je ne peux pas", UNCLEAR),
        ("ack 0", MINE),
    ],
)
def test_what_a_reply_means(text, meant):
    assert read_reply(text) == meant


@given(st.text(max_size=400))
def test_any_text_means_something(text):
    reply = read_reply(text)
    assert (reply.wait is not None) == (reply.wish is Intent.SNOOZE)
