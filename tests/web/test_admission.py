"""Who may send how much, without sockets: by the headers of a request, by bytes, by places."""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from flask import Request

from alertsms.config.server import Hmac
from alertsms.logs import MOST
from alertsms.web.admission import (
    ANYBODY,
    COMMAND,
    FILLS_IN,
    FORM,
    KNOWN,
    MAX_BODY,
    SIGNED,
    SIGNED_BODY,
    SMALL,
    STRANGE_SECONDS,
    STRANGER,
    UNREAD,
    Allowance,
    Doorkeeper,
)
from alertsms.web.auth import Gate
from alertsms.web.capacity import (
    CONNECTIONS,
    KNOWN_BYTES,
    LARGE_BYTES,
    PER_ADDRESS,
    RESERVED,
    SIGNED_AT_ONCE,
    SLOWLY,
    STRANGE_BYTES,
    WITHIN,
    Bodies,
    ByteBudget,
    Crowd,
    Purse,
    connection_limits,
)
from alertsms.web.connection import HEAD_SECONDS, IDLE_SECONDS
from alertsms.web.guard import Grant, Guard, Reach
from alertsms.web.listener import LARGEST_HEAD, PAGE_SECONDS, PAGE_THREADS
from alertsms.web.refusals import MOST_NOTICES
from alertsms.web.request_parser import MOST_HEADERS
from alertsms.web.site.login import HASHES, MISSES, WAITING, WAITING_PER_ADDRESS

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
BASIC = "Basic " + base64.b64encode(b"grafana:land").decode()
AWAY = "192.0.2.1"
SIGNATURE = "X-Grafana-Alerting-Signature"
GUARDED = Gate(bearer=["let-me-in"], basic=[("grafana", "land")], hmac=[Hmac(secret="x")], now=lambda: NOW)
BEARER_ONLY = Gate(bearer=["let-me-in"], basic=[], hmac=[], now=lambda: NOW)
OPEN = Gate(bearer=[], basic=[], hmac=[], now=lambda: NOW)


def keeper(gate: Gate) -> Doorkeeper:
    reach = Reach(gate=gate, trusted=[ip_network("10.0.0.0/8")])
    return Doorkeeper(
        guard=Guard(reach=reach, grant=lambda _: Grant.NOTHING),
        remembers=lambda request: request.headers.get("Authorization") == "Bearer own",
    )


def judged(door: Doorkeeper, path: str, *, peer: str = "127.0.0.1", **headers: str):
    environ = {f"HTTP_{name.upper()}": value for name, value in {"host": "localhost", **headers}.items()}
    environ["REMOTE_ADDR"] = peer
    return door.judge(Request({"REQUEST_METHOD": "POST", "PATH_INFO": path, "wsgi.url_scheme": "http"} | environ))


@pytest.mark.parametrize(
    "path", ["/webhook", "/webhook/paris", "/webhook/", "//webhook", "/alert", "/heartbeat/job", "/heartbeat//job"]
)
def test_a_door_for_alerts_reads_a_body_that_its_headers_speak_for(path):
    door = keeper(GUARDED)
    assert judged(door, path, authorization="Bearer let-me-in") is KNOWN
    assert judged(door, path, authorization=BASIC) is KNOWN
    for wrong in ("Bearer let-me-out", "Bearer", "", "Basic x", "Bearer own"):
        assert judged(door, path, authorization=wrong) is UNREAD
        assert judged(door, path, authorization=wrong, x_grafana_alerting_signature="0") is SIGNED
    assert judged(keeper(BEARER_ONLY), path, x_grafana_alerting_signature="0") is UNREAD


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/login", FILLS_IN),
        ("/logout", FILLS_IN),
        ("/a/x7Kq5MdPbR4", FILLS_IN),
        ("//a/x7Kq5MdPbR4", FILLS_IN),
        ("/incidents/1", FILLS_IN),
        ("/api/v1/send", STRANGER),
        ("/-/reload", STRANGER),
        ("/ovh/receipt/x", STRANGER),
    ],
)
def test_everything_else_takes_little(path, allowed):
    for gate in (GUARDED, BEARER_ONLY, OPEN):
        assert judged(keeper(gate), path, peer=AWAY) is allowed
        assert judged(keeper(gate), path, peer=AWAY, authorization="Bearer own") is COMMAND
    assert judged(keeper(GUARDED), path, authorization="Bearer let-me-in") is COMMAND
    assert judged(keeper(OPEN), path) is COMMAND


