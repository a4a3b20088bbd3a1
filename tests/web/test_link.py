"""The link of an SMS: somebody half asleep opens it and presses one button."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urljoin

import pytest
from sqlalchemy import delete, update

from alertsms.store import phones, tokens
from alertsms.store.schema import incident_table
from alertsms.store.schema import tokens as token_table
from alertsms.store.tokens import Token
from tests.support.house import ALICE, BOB, House

PLAN = """
people: {alice: {phone: "+33612345678", time_zone: Europe/Paris}, bob: "+33698765432"}
teams: {ops: {page: [alice, bob], rounds: 1}}
route: {team: ops}
server: {external_url: "https://p.example.org"}
"""
STORM = PLAN + "storm: {after: 1, within: 2m}\n"


@pytest.fixture
def house(url, clock):
    built = House(url, clock, PLAN)
    yield built
    built.close()


def link(house: House, number: str = ALICE, nth: int = -1) -> str:
    """The link in an SMS of this phone, as a path of ours."""
    text = [sms.text for sms in house.sandbox.accepted if sms.receiver == number][nth]
    (path,) = re.findall("https://p.example.org(/a/[0-9A-Za-z]{11})", text)
    return path


def paged(house: House, *instances: str, **more: object) -> str:
    """Fire, and return alice's link."""
    house.fire(*instances, **more)
    house.run(30)
    return link(house)


def proof(page) -> str:
    """The hidden field that makes a form ours."""
    return re.search('name="token" value="([^"]+)"', page.text)[1]


def press(house: House, path: str, act: str = "take", **more: object):
    """Open a link, press a button, and go where a browser would."""
    form = {"token": proof(house.client.get(path)), "act": act}
    answer = house.client.post(path, data=form, **more)
    if answer.status_code == 303:
        return house.client.get(urljoin(answer.request.url, answer.headers["Location"]))
    return answer


def words(page) -> str:
    """What somebody reads, in one line."""
    body = re.sub("(?s).*<body>|<option.*?</option>", "", page.text)
    return " ".join(re.sub("<[^>]+>", " ", body).split())


def standing(house: House, number: int = 1) -> tuple[str, str]:
    found = house.client.get(
        f"/api/v1/incidents/{number}", headers={"Authorization": f"Bearer {house.app.keys.token}"}
    ).json
    return found["state"], found["acknowledged_by"]


def test_the_link_shows_what_fires_and_one_big_button(house):
    page = house.client.get(paged(house))
    assert page.status_code == 200
    assert words(page) == (
        "CRITICAL #1 HighCPU web-01 CPU above 90% for 5 min fires since 03:10, 30 s · ops I have it"
        " Something else Snooze 1 h Snooze 2 h Resolve Who heard of it"
        " alice on the phone Tue 3 Mar 03:10:01 (+33*******78) bob on the phone Tue 3 Mar 03:10:01 (+33*******32)"
        " Other labels severity critical This link is for alice. Times are Europe/Paris."
    )
    assert page.text.count('class="wide strong huge"') == 1


def test_opening_it_changes_nothing_however_often_a_preview_does(house):
    path = paged(house)
    for _ in range(3):
        house.client.get(path)
        house.client.head(path)
    assert standing(house) == ("open", "")
    assert house.client.put(path).status_code == 405


def test_pressing_it_gives_the_incident_to_whose_phone_it_is(house):
    page = press(house, paged(house))
    assert standing(house) == ("acknowledged", "alice")
    assert "You have it" in words(page)
    assert "I have it" not in words(page)
    assert house.metric("acknowledged_total", by="link") == 1


def test_pressing_it_twice_is_pressing_it_once(house):
    path = paged(house)
    form = {"token": proof(house.client.get(path)), "act": "take"}
    for _ in range(2):
        assert house.client.post(path, data=form).status_code == 303
    assert house.metric("acknowledged_total", by="link") == 1


def test_the_second_one_reads_who_has_it_and_has_no_big_button(house):
    paged(house)
    press(house, link(house, BOB))
    page = house.client.get(link(house))
    assert "bob has it since 03:10" in words(page)
    assert "I have it" not in words(page)
    assert "huge" not in page.text


