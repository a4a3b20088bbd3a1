from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.messages.message import (
    ACCEPTED,
    EDGES,
    IN_FLIGHT,
    LOOKUPS,
    MAY_HAVE_LEFT,
    PENDING,
    REACHED,
    LookupDecision,
    LookupResult,
    MessageState,
    UncertainMessage,
    after_lookup,
    proves,
    retry_at,
)

NOW = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


# --- states ---


def test_a_message_moves_along_these_edges_and_no_others():
    edges = {f"{start} -> {end}" for start, ends in EDGES.items() for end in ends}
    assert edges == {
        "queued -> sending",
        "queued -> cancelled",
        "queued -> failed",
        "sending -> sent",
        "sending -> queued",
        "sending -> failed",
        "sending -> unknown",
        "unknown -> sent",
        "unknown -> queued",
        "unknown -> cancelled",
        "unknown -> failed",
        "sent -> delivered",
        "sent -> undelivered",
        "undelivered -> delivered",
    }
    assert set(EDGES) == set(MessageState)


def test_each_state_says_whether_the_message_is_decided_and_may_have_left():
    unsettled, decided = set(PENDING), {MessageState.FAILED, MessageState.CANCELLED}
    assert [*unsettled & set(ACCEPTED), *(unsettled | set(ACCEPTED)) & decided] == []
    assert unsettled | set(ACCEPTED) | decided == set(MessageState)
    assert set(MAY_HAVE_LEFT) == set(MessageState) - decided - {MessageState.QUEUED}
    assert set(REACHED) < set(ACCEPTED)
    assert set(IN_FLIGHT) == unsettled - {MessageState.QUEUED}


def test_the_words_that_stand_in_the_store_and_in_metrics_last():
    assert list(LookupDecision) == ["found", "wait", "resent", "standby", "cancelled", "absent", "unconfirmed"]
    assert list(LookupResult) == ["found", "early", "absent", "silent"]


# --- certainly not sent ---


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 8), (5, 15), (6, 30), (7, 30), (500, 30)]
)
def test_the_waits_grow_to_half_a_minute(attempts, seconds):
    assert retry_at(NOW, attempts=attempts, jitter=0) == after(seconds)


def test_jitter_moves_a_wait_by_a_fifth_at_most():
    assert retry_at(NOW, attempts=6, jitter=-1) == after(24)
    assert retry_at(NOW, attempts=6, jitter=1) == after(36)
    assert retry_at(NOW, attempts=6, jitter=0.5) == after(33)


@pytest.mark.parametrize(
    ("wish", "critical", "others"),
    [(None, 8, 8), (0, 8, 8), (-5, 8, 8), (7.9, 8, 8), (60, 60, 60), (300, 60, 300), (301, 60, 300), (1e8, 60, 300)],
)
def test_ovhs_wish_makes_a_wait_longer_by_little_for_what_is_critical(wish, critical, others):
    assert retry_at(NOW, attempts=4, jitter=0, retry_after=wish, critical=True) == after(critical)
    assert retry_at(NOW, attempts=4, jitter=0, retry_after=wish, critical=False) == after(others)


# --- the answer was lost ---


def ask(finding: LookupResult, seconds: float, **doubt: object) -> tuple[LookupDecision, float]:
    """What becomes of a message whose answer was lost at NOW, and when, in seconds."""
    step, due = after_lookup(UncertainMessage(since=NOW, **doubt), finding, after(seconds))
    return step, (due - NOW).total_seconds()


def told(finding: LookupResult, **doubt: object) -> list[tuple[LookupDecision, float]]:
    """All steps of one doubt, if every look-up says the same and comes when it is due."""
    steps, due = [], LOOKUPS[0].total_seconds()
    for _ in range(60):
        step, due = ask(finding, due, **doubt)
        steps.append((step, due))
        if step is not LookupDecision.WAIT:
            return steps
    raise AssertionError(f"no end: {steps}")


def test_what_ovh_has_is_sent_however_early_or_late_it_shows():
    for seconds in (1, 3, 16, 3600):
        for doubt in ({}, {"wanted": False}, {"resends": 3}):
            assert ask(LookupResult.FOUND, seconds, **doubt) == (LookupDecision.FOUND, seconds)


def test_absence_is_proof_only_after_fifteen_seconds_and_four_questions():
    assert NOW + LOOKUPS[0] == after(1)
    assert told(LookupResult.ABSENT) == [
        (LookupDecision.WAIT, 3),
        (LookupDecision.WAIT, 7),
        (LookupDecision.WAIT, 15),
        (LookupDecision.RESEND, 15),
    ]


def test_only_the_last_question_can_prove_absence():
    assert [seconds for seconds in (1, 3, 7, 14.9, 15, 60) if proves(NOW, after(seconds))] == [15, 60]
    assert ask(LookupResult.EARLY, 7) == (LookupDecision.WAIT, 15)
    assert ask(LookupResult.EARLY, 15.1) == (LookupDecision.WAIT, 15.1)  # asked before, answered after: asked again


