"""Since when something fails, and what senders could not leave here."""

from __future__ import annotations

from alertsms.core.messages.trouble import Hindrance
from alertsms.worker import FailureWatch, IntakeWatch


class Time:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_half_a_minute_without_one_success_is_a_trouble():
    time = Time()
    pulse = FailureWatch(time)

    def says() -> list[str]:
        return [each.says for each in pulse.trouble("x", "its sender", Hindrance.SENDING, "look")]

    assert says() == []
    pulse.bad(ValueError("secret"))
    time.now = 29.0
    pulse.bad(OSError("locked"), store=True)
    assert says() == []
    time.now = 30.0
    assert says() == ["its sender has failed for 30 s: locked"]
    pulse.failing = None
    assert (says(), pulse.seconds) == ([], 0.0)


def test_one_failure_of_what_is_seldom_done_is_forgotten():
    """A send that broke once, and no other all night: nothing says that the next one would."""
    time = Time()
    pulse = FailureWatch(time, forgets=300.0)
    pulse.bad(ValueError())
    time.now = 299.0
    assert list(pulse.trouble("x", "its sender", Hindrance.SENDING, "look"))
    time.now = 300.0
    assert not list(pulse.trouble("x", "its sender", Hindrance.SENDING, "look"))
    pulse.bad(ValueError())
    (trouble,) = pulse.trouble("x", "its sender", Hindrance.SENDING, "look")
    assert "failed for 5 min" in trouble.says


def test_what_could_not_be_stored_shows_for_a_minute():
    time = Time()
    intake = IntakeWatch(time)
    intake.refused("/webhook", "the disk is full")
    time.now = 10.0
    (one,) = intake.troubles()
    assert one.hinders is Hindrance.INTAKE
    assert one.says == "what came by /webhook could not be stored 10 s ago: the disk is full"
    intake.stored_at["/heartbeat"] = 10.0  # another door says nothing of this one
    assert [each.hinders for each in intake.troubles()] == [Hindrance.INTAKE]
    intake.stored_at["/webhook"] = 10.0  # alerts are taken again; the sender of the other body may still not know
    assert [each.hinders for each in intake.troubles()] == [Hindrance.OUTSIDE]
    time.now = 60.0
    assert list(intake.troubles()) == []
