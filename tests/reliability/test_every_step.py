"""The process dies at each moment of its stories, one after the other: nothing is lost, nothing is sent twice.

Each story is told once to count its moments, and then again for each of them: up to there, then another process takes
over the store, time passes, and the story goes on.
"""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import requests
from sqlalchemy import create_engine, text

from alertsms.store.error import StoreError
from alertsms.store.schema import metadata
from tests.conftest import BOTH, POSTGRES, RAM
from tests.reliability.driver import Body
from tests.reliability.ledger import OKS
from tests.reliability.simulated import Simulation
from tests.reliability.steps import Died, Steps, Watched
from tests.reliability.stories import HOP, PEOPLE, Story, Wait, stories
from tests.reliability.tally import Tally

SETTLING = 200.0  # seconds: look-ups, three resends, what a dead one's lease held
SAMPLE = {"sqlite": 13, "postgresql": 29}  # in the short form, one moment in so many of each story


class Mortal(Simulation):
    """A simulation whose process can die at any moment."""

    def __init__(self, url: str, story: Story, steps: Steps) -> None:
        self.steps = steps
        super().__init__(url, people=PEOPLE, **{"rounds": 3, **story.plan})
        self.stride, self.chores = 60.0, 10.0  # its rounds are moments too
        self.sandbox.faults.replace(story.faults)

    def start(self) -> None:
        super().start()
        self.app.delivery.sender._sleep = lambda _: None  # the dead need not wait between two tries to write

    def session(self) -> requests.Session:
        session = super().session()
        session.mount("http://ovh.test", Watched(session.get_adapter("http://ovh.test"), self.steps))
        return session

    def send(self, body: Body) -> int:
        status = super().send(body)
        self.steps.moment("answer")  # the dead give none
        return status

    def say(self, path: str, body: Mapping[str, str]) -> bool:
        heard = super().say(path, body)
        self.steps.moment("answer to a person")
        return heard

    def heard(self) -> Mapping[tuple[str, str], int]:
        """How many texts of each kind each person has had."""
        away = {sms.tag for sms in self.sandbox.accepted}
        return Counter((line.person, line.kind) for line in self.ledger().lines if line.tag in away)

    def tell(self, story: Story) -> None:
        """The whole of it, in a second process from where the first one died."""
        for part in story.parts:
            began = self.clock.ran
            with suppress(Died, StoreError):
                part(self, story.alerts)
            if self.steps.dead:
                self.crash()
                self.steps.revive()
                self.start()
                self.again()
                rest = part.seconds - (self.clock.ran - began) if isinstance(part, Wait) else 0.0
                self.run(max(SETTLING, rest), hop=HOP)


@pytest.fixture(params=BOTH)
def fresh(request, migrated_file) -> Iterator[Callable[[], str]]:
    """Gives a store with empty tables, again and again."""
    if request.param == "postgresql":
        request.getfixturevalue("migrated_postgresql")
        yield emptied
        return
    with TemporaryDirectory(dir=RAM, prefix="alertsms-steps-") as folder:

        def copied() -> str:
            for old in Path(folder).iterdir():
                old.unlink()
            shutil.copy(migrated_file, f"{folder}/alertsms.db")
            return f"sqlite:///{folder}/alertsms.db"

        yield copied


def emptied() -> str:
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY"))
    engine.dispose()
    return POSTGRES


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """How one telling ended."""

    pages: Tally
    oks: Tally
    moments: list[str]
    resting: bool
    told: Mapping[tuple[str, str], int]  # texts, by person and kind
    unanswered: int  # posts to the fallback, for which nobody has answered

    def lost(self, story: Story) -> set[tuple[str, str]]:
        """Who was told of the alert or of its end and not of the other.

        What came and went unheard need not be told; whoever was paged must hear that it is over.
        """
        unheard = self.pages.lost if story.overtaken else ()
        return {*self.pages.lost, *self.oks.lost} - set(unheard)

    def wrong(self, story: Story) -> str:
        """What is not as it must be; "" where all is well."""
        again = self.pages.again or self.oks.again
        if self.lost(story) or self.doubled or self.pages.strange or (again and not story.anew):
            return f"pages: {self.pages}; OKs: {self.oks}"
        if self.pages.copies:
            return f"{self.pages.copies} copies, though OVHcloud could always say"
        if self.pages.after:
            return f"paged for what somebody had: {self.pages.after}"
        if story.told and (self.told, self.unanswered) != (story.told, story.unanswered):
            return f"told {self.told}, the fallback {self.unanswered} times"
        return "" if self.resting else "something is still on its way"

    @property
    def doubled(self) -> set[tuple[str, str]]:
        """Who was told the same twice."""
        return {*self.pages.doubled, *self.oks.doubled}


def told(url: str, story: Story, die_at: int | None) -> End:
    """Tell a story, and have the process die at one of its moments."""
    steps = Steps()
    house = Mortal(url, story, steps)
    try:
        with steps.watching():
            steps.die_at = die_at
            house.tell(story)
            return End(
                pages=house.tally(late_after=SETTLING),
                oks=house.tally(late_after=SETTLING, kinds=OKS),
                moments=steps.names,
                resting=house.resting,
                told=house.heard(),
                unanswered=house.posts("kind").count(("unanswered",)),
            )
    finally:
        house.close()


@pytest.mark.parametrize("story", list(stories()), ids=str)
def test_a_death_at_any_moment_changes_nothing(fresh, story, report, short, seed, request):
    began = time.monotonic()
    whole = told(fresh(), story, None)
    assert whole.wrong(story) == ""
    database = request.node.callspec.params["fresh"]
    every = SAMPLE[database] if short else 1
    some = range(seed % every, len(whole.moments), every)
    ends = {at: told(fresh(), story, at) for at in some}
    name = f"killed at {len(ends)} moments: {story} ({database})"
    report.count(
        name,
        sum(end.pages.alerts for end in ends.values()),
        time.monotonic() - began,
        sms=sum(end.pages.sms for end in ends.values()),
        lost=sum(len(end.lost(story)) for end in ends.values()),
        doubled=sum(len(end.doubled) for end in ends.values()),
    )
    wrong = {f"{at} {whole.moments[at]}": said for at, end in ends.items() if (said := end.wrong(story))}
    assert wrong == {}
