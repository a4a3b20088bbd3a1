"""The stories that are cut short at each of their moments: what happens, part by part, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from alertsms.sandbox import Fault, FaultKind
from tests.reliability.driver import Alert
from tests.reliability.simulated import Simulation, alerts, numbers
from tests.support.house import NIGHT

PEOPLE = 2
HOP = 3.0
Part = Callable[[Simulation, Sequence[Alert]], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """One story."""

    name: str
    parts: Sequence[Part]
    alerts: Sequence[Alert] = field(default_factory=lambda: alerts(1, PEOPLE))
    faults: Sequence[Fault] = ()
    plan: Mapping[str, int | str] = field(default_factory=dict)
    anew: bool = False  # it pages a second time by itself
    told: Mapping[tuple[str, str], int] = field(default_factory=dict)  # exactly so many texts, by person and kind
    unanswered: int = 0  # how often the fallback is to hear that nobody has answered
    overtaken: bool = False  # its resolution may come before its page: one text then says both

    def __str__(self) -> str:
        return self.name


def fire(house: Simulation, fired: Sequence[Alert]) -> None:
    house.deliver(fired)


def resolve(house: Simulation, fired: Sequence[Alert]) -> None:
    house.deliver(fired, over=True)


def return_(house: Simulation, fired: Sequence[Alert]) -> None:
    """The same alerts fire again, with a start of their own."""
    house.deliver([replace(alert, starts_at=NIGHT + timedelta(minutes=4)) for alert in fired])


def take(person: int, snooze: str = "") -> Part:
    """Somebody says to have the first incident."""
    return lambda house, _: house.take(house.first(), by=f"person{person}", snooze=snooze)


def mend(house: Simulation, _: Sequence[Alert]) -> None:
    house.sandbox.faults.clear()


@dataclass(frozen=True, slots=True)
class Wait:
    """Time that passes, also while no process runs."""

    seconds: float

    def __call__(self, house: Simulation, _: Sequence[Alert]) -> None:
        house.run(self.seconds, hop=HOP)


def wait(seconds: float) -> Part:
    return Wait(seconds)


def lost(kind: FaultKind, **more: object) -> Fault:
    """One answer to a job is lost."""
    return Fault(kind=kind, call="jobs", times=1, **more)  # type: ignore[arg-type]


DOWN = Fault(kind=FaultKind.ERROR_429, call="jobs")
REFUSED = Fault(kind=FaultKind.INVALID_RECEIVER, receiver=numbers(0)[0].removeprefix("+"))
ABSENT = Fault(kind=FaultKind.UNDELIVERED, receiver=numbers(0)[0].removeprefix("+"))
LATE = Fault(kind=FaultKind.LATE, seconds=5.0, times=1)
TO_THE_END = (fire, wait(40), resolve, wait(40))


def stories() -> Iterator[Story]:
    """All of them."""
    yield Story(name="sent and resolved", parts=(fire, wait(10), resolve, wait(10)))
    yield Story(name="three in one body", parts=(fire, wait(10), resolve, wait(10)), alerts=alerts(3, PEOPLE))
    yield Story(name="answer lost, found", faults=[lost(FaultKind.ERROR_500_AFTER)], parts=TO_THE_END)
    yield Story(name="answer lost, found late", faults=[LATE, lost(FaultKind.RESET_AFTER)], parts=TO_THE_END)
    yield Story(name="answer lost, sent again", faults=[lost(FaultKind.EMPTY_200_LOST)], parts=TO_THE_END)
    yield Story(name="refused, retried", faults=[lost(FaultKind.ERROR_429)], parts=TO_THE_END)
    yield Story(name="refused, next number", faults=[REFUSED], plan={"phones": 2}, parts=TO_THE_END)
    yield Story(
        name="undelivered", faults=[ABSENT], plan={"phones": 2}, parts=(fire, wait(200), resolve, wait(200)), anew=True
    )
    yield Story(
        name="came and went", faults=[DOWN], parts=(fire, wait(30), resolve, wait(10), mend, wait(60)), overtaken=True
    )
    yield Story(
        name="resolved in doubt",
        faults=[lost(FaultKind.EMPTY_200_LOST)],
        parts=(fire, wait(0), resolve, wait(60)),
        overtaken=True,
    )
    yield Story(
        name="reminded",
        plan={"repeat_interval": "5m", "rounds": 1},
        parts=(fire, wait(400), resolve, wait(10)),
        anew=True,
    )
    yield Story(
        name="came back", parts=(fire, wait(10), resolve, wait(200), return_, wait(10), resolve, wait(10)), anew=True
    )
    yield Story(name="a storm", alerts=alerts(5, 1), plan={"storm": 2}, parts=(fire, wait(400), resolve, wait(400)))
    yield Story(
        name="the second has it",
        parts=(fire, wait(340), take(1), wait(20), resolve, wait(10)),
        told={("person0", "page"): 1, ("person1", "page"): 1, ("person0", "taken"): 1, ("person1", "resolved"): 1},
    )
    yield Story(
        name="nobody answers",
        plan={"rounds": 2},
        parts=(fire, wait(1300), resolve, wait(10)),
        unanswered=1,
        told={("person0", "page"): 2, ("person1", "page"): 2, ("person0", "resolved"): 1, ("person1", "resolved"): 1},
    )
    yield Story(
        name="a snooze ends",
        parts=(fire, wait(20), take(0, "10m"), wait(620), resolve, wait(10)),
        anew=True,
        told={("person0", "page"): 2, ("person0", "resolved"): 1},
    )
