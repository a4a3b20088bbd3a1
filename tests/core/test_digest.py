from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.digest import DigestLine, digest, ended
from alertsms.core.text.gsm7 import fits, measure
from alertsms.core.text.subject import GONE, Style
from tests.core.night import at

STYLE = Style(zone="UTC", now=at("02:12"))


def line(name: str = "HighCPU", place: str = "web-01", *, number: int = 42, **more: Any) -> DigestLine:
    values = {"kind": NotificationKind.PAGE, "rank": 0, "since": at("02:10"), "until": at("02:24")}
    return DigestLine(number=number, name=name, place=place, **values | more)


def lines(**names: int) -> list[DigestLine]:
    return [line(name, f"web-{each}") for name, count in names.items() for each in range(count)]


WARNING = int(Severity.WARNING)


# --- what fires ---


def test_a_digest_names_what_fires_most_first():
    assert digest(lines(DiskFull=5, HighCPU=12), 60, STYLE) == (
        "+17 more CRITICAL: HighCPU x12, DiskFull x5 since 02:10 #60"
    )


def test_a_name_that_comes_once_has_its_place():
    some = [*lines(HighCPU=2), line("DiskFull", "db-2")]
    assert digest(some, 60, STYLE) == "+3 more CRITICAL: HighCPU x2, DiskFull db-2 since 02:10 #60"


def test_the_most_severe_are_counted_and_named_first():
    some = [*[replace(each, rank=WARNING) for each in lines(Slow=20, Late=5)], *lines(HighCPU=2)]
    assert digest(some, 60, STYLE) == ("+27 more: 2 CRITICAL HighCPU x2; 25 WARNING Slow x20, Late x5 since 02:10 #60")


def test_what_has_no_room_for_its_name_is_counted():
    some = [line(f"AnAlertWithALongName{each:02}", "") for each in range(30)]
    text = digest([*some, line("AnAlertWithALongName00", "")], 60, STYLE)
    assert text == (
        "+31 more CRITICAL: AnAlertWithALongName00 x2, AnAlertWithALongName01, AnAlertWithALongName02, "
        "AnAlertWithALongName03, 26 others since 02:10 #60"
    )
    assert measure(text).segments == 1


def test_a_digest_carries_the_first_start_in_the_persons_zone():
    some = [*lines(HighCPU=2), line(since=at("01:58"))]
    assert digest(some, 60, STYLE) == "+3 more CRITICAL: HighCPU x3 since 01:58 #60"
    assert " since 02:58 #60" in digest(some, 60, replace(STYLE, zone="Europe/Paris"))


def test_where_nothing_left_before_it_does_not_say_more():
    some = lines(HighCPU=2)
    assert digest(some, 60, STYLE, more=False) == "2 CRITICAL: HighCPU x2 since 02:10 #60"
    some.append(line("Slow", rank=WARNING))
    assert digest(some, 60, STYLE, more=False) == (
        "3 alerts: 2 CRITICAL HighCPU x2; 1 WARNING Slow web-01 since 02:10 #60"
    )


def test_reminders_say_still():
    some = [replace(each, reminder=True) for each in lines(HighCPU=49)]
    assert digest(some, 60, STYLE) == "49 STILL CRITICAL: HighCPU x49 since 02:10 #60"
    some.append(line("Slow", rank=WARNING, reminder=True))
    assert digest(some, 60, STYLE) == ("50 STILL open: 49 CRITICAL HighCPU x49; 1 WARNING Slow web-01 since 02:10 #60")
    some.append(line("DiskFull", "db-2"))
    assert digest(some, 60, STYLE).startswith("+51 more: ")


def test_what_nobody_posted_the_end_of_may_be_back_or_its_sender_restarted():
    back = [replace(each, back=True) for each in lines(HighCPU=11, DiskFull=1)]
    assert digest(back, 60, STYLE) == (
        "+12 are back, or their sender restarted: CRITICAL HighCPU x11, DiskFull web-0 since 02:10 #60"
    )
    lesser = [replace(each, rank=WARNING, back=True) for each in lines(Slow=2)]
    assert digest([*back, *lesser], 60, STYLE) == (
        "+14 are back, or their sender restarted: 12 CRITICAL HighCPU x11, DiskFull web-0; 2 WARNING Slow x2"
        " since 02:10 #60"
    )
    assert digest(back, 60, replace(STYLE, bare=True)) == (
        "+12 are back, or their sender restarted: CRITICAL since 02:10 #60"
    )