def test_who_has_it_may_snooze_and_resolve_it(house):
    path = paged(house)
    press(house, path)
    assert "You have it Snooze 1 h Snooze 2 h Resolve" in words(house.client.get(path))
    press(house, path, "snooze1")
    assert house.rows(incident_table.c.snoozed_until) == [(house.clock() + timedelta(hours=1),)]
    assert "You have it, snoozed until 04:10 Snooze 1 h" in words(house.client.get(path))
    assert "It is over" in words(press(house, path, "resolve"))
    assert standing(house)[0] == "closed"


def test_snoozing_at_once_has_it_too(house):
    press(house, paged(house), "snooze2")
    assert standing(house) == ("acknowledged", "alice")
    assert house.rows(incident_table.c.snoozed_until) == [(house.clock() + timedelta(hours=2),)]


def test_what_is_over_says_so_and_has_no_button(house):
    path = paged(house)
    house.resolve()
    page = house.client.get(path)
    assert "It is over" in words(page)
    assert "<button" not in page.text


def test_a_link_holds_for_a_day_after_the_end_and_then_looks_like_any_wrong_one(house):
    path = paged(house)
    house.clock.advance(60)
    house.resolve()
    house.clock.advance(24 * 3600 - 1)
    assert house.client.get(path).status_code == 200
    house.clock.advance(2)
    over, never = house.client.get(path), house.client.get("/a/AbCdEfGhJkM")
    assert (over.status_code, never.status_code) == (404, 404)
    assert over.text == never.text


@pytest.mark.parametrize("token", ["x", "x" * 5000, "%00", "abcd%00ef", "..", "' OR 1=1 --", "日本"])
def test_whatever_stands_behind_the_slash_is_a_wrong_link(house, token):
    assert house.client.get(f"/a/{token}").status_code == 404
    assert house.client.post(f"/a/{token}", data={"act": "take"}).status_code == 404


def test_a_digests_link_is_about_exactly_what_its_sms_tells(url, clock):
    house = House(url, clock, STORM)
    house.fire("web-01")
    house.run(1)
    house.fire("web-02", "web-03", "web-04")
    house.run(60)
    house.fire("web-05")
    path = link(house)
    assert "+3 more" in [sms.text for sms in house.sandbox.accepted if sms.receiver == ALICE][-1]
    page = house.client.get(path)
    assert "3 incidents I have all 3" in words(page)
    for name in ("web-02", "web-03", "web-04"):
        assert name in page.text
    assert "You have them" in words(press(house, path))
    assert [standing(house, number)[0] for number in (1, 2, 3, 4)] == ["open", *["acknowledged"] * 3]
    house.close()


@pytest.mark.parametrize("form", [{}, {"act": "take"}, {"act": "take", "token": "x"}, {"act": "explode"}])
def test_a_form_that_is_not_ours_does_nothing(house, form):
    path = paged(house)
    answer = house.client.post(path, data=form)
    assert answer.status_code == 403
    assert "Nothing was done" in answer.text
    assert standing(house) == ("open", "")


def test_a_form_of_another_link_does_nothing(house):
    path = paged(house)
    other = {"token": proof(house.client.get(link(house, BOB))), "act": "take"}
    assert house.client.post(path, data=other).status_code == 403


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://evil.example", 403),
        ("http://p.example.org.evil.example", 403),
        ("file://", 403),
        ("", 403),
        ("https://p.example.org", 303),
        ("http://localhost", 303),
        ("null", 303),
    ],
)
def test_a_form_on_somebody_elses_page_does_nothing(house, origin, status):
    path = paged(house)
    form = {"token": proof(house.client.get(path)), "act": "take"}
    assert house.client.post(path, data=form, headers={"Origin": origin}).status_code == status
    assert standing(house)[0] == ("acknowledged" if status == 303 else "open")


def test_links_work_from_anywhere_without_a_login(url, clock):
    house = House(url, clock, PLAN.replace("server: {", 'server: {listen: "0.0.0.0:9095", bearer_token: secret, '))
    house.client.post(
        "/webhook",
        json={"alerts": [{"status": "firing", "labels": {"alertname": "A"}}]},
        headers={"Authorization": "Bearer secret"},
    )
    house.run(10)
    path = link(house)
    there = {"base_url": "https://p.example.org", "environ_base": {"REMOTE_ADDR": "93.184.216.34"}}
    assert house.client.get(path, **there).status_code == 200
    assert house.client.get("/style.css", **there).status_code == 200
    assert "You have it" in words(press(house, path))
    house.close()


