"""The fallback's channels hear from memory: once when a trouble lasts, once when it ends, whatever the store does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from alertsms.apprise_channels import ChannelError
from alertsms.config import read
from alertsms.core.messages.notification import Channel
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.delivery.alarm import TroubleNotifier
from alertsms.machine.state import Stamp, folder
from tests.support.house import OVH

ROOT, DB, ALSO = "json://root.example.org", "json://db.example.org", "json://alice.example.org"
PLAN = f"""
people: {{alice: {{phone: "+33612345678", also: ["{ALSO}"]}}}}
teams:
  ops: {{page: [alice]}}
  db: {{page: [alice], fallback: {{channels: ["{DB}"]}}}}
route: {{team: ops, routes: [{{matchers: ["team=db"], team: db}}]}}
fallback: {{channels: ["{ROOT}"]}}
"""
NIGHT = 1_772_503_800.0  # 2026-03-03 02:10 UTC


class Night:
    """An alarm whose time a test moves."""

    def __init__(self, path: Path | None = None) -> None:
        self.now, self.ticks, self.path = 0.0, 0, path
        self.there: dict[str, Trouble] = {}
        self.posted: list[tuple[str, str, str]] = []
        self.refuses: dict[str, Exception] = {}
        self.launched: list[Callable[[], None]] | None = None  # a list: they hang there
        self.start()

    def start(self) -> None:
        roster = read(OVH + PLAN, file="x.yaml", environ={}).roster
        self.alarm = TroubleNotifier(
            troubles=lambda: list(self.there.values()),
            roster=lambda: roster,
            stamp=Stamp(self.path),
            post=self.post,
            launch=self.launch,
            monotonic=self.running,
            wall=lambda: NIGHT + self.now,
        )

    def running(self) -> float:
        """The machine's clock, which goes on between two looks at it."""
        self.ticks += 1
        return self.now + self.ticks * 1e-6

    def launch(self, work: Callable[[], None]) -> None:
        if self.launched is None:
            work()
        else:
            self.launched.append(work)

    def post(self, channel: Channel, title: str, body: str) -> None:
        if error := self.refuses.get(channel.url):
            raise error
        self.posted.append((channel.url, title, body))

    def begin(self, key: str = "store", hinders: Hindrance = Hindrance.INTAKE, **more: object) -> None:
        self.there[key] = Trouble(key=key, hinders=hinders, says=f"{key} is away", fix="mend it", **more)

    def end(self, key: str = "store") -> None:
        del self.there[key]

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.alarm.step()
            self.now += 5
        self.alarm.step()

    @property
    def titles(self) -> list[str]:
        return [title for url, title, _ in self.posted if url == ROOT]


@pytest.fixture
def night() -> Night:
    return Night()


def test_a_trouble_that_lasts_is_told_once_and_once_when_it_is_over(night):
    night.begin()
    night.run(25)
    assert night.posted == []
    night.run(600)
    assert night.titles == ["alertsms: store is away"]
    assert night.posted[0][2] == "ALERTS ARE NOT TAKEN:\n- store is away. To mend it: mend it"
    night.end()
    night.run(60)
    assert night.titles == ["alertsms: store is away", "alertsms: over: store is away"]
    night.run(7200)
    assert len(night.titles) == 2


def test_a_store_that_does_not_commit_is_told_after_two_minutes_and_a_damaged_one_at_once(night):
    night.begin(settles=timedelta(minutes=2))
    night.run(115)
    assert night.posted == []
    night.run(5)
    assert len(night.titles) == 1
    night.begin("damage", settles=timedelta())
    night.run(0)
    assert len(night.titles) == 2


def test_one_that_passes_at_once_is_told_to_nobody(night):
    for _ in range(20):
        night.begin()
        night.run(20)
        night.end()
        night.run(100)
    assert night.posted == []


def test_one_that_comes_and_goes_is_one_and_told_once_an_hour_at_most(night):
    for _ in range(60):
        night.begin()
        night.run(40)
        night.end()
        night.run(50)
    assert night.titles == ["alertsms: store is away"]  # never over: each gap was shorter than a minute
    night.run(60)
    for _ in range(15):
        night.begin()
        night.run(100)
        night.end()
        night.run(100)
    assert night.titles.count("alertsms: store is away") == 2
    assert len(night.titles) == 4


def test_what_came_of_one_cause_is_one_text(night):
    """Every part fails behind a store that is away; and what began beside it need not have settled."""
    night.begin()
    night.begin("part", Hindrance.SENDING, behind="store")
    night.run(20)
    night.begin("calendar", Hindrance.OUTSIDE)
    night.run(600)
    assert night.titles == ["alertsms: store is away and 1 more"]
    (body,) = {body for _, _, body in night.posted}
    assert body == (
        "ALERTS ARE NOT TAKEN:\n- store is away. To mend it: mend it\n"
        "Not as it should be:\n- calendar is away. To mend it: mend it"
    )
    night.end()  # the part goes on failing, although the store works
    night.run(60)
    assert "alertsms: part is away" in night.titles


def test_what_others_tell_is_not_told_twice(night):
    night.begin("account", Hindrance.OUTSIDE, told=True)
    night.run(3600)
    night.end("account")
    night.run(100)
    assert night.posted == []