@pytest.mark.parametrize("path", ["/webhooks", "/api/v2/alerts", "/"])
def test_a_sender_that_posts_to_where_nothing_is_is_heard_out(path):
    """Its refusal is an incident that quotes its alert."""
    assert judged(keeper(GUARDED), path, authorization="Bearer let-me-in") is KNOWN
    assert judged(keeper(GUARDED), path) is STRANGER
    assert judged(keeper(OPEN), path) is KNOWN


def test_without_a_secret_this_machine_is_known_and_others_share_what_strangers_have():
    assert judged(keeper(OPEN), "/webhook") is KNOWN
    assert judged(keeper(OPEN), "/webhook", peer=AWAY) is ANYBODY
    assert (ANYBODY.known, ANYBODY.most) == (False, MAX_BODY)


# Bytes.


def came(body: Purse) -> list[int]:
    """A body of a stranger's begins to come in; each 1 in the list says that it had to give way."""
    lost: list[int] = []
    body.enter(lambda: lost.append(1))
    return lost


def test_a_budget_is_never_exceeded_and_comes_back_whole():
    budget = ByteBudget(100, 70)
    one, other = Purse(budget=budget), Purse(budget=budget, large=True)
    assert one.hold(60)
    assert not Purse(budget=budget).hold(41)
    assert not other.hold(41)
    assert one.hold(100)
    one.close()
    assert not other.hold(71)
    assert other.hold(70)
    other.close()
    assert budget.held == budget._large == 0


def test_a_body_holds_what_came_of_it_and_gives_it_back_once():
    budget = ByteBudget(100)
    purse = Purse(budget=budget, free=10)
    assert [purse.hold(size) for size in (10, 50, 40, 110, 111)] == [True, True, True, True, False]
    assert budget.held == 100
    for _ in range(2):
        purse.close()
    assert budget.held == 0


def test_four_of_the_largest_bodies_of_known_senders_fit_and_small_ones_always_do():
    bodies = Bodies()
    purses = [bodies.purse(KNOWN, MAX_BODY, "") for _ in range(6)]
    assert [purse.hold(MAX_BODY) for purse in purses[:5]] == [True] * 4 + [False]
    assert purses[5].hold(SMALL)
    assert bodies.known.held <= KNOWN_BYTES
    assert bodies.strange.held == 0
    for purse in purses:
        purse.close()
    assert bodies.known.held == 0


def test_a_known_sender_makes_no_other_one_give_way():
    bodies = Bodies()
    first, *_, last = [bodies.purse(KNOWN, MAX_BODY, "") for _ in range(5)]
    assert (came(first), first.hold(KNOWN_BYTES), last.hold(MAX_BODY)) == ([], True, False)


def test_a_size_that_is_announced_holds_nothing():
    bodies = Bodies()
    silent = [came(bodies.purse(SIGNED, SIGNED_BODY, "")) for _ in range(SIGNED_AT_ONCE)]
    silent += [came(bodies.purse(STRANGER, SMALL, "")) for _ in range(CONNECTIONS)]
    assert bodies.strange.held == 0
    assert sum(map(len, silent)) == 0