def test_a_page_loads_nothing_runs_nothing_and_stays_nowhere(house):
    for page in (house.client.get(paged(house)), house.client.get("/a/AbCdEfGh"), house.client.get("/")):
        assert dict(page.headers) | {"Content-Length": ""} == {
            "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
            " frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cache-Control": "no-store",
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": "",
        }
        assert not re.search(r"<script|style=|\son\w+=|javascript:|src=", page.text)


def test_an_error_stays_nowhere_either(house):
    path, page = paged(house), house.client.get("/")
    for method, where in (
        ("PUT", path),
        ("OPTIONS", path),
        ("GET", "/a/b/c"),
        ("GET", "/nothing"),
        ("GET", "/metrics"),
        ("POST", "/webhook"),
        ("GET", "/api/v1/incidents"),
        ("GET", "/heartbeat/x"),
    ):
        answer = house.client.open(where, method=method)
        for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"):
            assert answer.headers[name] == page.headers[name], (method, where)


def test_the_log_of_a_store_that_is_away_holds_no_link(house, monkeypatch, caplog):
    path = paged(house)
    monkeypatch.setattr(house.app.store, "read", Broken().transact)
    answer = house.client.get(path)
    assert answer.status_code == 503
    assert "disk" not in answer.text  # the words may say where the store lies, and a link may be anybody's
    assert "a request needs the store" in caplog.text
    fields = [getattr(record, "fields", {}) for record in caplog.records]
    assert {"path": "/a/<token>", "why": "the disk is full"} in fields
    assert path not in f"{caplog.text}{fields}"


def test_what_an_alert_says_is_never_markup(house):
    path = paged(house, "<script>alert(1)</script>", name="<b>", team='"><img src=x>')
    page = house.client.get(path)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<b>" not in page.text.partition("<body>")[2]
    assert "<img" not in page.text


def test_a_right_link_passes_however_many_wrong_ones_came_before_it(house):
    """From the same address too: a whole office, or a proxy, shares one."""
    path = paged(house)
    wrong = ["3" * 11, "x7Kq5MdP", "nonsense"]
    assert [house.client.get(f"/a/{wrong[nth % 3]}").status_code for nth in range(300)] == [404] * 300
    assert house.client.get(path).status_code == 200
    assert "You have it" in words(press(house, path))


@pytest.mark.parametrize("token", ["x7Kq5Md", "x7Kq5MdPb", "x7Kq5MdPbR4xy", "x7Kq5MdO", "x7Kq5MdPbR0", "é" * 8])
def test_the_store_is_not_asked_for_what_was_never_a_link(house, monkeypatch, token):
    monkeypatch.setattr(house.app.store, "read", lambda _work: 1 / 0)
    assert house.client.get(f"/a/{token}").status_code == 404


def test_a_link_of_the_version_before_works_until_it_is_over(house):
    paged(house)
    old = Token(token="x7Kq5MdP", person="alice", incident_id=1, created_at=house.clock())
    house.app.store.transact(lambda tx: tokens.add(tx, [old]))
    assert "You have it" in words(press(house, "/a/x7Kq5MdP"))
    house.resolve()
    house.clock.advance(24 * 3600 + 1)
    assert house.client.get("/a/x7Kq5MdP").status_code == 404


def test_a_store_that_does_not_answer_says_so_and_lets_one_try_again(house):
    path = paged(house)
    form = {"token": proof(house.client.get(path)), "act": "take"}
    store = house.app.oncall.acknowledgements._store
    house.app.oncall.acknowledgements._store = Broken()
    answer = house.client.post(path, data=form)
    assert answer.status_code == 503
    assert "It could not be stored. Try it again." in answer.text
    house.app.oncall.acknowledgements._store = store
    assert "You have it" in words(press(house, path))


class Broken:
    """A store whose disk is full."""

    def transact(self, work):
        from alertsms.store.error import StoreError

        raise StoreError("the disk is full")


def test_a_link_may_confirm_a_number(house):
    token = Token(token="x7Kq5MdP", person="alice", number=ALICE, created_at=house.clock())
    house.app.store.transact(lambda tx: tokens.add(tx, [token]))
    assert "An SMS with this link came to your phone." in words(house.client.get("/a/x7Kq5MdP"))
    assert house.app.store.read(phones.confirmed) == {}
    assert "This phone works alertsms knows now that it reaches alice here." in words(press(house, "/a/x7Kq5MdP"))
    assert house.app.store.read(phones.confirmed)[ALICE].person == "alice"


def test_an_answer_by_link_confirms_the_number_too(house):
    press(house, paged(house))
    assert set(house.app.store.read(phones.confirmed)) == {ALICE}