def test_a_look_up_that_failed_proves_nothing_for_a_minute():
    steps = told(LookupResult.SILENT)
    assert steps[-1] == (LookupDecision.RESEND, 61)
    assert [due for _, due in steps[:-1]] == list(range(3, 62, 2))
    assert ask(LookupResult.SILENT, 59.9) == (LookupDecision.WAIT, 61.9)
    assert ask(LookupResult.SILENT, 60) == (LookupDecision.RESEND, 60)


def test_one_answer_after_silence_is_enough():
    assert ask(LookupResult.SILENT, 20) == (LookupDecision.WAIT, 22)
    assert ask(LookupResult.ABSENT, 22) == (LookupDecision.RESEND, 22)


def test_what_nobody_wants_any_more_is_not_sent_again():
    assert told(LookupResult.ABSENT, wanted=False)[-1] == (LookupDecision.CANCEL, 15)
    assert told(LookupResult.SILENT, wanted=False)[-1] == (LookupDecision.CANCEL, 61)
    assert ask(LookupResult.ABSENT, 15, wanted=False, resends=3) == (LookupDecision.CANCEL, 15)


@pytest.mark.parametrize(
    ("resends", "step"),
    [(0, LookupDecision.RESEND), (1, LookupDecision.RESEND), (3, LookupDecision.ABSENT), (4, LookupDecision.ABSENT)],
)
def test_three_copies_are_all_that_a_message_gets(resends, step):
    assert told(LookupResult.ABSENT, resends=resends, resent_at=after(-5))[-1] == (step, 15)


def test_after_three_copies_silence_is_no_proof_that_none_arrived():
    assert told(LookupResult.SILENT, resends=3)[-1] == (LookupDecision.UNCONFIRMED, 61)


def test_the_third_copy_leaves_a_minute_to_the_second():
    assert told(LookupResult.ABSENT, resends=2, resent_at=after(-5))[-2:] == [
        (LookupDecision.WAIT, 55),
        (LookupDecision.RESEND, 55),
    ]
    assert ask(LookupResult.ABSENT, 54.9, resends=2, resent_at=after(-5)) == (LookupDecision.WAIT, 55)
    assert ask(LookupResult.ABSENT, 15, resends=2, resent_at=after(-45)) == (LookupDecision.RESEND, 15)
    assert ask(LookupResult.ABSENT, 15, resends=2) == (LookupDecision.RESEND, 15)


def test_a_doubt_begins_without_copies_and_with_somebody_who_wants_to_know():
    assert UncertainMessage(since=NOW) == UncertainMessage(since=NOW, resends=0, resent_at=None, wanted=True)


def test_a_dead_account_burns_no_copies():
    assert ask(LookupResult.SILENT, 59, shut=True) == (LookupDecision.WAIT, 61)
    assert ask(LookupResult.SILENT, 10_800, shut=True) == (LookupDecision.WAIT, 10_815)
    assert ask(LookupResult.ABSENT, 10_815, shut=True) == (LookupDecision.RESEND, 10_815)
    assert ask(LookupResult.SILENT, 10_800, shut=True, wanted=False) == (LookupDecision.CANCEL, 10_800)


@pytest.mark.parametrize("finding", [LookupResult.ABSENT, LookupResult.SILENT])
def test_what_used_up_its_copies_gets_one_more_by_the_stand_by(finding):
    assert ask(finding, 61, resends=3, spare=True) == (LookupDecision.STANDBY, 61)
    assert ask(finding, 61, resends=2, spare=True) == (LookupDecision.RESEND, 61)
    assert ask(finding, 61, resends=4, spare=True)[0] in (LookupDecision.ABSENT, LookupDecision.UNCONFIRMED)


def test_while_calls_are_led_elsewhere_nothing_but_a_find_moves_a_message():
    for finding in (LookupResult.EARLY, LookupResult.ABSENT, LookupResult.SILENT):
        for seconds in (1, 15, 61, 86_400):
            for doubt in ({}, {"wanted": False}, {"resends": 3}, {"spare": True, "resends": 3}):
                assert ask(finding, seconds, moved=True, held=True, **doubt) == (LookupDecision.WAIT, seconds + 15)
    assert ask(LookupResult.FOUND, 20, moved=True, held=True) == (LookupDecision.FOUND, 20)


def test_an_address_that_was_tried_again_costs_a_copy_a_minute_and_fails_nothing():
    assert ask(LookupResult.ABSENT, 15, moved=True) == (LookupDecision.RESEND, 15)
    assert ask(LookupResult.ABSENT, 15, moved=True, resends=3, resent_at=NOW) == (LookupDecision.WAIT, 60)
    assert ask(LookupResult.ABSENT, 60, moved=True, resends=3, resent_at=NOW) == (LookupDecision.RESEND, 60)
    assert ask(LookupResult.ABSENT, 60, moved=True, resends=9, resent_at=NOW, spare=True) == (LookupDecision.RESEND, 60)