def test_who_is_told(night):
    """The store cannot say whose pages wait, so every team's channels hear; of the rest those of the root team."""
    night.begin("calendar", Hindrance.OUTSIDE)
    night.run(60)
    assert [url for url, _, _ in night.posted] == [ROOT]
    night.begin()
    night.run(60)
    assert [url for url, _, _ in night.posted[1:]] == [ROOT, DB]


def test_it_says_since_when_in_the_zone_of_the_root_team(night):
    from datetime import UTC, datetime

    night.begin(since=datetime(2026, 3, 3, 2, 8, tzinfo=UTC))
    night.run(60)
    night.end()
    night.run(60)
    first, second = (body for url, _, body in night.posted if url == ROOT)
    assert "- store is away, since 2026-03-03 02:08 UTC. To mend it" in first
    assert second == "Over:\n- store is away (since 2026-03-03 02:08 UTC)"


@pytest.mark.parametrize("error", [ChannelError("503 from the server"), RuntimeError("json://user:secret@host")])
def test_a_channel_that_refuses_is_tried_again_and_its_words_show_nothing(night, error, caplog):
    night.refuses[ROOT] = error
    night.begin()
    night.run(60)
    assert [url for url, _, _ in night.posted] == [DB]
    assert "secret" not in str([record.__dict__ for record in caplog.records])
    night.refuses.clear()
    night.run(60)
    assert [url for url, _, _ in night.posted] == [DB, ROOT]


def test_a_channel_that_refuses_for_an_hour_is_given_up(night):
    night.refuses[ROOT] = ChannelError("no")
    night.begin()
    night.run(2 * 3600)
    night.refuses.clear()
    night.run(3600)
    assert [url for url, _, _ in night.posted] == [DB]


def test_one_that_hangs_keeps_nobody_waiting(night):
    night.launched = []
    night.begin()
    night.run(30)
    root, db = night.launched
    db()
    assert [url for url, _, _ in night.posted] == [DB]
    night.run(3600)
    assert len(night.launched) == 4  # two more threads for the one that hangs, and no further
    for work in (root, *night.launched[2:]):
        work()
    assert [url for url, _, _ in night.posted] == [DB, ROOT, ROOT, ROOT]  # each came back in the end
    night.run(3600)
    assert len(night.launched) == 4


def test_what_an_earlier_run_told_of_and_is_gone_hides_nothing_behind_it(tmp_path):
    night = Night(tmp_path / "alertsms.told")
    night.begin(settles=timedelta())
    night.run(0)
    night.end()
    night.start()
    night.begin("link", Hindrance.OUTSIDE, behind="store", settles=timedelta())
    night.run(0)
    assert night.titles == ["alertsms: store is away", "alertsms: link is away"]


def test_a_restart_tells_it_no_second_time_and_tells_the_end(tmp_path):
    night = Night(tmp_path / "alertsms.told")
    night.begin()
    night.run(60)
    for _ in range(10):
        night.start()
        night.run(120)
    assert night.titles == ["alertsms: store is away"]
    night.start()
    night.end()
    night.run(55)
    assert len(night.titles) == 1
    night.run(60)
    assert night.titles[1:] == ["alertsms: over: store is away"]
    assert (tmp_path / "alertsms.told").stat().st_mode & 0o777 == 0o600


def test_a_start_that_fails_says_so_once_an_hour(tmp_path):
    night = Night(tmp_path / "alertsms.told")
    trouble = Trouble(key="start", hinders=Hindrance.INTAKE, says="the file is damaged", fix="")
    for _ in range(70):
        night.start()
        night.alarm.say(trouble, 0)
        night.now += 60
    assert night.titles == ["alertsms: the file is damaged"] * 2


@pytest.mark.parametrize("content", ["", "{", "[]", '{"store": 1}', '{"store": {"at": "x"}}', '{"store": {}}', "\0"])
def test_a_stamp_that_is_none_is_no_hindrance(tmp_path, content):
    (tmp_path / "alertsms.told").write_text(content)
    night = Night(tmp_path / "alertsms.told")
    night.begin()
    night.run(60)
    assert len(night.titles) == 1
    assert json.loads((tmp_path / "alertsms.told").read_text())["store"]["open"] is True


def test_a_stamp_that_cannot_be_written_is_said_once_and_no_hindrance(tmp_path, caplog):
    night = Night(tmp_path / "none" / "alertsms.told")
    night.begin()
    night.run(60)
    night.end()
    night.run(60)
    assert len(night.titles) == 2
    assert caplog.text.count("a restart may tell it again") == 1


def test_a_clock_that_was_set_back_keeps_nothing_from_being_told(tmp_path):
    night = Night(tmp_path / "alertsms.told")
    night.now = 86_400
    night.begin()
    night.run(60)
    night.end()
    night.run(60)
    night.now = 0
    night.start()
    night.begin()
    night.run(60)
    assert night.titles.count("alertsms: store is away") == 2


def test_where_the_state_folder_is(tmp_path):
    environ = {"ALERTSMS_STATE": "/var/lib/x"}
    assert folder("sqlite:////data/a.db", "/etc/a.yaml", environ) == Path("/var/lib/x")
    assert folder("sqlite:////data/a.db", "/etc/a.yaml", {}) == Path("/data")
    assert folder("postgresql+psycopg://u@h/d", "/etc/alertsms/a.yaml", {}) == Path("/etc/alertsms")
    assert folder("postgresql+psycopg://u@h/d", "a.yaml", {}) == Path.cwd()