def test_times_are_those_of_whose_link_it_is(house):
    paged(house)
    assert "fires since 02:10" in words(house.client.get(link(house, BOB)))


def test_somebody_who_left_the_configuration_can_still_answer(house):
    path = paged(house)
    house.reload(
        PLAN.replace("[alice, bob]", "[bob]").replace('alice: {phone: "+33612345678", time_zone: Europe/Paris}, ', "")
    )
    assert "You have it" in words(press(house, path))
    assert standing(house) == ("acknowledged", "alice")
    assert "fires since 02:10" in words(house.client.get(path))


def test_a_link_of_yesterday_tells_the_day(house):
    path = paged(house)
    house.clock.advance(timedelta(hours=23).total_seconds())
    assert "fires since Tue 3 Mar 03:10, 23 h" in words(house.client.get(path))


def test_a_muted_incident_can_be_taken_before_it_pages_again(house):
    path = paged(house)
    held = {"state": "held", "reason": "muted"}
    house.app.store.transact(lambda tx: tx.execute(update(incident_table).values(**held)))
    page = words(house.client.get(path))
    assert "I have it" in page
    assert "You have it" in words(press(house, path))


def test_a_link_whose_incident_was_deleted_is_over(house):
    path = paged(house)
    house.app.store.transact(lambda tx: tx.execute(delete(incident_table)))
    assert house.client.get(path).status_code == 404


def test_one_other_that_paged_somebody_is_named(house):
    paged(house, "web-01")
    second = paged(house, "web-02")
    assert "I have all 2 that paged me" in words(house.client.get(second))
    assert "I have the other one, #1 HighCPU" in words(press(house, second))


def test_the_page_of_a_link_for_a_chat_has_the_zone_of_most_people(house):
    path = paged(house)
    house.app.store.transact(lambda tx: tx.execute(update(token_table).values(person="the chat of ops")))
    assert "This link is for the chat of ops. Times are Europe/Paris." in words(house.client.get(path))


def test_all_that_paged_somebody_can_be_taken_by_one_link(house):
    first = paged(house, "web-01")
    second = paged(house, "web-02", "web-03")
    assert "I have all 3 that paged me" in words(house.client.get(first))
    assert "that paged me" in words(press(house, second)), "the last one's link leaves the other two"
    assert "I have all 2 that paged me" in words(house.client.get(second))
    press(house, second, "all")
    assert [standing(house, number) for number in (1, 2, 3)] == [("acknowledged", "alice")] * 3
    assert "that paged me" not in words(house.client.get(first))


def test_what_began_after_the_page_was_drawn_is_not_among_all(house):
    path = paged(house, "web-01", "web-02")
    form = {"token": proof(house.client.get(path)), "act": "all"}
    house.clock.advance(1)
    paged(house, "web-03")
    house.client.post(path, data=form)
    assert [standing(house, number)[0] for number in (1, 2, 3)] == ["acknowledged", "acknowledged", "open"]


def test_the_link_of_what_is_over_takes_what_still_pages(house):
    path = paged(house, "web-01")
    house.fire("web-02", "web-03")
    house.run(30)
    house.resolve("web-01")
    house.run(30)
    assert words(press(house, path, "all")).startswith("CRITICAL #1 HighCPU web-01")
    assert [standing(house, number)[0] for number in (1, 2, 3)] == ["closed", "acknowledged", "acknowledged"]


def test_links_lead_to_runbook_dashboard_and_source_and_to_nothing_else(house):
    labels = {"alertname": "HighCPU", "instance": "web-01", "severity": "critical"}
    annotations = {"runbook_url": "https://r.example.org/cpu", "dashboard": "javascript:alert(1)"}
    one = {"labels": labels, "annotations": annotations, "generatorURL": "http://prom.example.org/graph?a=<b>"}
    house.post(one | {"status": "firing", "panelURL": "https://g.example.org/d/1?panel=2"})
    house.run(30)
    page = house.client.get(link(house)).text
    assert re.findall('<a href="([^"]+)" rel="noopener noreferrer" target="_blank">([A-Z][a-z]+)</a>', page) == [
        ("https://r.example.org/cpu", "Runbook"),
        ("https://g.example.org/d/1?panel=2", "Panel"),
        ("http://prom.example.org/graph?a=&lt;b&gt;", "Source"),
    ]
    assert 'href="javascript' not in page
    assert "source_url" not in page