def test_among_others_they_are_counted_where_there_is_room():
    some = [*[replace(each, back=True) for each in lines(HighCPU=2)], *lines(DiskFull=3)]
    said = "+5 more CRITICAL: DiskFull x3, HighCPU x2 since 02:10, 2 of them back, or their sender restarted #60"
    assert digest(some, 60, STYLE) == said
    link = f"https://p.example.org/{'x' * 70}"
    short = f"+5 more CRITICAL: DiskFull x3, HighCPU x2 since 02:10 #60 {link}"
    assert digest(some, 60, replace(STYLE, link=link)) == short


def test_ten_thousand_alerts_are_one_text():
    ranks = list(Severity)
    some = [line(f"Alert{each % 977}", rank=int(ranks[each % 4])) for each in range(10_000)]
    assert digest(some, 123456, replace(STYLE, now=at("02:12"))) == (
        "+10000 more: 2500 CRITICAL Alert0 x3, Alert4 x3, Alert8 x3, Alert12 x3, Alert16 x3, 2485 others; "
        "2500 ERROR; 2500 WARNING; 2500 INFO since 02:10 #123456"
    )


def test_a_link_is_kept_whole_before_any_name_or_left_out():
    link = f"https://pager.example.org/{'on-call/' * 11}a/x7Kq5MdP"
    assert digest(lines(DiskFull=5, HighCPU=12), 60, replace(STYLE, link=link)) == (
        f"+17 more CRITICAL since 02:10 #60 {link}"
    )
    assert digest(lines(DiskFull=5, HighCPU=12), 60, replace(STYLE, link=f"{link}/{'x' * 40}")) == (
        "+17 more CRITICAL: HighCPU x12, DiskFull x5 since 02:10 #60"
    )


def test_what_ended_meanwhile_stands_behind_what_fires():
    some = [*lines(HighCPU=2), line("DiskFull", "db-2", kind=NotificationKind.MEANWHILE, rank=5, number=43)]
    assert digest(some, 60, STYLE, more=False) == (
        "2 CRITICAL: HighCPU x2 since 02:10; resolved meanwhile: #43 DiskFull 02:10-02:24 #60"
    )
    some += [line(f"Alert{each}", kind=NotificationKind.RESOLVED, rank=6, number=100 + each) for each in range(20)]
    assert digest(some, 60, STYLE, more=False) == (
        "2 CRITICAL: HighCPU x2 since 02:10; 20 OK: #100 Alert0, #101 Alert1, #102 Alert2, #103 Alert3, "
        "#104 Alert4, #105 Alert5, 14 others; 1 resolved meanwhile #60"
    )


def test_a_short_number_gets_no_contact_details():
    some = [line("Ping", "https://web.example.org"), line("Mail", "root@example.org")]
    assert digest(some, 60, replace(STYLE, short_number=True)) == "+2 more CRITICAL: Ping, Mail since 02:10 #60"
    assert digest(some, 60, replace(STYLE, bare=True)) == "+2 more CRITICAL since 02:10 #60"


# --- what is over ---


def ok(number: int, name: str, place: str = "", **more: Any) -> DigestLine:
    return line(name, place, number=number, **{"kind": NotificationKind.RESOLVED, "rank": 6} | more)


def test_oks_that_leave_together_keep_why_they_ended():
    """A site whose line is cut reports nothing any more: that is no good news."""
    some = [ok(2, "Offline", "north", why="series gone"), ok(3, "Offline", "south", why="series gone")]
    assert ended(some, STYLE) == "OK, not fixed (series gone): #2 Offline north, #3 Offline south"
    some = [ok(4, "Slow", "db-1"), ok(5, "Full", "db-2", why=GONE), *some[:1]]
    assert ended(some, STYLE) == (
        "OK #4 Slow db-1; OK, gone from Alertmanager: #5 Full db-2; OK, not fixed (series gone): #2 Offline north"
    )
    fires = digest([line(number=9), *some[1:2]], 60, STYLE)
    assert fires.endswith("since 02:10; OK, gone from Alertmanager: #5 Full db-2 #60")


def test_oks_that_leave_together_are_one_text():
    some = [ok(42, "HighCPU", "web-01"), ok(43, "DiskFull", "db-2")]
    assert ended(some, STYLE) == "OK #42 HighCPU web-01, #43 DiskFull db-2"
    assert digest(some, 60, STYLE) == ended(some, STYLE)  # nothing fires: there is nothing to acknowledge


def test_many_oks_lose_their_places_first_and_then_their_names():
    some = [ok(100 + each, "HighCPU", f"web-{each:02}.example") for each in range(8)]
    assert ended(some, STYLE) == (
        "OK #100 HighCPU, #101 HighCPU, #102 HighCPU, #103 HighCPU, #104 HighCPU, #105 HighCPU, #106 HighCPU, "
        "#107 HighCPU"
    )
    some = [ok(100 + each, "HighCPU") for each in range(1000)]
    assert ended(some, STYLE) == (
        "OK #100 HighCPU, #101 HighCPU, #102 HighCPU, #103 HighCPU, #104 HighCPU, #105 HighCPU, #106 HighCPU, "
        "#107 HighCPU, #108 HighCPU, #109 HighCPU, 990 others"
    )


