"""Any night of alerts that end and return, and of answers: who has what, and who is paged again, is as a model says.

ALERTSMS_TEST_EPISODES=10000 pytest -n 0 tests/stories/test_episodes_model.py     more of them, some half an hour
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from tests.conftest import RAM
from tests.support.episode_house import FIELD, SITE, Alert, Answer, Night, Step, stamp
from tests.support.episode_model import Unclear
from tests.support.house import BOB, House

Tuples, Numbers = st.SearchStrategy[tuple[int, ...]], st.SearchStrategy[int]
EXAMPLES = int(os.environ.get("ALERTSMS_TEST_EPISODES", "200"))

GAPS = st.sampled_from((3, 7, 20, 70, 130, 200, 330, 420, 700, 950, 1300, 2000))
SOON = st.sampled_from((1, 3, 3, 7, 20, 45))  # while an SMS is not read yet
ONE = st.sampled_from(((0,), (0,), (1,), (2,)))
SOME = st.sampled_from(((0,), (1,), (0, 1), (0, 1, 2)))
WORDS = ("ok", "ok {}", "ok {}", "ack all", "snooze {} 1h", "snooze 1h", "snooze all 1h")
BUTTONS = ("take", "take", "snooze1", "resolve")
FIRES = ("new", "new", "same", "pair")


def step(deed: str, hows: Sequence[str] = ("",), alerts: Tuples = ONE, gaps: Numbers = GAPS) -> st.SearchStrategy[Step]:
    return st.builds(Step, gaps, st.just(deed), st.sampled_from(hows), alerts)


@st.composite
def crossing(draw: st.DrawFn) -> list[Step]:
    """An answer that is on its way while alerts begin and end."""
    written, drawn = (
        (f"{words}|{when}" for words in WORDS for when in ("", "early")),
        product(("link", "page"), BUTTONS),
    )
    answers = st.one_of(step("write", tuple(written), SOME), step("draw", tuple(map("|".join, drawn))))
    between = st.lists(st.one_of(step("fire", FIRES, gaps=SOON), step("end", gaps=SOON)), min_size=1, max_size=3)
    return [draw(answers), *draw(between), *draw(st.lists(step("deliver", gaps=SOON), max_size=1))]


@st.composite
def coming_and_going(draw: st.DrawFn) -> list[Step]:
    """An alert that ends and is back, or whose end is said by one body and not by the next one, a few times."""
    which, times = draw(ONE), draw(st.sampled_from((1, 1, 2, 3)))
    back = st.tuples(step("end", alerts=st.just(which)), step("fire", FIRES, st.just(which), st.one_of(SOON, GAPS)))
    return [each for _ in range(times) for each in draw(back)]


CALLS = ("ack|alice", "ack|alice", "ack|bob", "snooze|alice", "resolve|alice")
ALONE = st.one_of(
    step("fire", FIRES),
    step("end"),
    step("call", CALLS, SOME),
    step("call", CALLS, SOME),
    step("restart"),
    step("crash"),
    step("deliver"),
)
KINDS = st.sampled_from((crossing(), crossing(), coming_and_going(), ALONE.map(lambda each: [each])))
STEPS = st.lists(KINDS.flatmap(lambda kind: kind), min_size=1, max_size=6).map(
    lambda phrases: [each for phrase in phrases for each in phrase]
)
ALERTS = st.lists(
    st.builds(Alert, skew=st.sampled_from((0, 0, -600, -240, 240, 600)), apart=st.sampled_from((1, 20, 60))),
    min_size=3,
    max_size=3,
)


@contextmanager
def borrowed(file: Path) -> Iterator[str]:
    """A store for one night."""
    with TemporaryDirectory(dir=RAM, prefix="alertsms-test-") as folder:
        shutil.copy(file, f"{folder}/alertsms.db")
        yield f"sqlite:///{folder}/alertsms.db"


def spend(file: Path, alerts: Sequence[Alert], steps: Sequence[Step], repeat: str = "0s") -> None:
    with borrowed(file) as url:
        night = Night(url, alerts, repeat)
        try:
            night.live([Step(0, "fire", "new"), *steps])
        finally:
            night.house.close()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(alerts=ALERTS, steps=STEPS, repeat=st.sampled_from(("0s", "0s", "30m")))
def test_any_night(migrated_file, alerts, steps, repeat):
    spend(migrated_file, alerts, steps, repeat)


GROUPS = st.lists(st.sampled_from(("ack", "ack", "snooze", "")), min_size=3, max_size=14)


@settings(max_examples=max(EXAMPLES // 10, 1), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    acts=GROUPS, gap=st.sampled_from((130, 420, 2000)), skew=st.sampled_from((0, -240, 600)), parts=st.integers(1, 3)
)
def test_any_restart_pages_five_at_once_and_the_rest_in_one_text(migrated_file, acts, gap, skew, parts):
    with borrowed(migrated_file) as url:
        night = Night(url, [Alert(skew=skew)] * len(acts), storm="storm: {after: 5, within: 2m}\n")
        try:
            back = night.restart_of_all(acts, gap, parts)
            texts = night.told_again()
        except Unclear:
            reject()
        finally:
            night.house.close()
    at_once, together = [each for each in texts if len(each) == 1], [each for each in texts if len(each) > 1]
    assert sorted(number for each in texts for number in each) == sorted(back)
    assert len(at_once) == min(len(back), 5) + (len(back) == 6)
    assert len(together) == (len(back) > 6)


# What version 0 did otherwise, one short night each.


def night(file: Path, *steps: Step, skew: int = 0) -> None:
    spend(file, [Alert(skew=skew)] * 3, list(steps))


@pytest.mark.parametrize("words", ["ack all", "ok {}", "snooze {} 1h", "snooze all 1h"])
def test_an_answer_does_not_take_what_came_back_after_it(migrated_file, words):
    for early in ("", "early"):
        wrote = Step(14, "write", f"{words}|{early}")
        night(migrated_file, wrote, Step(1, "end"), Step(2, "fire", "new"), Step(7, "deliver"))


def test_all_does_not_take_what_fired_after_it(migrated_file):
    night(migrated_file, Step(14, "write", "ack all|"), Step(1, "fire", "new", (1,)), Step(7, "deliver"))


@pytest.mark.parametrize("where", ["link", "page"])
@pytest.mark.parametrize("act", ["take", "snooze1", "resolve"])
def test_a_button_does_not_take_what_came_back_after_its_page_was_drawn(migrated_file, where, act):
    night(
        migrated_file, Step(14, "draw", f"{where}|{act}"), Step(3, "end"), Step(20, "fire", "new"), Step(7, "deliver")
    )


def test_what_was_acknowledged_and_ended_unposted_pages_again(migrated_file):
    night(migrated_file, Step(20, "call", "ack|alice"), Step(2000, "fire", "new"))


def test_what_nobody_took_and_ended_unposted_pages_again(migrated_file):
    night(migrated_file, Step(2000, "fire", "new"))


def test_the_second_one_of_a_pair_pages_nobody_again(migrated_file):
    night(migrated_file, Step(20, "call", "ack|alice"), Step(2000, "fire", "pair"))


def test_an_acknowledgement_ends_with_its_episode(migrated_file):
    night(migrated_file, Step(20, "call", "ack|alice"), Step(200, "end"), Step(420, "fire", "new"))


def test_a_snooze_outlasts_its_episode(migrated_file):
    twice = [Step(200, "end"), Step(420, "fire", "new"), Step(1300, "end"), Step(420, "fire", "new")]
    night(migrated_file, Step(20, "call", "snooze|alice"), *twice, Step(700, "crash"))


def test_a_copy_from_the_other_of_a_pair_after_the_end_pages_nobody(migrated_file):
    night(migrated_file, Step(420, "end"), Step(3, "fire", "pair"), Step(7, "end"), Step(200, "crash"))


def test_a_copy_that_nobody_resolves_again_pages_after_two_minutes(migrated_file):
    night(migrated_file, Step(420, "end"), Step(3, "fire", "pair"), Step(130, "crash"))


def test_a_sender_that_was_cut_off_for_ten_minutes_pages_again_with_its_old_start(migrated_file):
    night(migrated_file, Step(20, "call", "ack|alice"), Step(420, "end"), Step(600, "fire", "same"))


def test_an_answer_that_came_too_late_for_an_episode_says_so(migrated_file):
    with borrowed(migrated_file) as url:
        one = Night(url, [Alert()])
        try:
            one.live([Step(0, "fire", "new"), Step(14, "write", "ok {}"), Step(1, "end"), Step(2, "fire", "new")])
            one.live([Step(7, "deliver"), Step(1, "crash")])
            assert any(sms.text.startswith("#1 is back") for sms in one.house.sandbox.accepted)
        finally:
            one.house.close()


MOVED = """
people: {alice: "+33612345678", bob: "+33698765432"}
teams: {ops: {page: [alice]}, db: {page: [bob]}}
route: {team: TEAM}
"""


@pytest.mark.parametrize("over", [True, False])
def test_a_late_copy_waits_in_whichever_team_a_reload_sends_it_to(url, clock, over):
    house = House(url, clock, MOVED.replace("TEAM", "ops"))
    began = house.clock()
    house.fire(start=began)
    house.run(420, hop=10)
    house.resolve(start=began, end=house.clock())
    house.run(70)
    house.reload(MOVED.replace("TEAM", "db"))
    house.fire(start=began + timedelta(seconds=1))
    house.run(30)
    if over:
        house.resolve(start=began, end=house.clock())
    house.run(80)
    assert [sms.text for sms in house.sandbox.accepted if sms.receiver == BOB] == []
    house.run(30)
    assert len([sms for sms in house.sandbox.accepted if sms.receiver == BOB]) == (not over)
    house.close()


@pytest.mark.parametrize("how", ["ok 4", "link"])
def test_an_answer_to_a_digest_takes_what_of_it_had_not_ended_since(migrated_file, how):
    with borrowed(migrated_file) as url:
        one = Night(url, [Alert()], storm="storm: {after: 1, within: 2m}\n")
        try:
            for each in ("web-0", "web-1", "web-2"):
                one.house.fire(each, start=stamp(one.now - 5))
                one._work()
            one._run(one.now + 30)
            path = re.findall(rf"{SITE}(/a/\w+)", one.house.sandbox.accepted[-1].text)[0]
            assert "#4" in one.house.sandbox.accepted[-1].text
            form = dict(FIELD.findall(one.house.client.get(path).text)) | {"act": "take"}
            written = Answer(how=how, alerts=(), at=one.now, text=how, path=path, form=form)
            one._run(one.now + 3)
            one.house.resolve("web-1", start=stamp(0), end=stamp(one.now))
            one._run(one.now + 5)
            one.house.fire("web-1", start=stamp(one.now))
            one._run(one.now + 20)
            if how == "link":
                assert one.house.client.post(path, data=form).status_code in (200, 303)
            else:
                one._read(written)
            states = one.states()
        finally:
            one.house.close()
    assert states == {1: ("open", ""), 2: ("open", ""), 3: ("acknowledged", "alice")}