def test_the_quietest_of_large_signed_bodies_makes_room_for_the_next():
    bodies = Bodies()
    purses = [bodies.purse(SIGNED, SIGNED_BODY, "") for _ in range(SIGNED_AT_ONCE)]
    lost = [came(purse) for purse in purses]
    purses[0].hold(1)  # it is not the quietest any more
    purses[2].arrived()  # whoever has sent it all holds nobody up
    came(bodies.purse(SIGNED, SMALL, ""))  # and small ones need no such place
    came(bodies.purse(SIGNED, SIGNED_BODY, ""))
    assert sum(map(len, lost)) == 0
    came(bodies.purse(SIGNED, SIGNED_BODY, ""))
    assert [nth for nth, gave_way in enumerate(lost) if gave_way] == [1]


def test_where_strangers_hold_all_there_is_the_quietest_makes_room():
    """However many of them each sent nearly all of a body, and wait."""
    bodies = Bodies()
    large = [bodies.purse(ANYBODY, SIGNED_BODY, "") for _ in range(LARGE_BYTES // SIGNED_BODY)]
    lost = [came(purse) for purse in large]
    assert all(purse.hold(SIGNED_BODY) for purse in large)
    forms = [bodies.purse(STRANGER, SMALL, "") for _ in range((STRANGE_BYTES - LARGE_BYTES) // SMALL)]
    lost += [came(form) for form in forms]
    assert all(form.hold(SMALL) for form in forms)
    assert (bodies.strange.held, sum(map(len, lost))) == (STRANGE_BYTES, 0)
    large[0].hold(SIGNED_BODY)  # a byte of it came
    one = bodies.purse(STRANGER, SMALL, "")
    came(one)
    assert one.hold(SMALL)
    assert [nth for nth, gave_way in enumerate(lost) if gave_way] == [1]
    assert (large[1].held, bodies.strange.held) == (0, STRANGE_BYTES - SIGNED_BODY + SMALL)


def test_what_is_there_whole_gives_way_to_nobody():
    bodies = Bodies()
    there = [bodies.purse(SIGNED, SIGNED_BODY, "") for _ in range(LARGE_BYTES // SIGNED_BODY)]
    lost = [came(purse) for purse in there]
    for purse in there:
        assert purse.hold(SIGNED_BODY)
        purse.arrived()
    late, form = bodies.purse(SIGNED, SIGNED_BODY, ""), bodies.purse(STRANGER, SMALL, "")
    came(late)
    assert not late.hold(SMALL + 1)
    assert form.hold(SMALL)  # large ones leave room for it
    assert sum(map(len, lost)) == 0
    there[0].close()
    assert late.hold(SMALL + 1)


def rivals(bodies: Bodies, allowance: Allowance, size: int, *whose: str) -> tuple[list[Purse], list[list[int]]]:
    """Bodies that come in, and which of them had to give way."""
    purses = [bodies.purse(allowance, size, each) for each in whose]
    return purses, [came(purse) for purse in purses]


def test_nobody_pushes_out_another_address_by_many_large_bodies():
    """However often he begins one anew, and however much his others drip meanwhile."""
    bodies = Bodies()
    (right,), (lost,) = rivals(bodies, SIGNED, SIGNED_BODY, "right")
    right.hold(1)
    others: list[Purse] = []
    for _ in range(200):
        purses, _ = rivals(bodies, SIGNED, SIGNED_BODY, "stranger")
        others = [*others, *purses][-SIGNED_AT_ONCE:]
        assert all(purse.hold(purse.held + 2**16) for purse in others if purse in bodies.strange.coming)
    assert (lost, right.hold(SIGNED_BODY), bodies.strange.held <= STRANGE_BYTES) == ([], True, True)


def test_a_large_body_makes_large_ones_give_way_only():
    bodies = Bodies()
    forms, lost = rivals(bodies, STRANGER, SMALL, *["forms"] * 200)
    assert all(form.hold(SMALL) for form in forms)
    large, _ = rivals(bodies, SIGNED, SIGNED_BODY, *["stranger"] * 16)
    assert [purse.hold(SIGNED_BODY) for purse in large] == [True] * 16
    assert sum(map(len, lost)) == 0
    assert bodies.strange.held <= STRANGE_BYTES


def test_a_small_body_makes_any_give_way():
    bodies = Bodies()
    large, lost = rivals(bodies, SIGNED, SIGNED_BODY, *["stranger"] * 12)
    assert all(purse.hold(SIGNED_BODY) for purse in large)
    forms, _ = rivals(bodies, STRANGER, SMALL, *(f"192.0.2.{nth}" for nth in range(129)))
    assert all(form.hold(SMALL) for form in forms)
    assert [nth for nth, gave_way in enumerate(lost) if gave_way] == [0]


def test_many_threads_lose_no_byte():
    budget = ByteBudget(10_000)

    def work() -> None:
        for _ in range(300):
            purse = Purse(budget=budget, strange=True)
            purse.enter(lambda: None)
            purse.hold(7)
            purse.close()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert budget.held == 0


# Places.


@dataclass(eq=False)
class Guest:
    whose: str = "192.0.2.1"
    busy: bool = False


def crowd(total: int = 8, reserved: int = 3, per_address: int = 4) -> Crowd[Guest]:
    return Crowd(total=total, reserved=reserved, per_address=per_address)


def guests(count: int) -> list[Guest]:
    return [Guest(whose=f"192.0.2.{nth}") for nth in range(count)]


def test_the_stranger_that_did_nothing_for_longest_makes_room():
    room, some = crowd(), guests(9)
    assert [room.enter(guest) for guest in some[:5]] == [None] * 5
    room.judged(some[0], known=False)
    assert [room.enter(guest) for guest in some[5:7]] == [some[1], some[2]]
    some[3].busy = True
    assert [room.enter(guest) for guest in some[7:]] == [some[4], some[0]]


def test_whoever_sends_something_is_the_quietest_no_more():
    """A body that comes in steadily outlasts any number of silent connections."""
    room, right = crowd(total=100, reserved=10, per_address=100), Guest()
    room.enter(right)
    for guest in guests(500):
        assert room.enter(guest) is not right
        room.note_bytes(right)
    room.judged(right, known=True)
    room.note_bytes(right)
    assert right in room._known


def test_the_address_with_the_most_connections_makes_room():
    """It may send on all of them, and go on opening more: who comes from elsewhere keeps his place."""
    room, right = crowd(total=100, reserved=10, per_address=100), Guest(whose="192.0.2.99")
    room.enter(right)
    mine: list[Guest] = []
    for nth in range(500):
        mine.append(Guest(whose=f"192.0.2.{nth % 7}"))
        assert room.enter(mine[-1]) is not right
        for guest in mine[-89:]:
            room.note_bytes(guest)
    assert len(room._strangers) == 90


def test_where_the_most_crowded_address_is_being_answered_another_makes_room():
    room = crowd(total=5, reserved=2)
    busy, quiet = [Guest(busy=True), Guest(busy=True)], Guest(whose="192.0.2.9")
    assert [room.enter(guest) for guest in (*busy, quiet)] == [None] * 3
    assert room.enter(Guest(whose="192.0.2.8")) is quiet


def test_a_connection_counts_for_whom_a_trusted_proxy_names():
    room, some = crowd(total=100, reserved=10), [Guest(whose="10.0.0.1") for _ in range(2)]
    for guest in some:
        room.enter(guest, capped=False)
    room.judged(some[0], known=False, whose="192.0.2.1")
    assert {whose: list(found) for whose, found in room._of.items()} == {"10.0.0.1": some[1:], "192.0.2.1": some[:1]}
    room.leave(some[0])
    room.leave(some[1])
    assert (room._strangers, room._of) == ({}, {})


def test_strangers_never_take_the_places_kept_for_known_senders():
    room, known = crowd(), guests(3)
    for guest in known:
        assert room.enter(guest) is None
        room.judged(guest, known=True)
    strangers = guests(200)
    left = [room.enter(guest) for guest in strangers]
    assert left == [None] * 5 + strangers[:195]
    assert set(room._known) == set(known)


def test_known_senders_may_have_every_place_and_the_quietest_of_them_makes_room_then():
    room, known = crowd(), guests(12)
    for guest in known[:8]:
        assert room.enter(guest) is None
        room.judged(guest, known=True)
    room.judged(known[0], known=True)
    assert room.enter(known[8]) is known[1]


def test_where_everybody_is_being_answered_nobody_has_to_leave():
    room = crowd()
    for guest in guests(20):
        guest.busy = True
        assert room.enter(guest) is None


def test_one_address_has_a_few_places_and_the_others_keep_theirs():
    room, other = crowd(total=100, reserved=10), Guest(whose="192.0.2.2")
    room.enter(other)
    mine = [Guest() for _ in range(50)]
    assert [room.enter(guest) for guest in mine] == [None] * 4 + mine[:46]
    for guest in mine[46:]:
        room.judged(guest, known=True)
    assert [room.enter(Guest()) for _ in range(4)] == [None] * 4  # known ones do not count


def test_a_trusted_proxy_may_have_any_number():
    room = crowd(total=100, reserved=10)
    assert [room.enter(Guest(), capped=False) for _ in range(90)] == [None] * 90


def test_a_connection_is_known_or_a_stranger_by_its_latest_request():
    room, guest = crowd(), Guest()
    room.enter(guest)
    for known in (True, False, True):
        room.judged(guest, known=known)
        assert (guest in room._known, guest in room._strangers) == (known, not known)
    room.leave(guest)
    room.leave(guest)
    room.judged(guest, known=True)  # it was closed meanwhile
    assert (room._known, room._strangers, room._of) == ({}, {}, {})


@pytest.mark.parametrize(
    ("files", "found"), [(20_000, (512, 100)), (1024, (512, 100)), (256, (128, 32)), (64, (16, 4))]
)
def test_connections_leave_files_for_everything_else(files, found):
    assert connection_limits(files) == found


def test_the_threat_model_has_the_figures_of_the_code():
    """Whoever changes one changes what is promised there."""
    said = (Path(__file__).parents[2] / "SECURITY.md").read_text(encoding="utf-8")
    kib = 1024
    rows = [
        f"{STRANGE_BYTES // kib**2} MiB, of which {LARGE_BYTES // kib**2} MiB for those above {SMALL // kib} KiB",
        f"{SIGNED_BODY // kib**2} MiB with a signature, {SIGNED_AT_ONCE} of those above {SMALL // kib} KiB at a time",
        f"{FORM // kib} KiB for a form of a page; {SMALL // kib} KiB for everything else",
        f"{ANYBODY.most // kib**2} MiB where no secret is set",
        f"{LARGEST_HEAD // kib} KiB and {MOST_HEADERS} headers",
        f"{HEAD_SECONDS:.0f} seconds for a head, {STRANGE_SECONDS:.0f} more for a body ({ANYBODY.seconds:.0f} where no",
        f"{IDLE_SECONDS:.0f} for a silent connection",
        f"{CONNECTIONS - RESERVED} of {CONNECTIONS}, {PER_ADDRESS} of one address",
        f"and {RESERVED} are kept for requests with a right secret",
        f"| {MOST} of a kind in a minute |",
        f"{PAGE_THREADS} links and pages at a time; the next wait for {PAGE_SECONDS:.0f} seconds",
        f"for {WAITING} logins that wait in line, two of one address",
    ]
    assert [row for row in rows if row not in said] == []
    assert (WAITING_PER_ADDRESS, HASHES, MISSES, WITHIN.total_seconds(), SLOWLY.total_seconds(), MOST_NOTICES) == (
        2,
        2,
        10,
        600,
        5,
        3,
    )