def test_what_came_and_went_unseen_is_told_with_its_times():
    some = [ok(42, "HighCPU", kind=NotificationKind.MEANWHILE), ok(43, "DiskFull", kind=NotificationKind.MEANWHILE)]
    assert ended(some, STYLE) == "resolved meanwhile: #42 HighCPU 02:10-02:24, #43 DiskFull 02:10-02:24"
    flaps = [line("Ping", "sw-1", number=44, kind=NotificationKind.FLAPPING, rank=6)]
    assert ended([ok(41, "Slow", "db-1"), *flaps], STYLE) == "OK #41 Slow db-1; FLAPPING #44 Ping sw-1"
    assert digest([line(), *flaps], 60, STYLE) == (
        "+1 more CRITICAL: HighCPU web-01 since 02:10; FLAPPING #44 Ping sw-1 #60"
    )
    assert ended([ok(41, "Slow", "db-1"), *some[:1]], STYLE) == (
        "OK #41 Slow db-1; resolved meanwhile: #42 HighCPU 02:10-02:24"
    )


# --- whatever comes ---

NAMES = st.one_of(
    st.sampled_from(["HighCPU", "DiskFull", "Zu wenig Speicher", "磁盘已满", "{}[]~€", ""]), st.text(max_size=40)
)
LINES = st.lists(
    st.builds(
        lambda name, place, number, what, reminder: line(
            name, place, number=number, kind=what[0], rank=what[1], reminder=reminder
        ),
        NAMES,
        NAMES,
        st.integers(1, 10**6),
        st.sampled_from(
            [
                (NotificationKind.PAGE, 0),
                (NotificationKind.PAGE, 1),
                (NotificationKind.PAGE, 2),
                (NotificationKind.PAGE, 3),
                (NotificationKind.MEANWHILE, 5),
                (NotificationKind.RESOLVED, 6),
            ]
        ),
        st.booleans(),
    ),
    min_size=1,
    max_size=60,
)
STYLES = st.builds(
    lambda segments, short, bare: replace(STYLE, max_segments=segments, short_number=short, bare=bare),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
)


@given(LINES, STYLES, st.booleans())
def test_every_digest_fits_and_is_one_line(some, style, more):
    for text in (digest(some, 10**6, style, more=more), ended([each for each in some if each.kind != "page"], style)):
        assert fits(text, style.max_segments), text
        assert "\n" not in text
        assert text == text.strip()


def counts(text: str, word: str) -> list[int]:
    return [int(found) for found in re.findall(rf"(\d+) {word}", text)]


PLAIN = st.lists(st.tuples(st.sampled_from(["Aa", "Bb", "Cc", "Dd" * 12, "Ee" * 11]), st.integers(0, 3)), min_size=1)


@given(PLAIN, st.integers(0, 12))
def test_the_numbers_add_up(named, oks):
    """What is named and what is counted are together as many as the pages."""
    some = [line(name, "", rank=rank) for name, rank in named]
    text = digest([*some, *(ok(each + 1, "Zz") for each in range(oks))], 999, STYLE)
    firing, _, over = text.partition(" since ")
    assert int(re.match(r"\+(\d+) more", text)[1]) == len(named)
    assert sum(_entries(firing)) == len(named), text
    if oks:
        assert over.count(" Zz") + sum(counts(over, "other")) == oks or counts(over, "OK") == [oks], text


def _entries(text: str) -> list[int]:
    """How many pages each part of the text stands for."""
    found = []
    groups = text.partition(": ")[2].split("; ")
    for group in groups:
        total = re.match(r"(\d+) [A-Z]{4,}\b ?", group)
        rest = group[total.end() :] if total else group
        parts = [each for each in rest.split(", ") if each]
        each = [
            int(m[1]) if (m := re.match(r"(\d+) other|.* x(\d+)$", part)) and m[1] else int(m[2]) if m else 1
            for part in parts
        ]
        if total and each:
            assert sum(each) == int(total[1]), text
        found.append(sum(each) if each else int(total[1]) if total else int(re.match(r"\+(\d+)", text)[1]))
    return found


def test_one_other_is_an_other():
    some = [ok(each, "A" * 24) for each in range(1, 7)]
    assert ended(some, STYLE).endswith(f"#5 {'A' * 24}, 1 other")
