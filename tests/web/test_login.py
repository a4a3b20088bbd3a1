"""Who may open the pages for people."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urljoin

import pytest

from alertsms.web.attempts import REMEMBERED, Attempts
from alertsms.web.login import LASTS
from tests.house import NIGHT, PLAN, House

LOGIN = "login: [{username: alice, password: wonder}, {username: Zoë, password: land}]"
EXPOSED = 'listen: "0.0.0.0:9095", bearer_token: let-me-in, external_url: "https://pager.example.org"'
PAGES = ["/", "/on-call", "/incidents/1"]


@pytest.fixture
def build(url, clock):
    """Builds a house with these settings of its server."""
    built: list[House] = []

    def build(settings: str) -> House:
        built.append(House(url, clock, f"{PLAN}server: {{{settings}}}\n"))
        return built[-1]

    yield build
    for house in built:
        house.close()


def log_in(house: House, name: str = "alice", password: str = "wonder", **more: object):
    return house.client.post("/login", data={"username": name, "password": password, **more.pop("form", {})}, **more)


def follow(house: House, answer):
    """Go where a browser would: redirects are relative, for proxies that serve us below a path."""
    assert answer.status_code == 303
    return house.client.get(urljoin(answer.request.url, answer.headers["Location"]))


@pytest.mark.parametrize("path", PAGES)
def test_without_a_login_pages_are_for_this_machine(house, path):
    house.fire()
    for host in ("127.0.0.1:9095", "localhost", "[::1]:9095", "pager.localhost"):
        assert house.client.get(path, headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_elsewhere_that_borrows_a_name_for_this_machine_reads_nothing(house, path):
    house.fire()
    answer = house.client.get(path, headers={"Host": "evil.example:9095"})
    assert answer.status_code == 403
    assert "These pages do not answer as evil.example:9095." in answer.text
    assert "server.external_url" in answer.text
    assert "HighCPU" not in answer.text


def test_behind_a_proxy_the_configured_name_is_answered(build):
    house = build('external_url: "https://pager.example.org"')
    assert house.client.get("/", headers={"Host": "pager.example.org"}).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_beyond_loopback_pages_say_which_login_to_write(build, path):
    answer = build(EXPOSED).client.get(path)
    assert answer.status_code == 403
    assert "Write server.login: [{username: alice, password_file: /run/secrets/alice}]" in answer.text


@pytest.mark.parametrize("settings", [LOGIN, f"{EXPOSED}, {LOGIN}"])
@pytest.mark.parametrize("path", PAGES)
def test_with_a_login_every_page_asks_for_it_and_then_goes_on(build, settings, path):
    house = build(settings)
    house.fire() if "bearer" not in settings else None
    asked = follow(house, house.client.get(path))
    assert asked.request.path == "/login"
    assert f'name="next" value="{path}"' in asked.text
    went_on = follow(house, log_in(house, form={"next": path}))
    assert went_on.request.path == path
    assert ("Log out" in went_on.text) == (went_on.status_code == 200)


def test_a_button_of_a_page_asks_for_the_login_too(build):
    house = build(LOGIN)
    house.fire()
    answer = house.client.post("/incidents/1", data={"act": "take", "by": "bob"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "../login?next=/incidents/1")
    assert house.client.get("/api/v1/incidents").status_code == 403


@pytest.mark.parametrize(("name", "password"), [
    ("alice", "land"), ("alice", ""), ("", ""), ("alice", "wonder "), ("Alice", "wonder"), ("Zoë", "wonder"),
    ("x\ufffd", "\x00"), ("alice\nwonder", ""), ("a" * 9000, "b" * 9000),
])  # fmt: skip
def test_a_wrong_name_or_password_gets_no_cookie(build, name, password):
    house = build(LOGIN)
    answer = log_in(house, name, password)
    assert answer.status_code == 403
    assert "This name and password do not fit." in answer.text
    assert "Set-Cookie" not in answer.headers
    assert house.client.get("/").status_code == 303


def test_a_name_may_have_letters_of_any_script(build):
    house = build(LOGIN)
    assert "Zoë" in follow(house, log_in(house, "Zoë", "land")).text


def test_the_cookie_is_kept_from_scripts_other_pages_and_plain_http(build):
    house = build(f"{EXPOSED}, {LOGIN}")
    there = log_in(house, base_url="https://pager.example.org").headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Lax", "Secure", "Max-Age=2592000", "Path=/"):
        assert part in there.split("; ")
    assert "wonder" not in there
    assert "Secure" not in log_in(house, base_url="http://127.0.0.1:9095").headers["Set-Cookie"]


def test_a_login_lasts_for_thirty_days(build):
    house = build(LOGIN)
    log_in(house)
    house.clock.advance(LASTS.total_seconds() - 2)
    assert house.client.get("/").status_code == 200
    house.clock.advance(2)
    assert house.client.get("/").status_code == 303


def test_a_login_outlives_a_restart_and_ends_with_its_password(build):
    house = build(LOGIN)
    log_in(house)
    (cookie,) = (each.value for each in house.client._cookies.values())
    house.crash()
    house.start()
    house.client.set_cookie("alertsms", cookie)
    assert house.client.get("/").status_code == 200
    house.reload(f"{PLAN}server: {{{LOGIN.replace('wonder', 'other')}}}\n")
    assert house.client.get("/").status_code == 303


def test_a_login_ends_when_it_is_taken_out_of_the_file(build):
    house = build(LOGIN)
    log_in(house)
    house.reload(f"{PLAN}server: {{login: {{username: Zoë, password: land}}}}\n")
    assert house.client.get("/").status_code == 303


def test_somebody_may_log_out(build):
    house = build(LOGIN)
    log_in(house)
    assert follow(house, house.client.post("/logout")).request.path == "/login"
    assert house.client.get("/").status_code == 303


def test_a_form_of_another_site_logs_nobody_out(build):
    house = build(LOGIN)
    log_in(house)
    for evil in ({"Origin": "https://evil.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}):
        answer = house.client.post("/logout", headers=evil)
        assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)
    assert house.client.get("/").status_code == 200


def test_a_cookie_cannot_be_made_up_or_changed(build):
    house = build(LOGIN)
    log_in(house)
    (cookie,) = (each.value for each in house.client._cookies.values())
    name, began, signature = cookie.split(".")
    for wrong in (
        "", "a", "..", f"{name}.{began}.", f"{name}.{int(began) + 60}.{signature}", f"Wm/Dqw==.{began}.{signature}",
        f"{name}.{began}.{signature[:-1]}", f"{name}.{began}x.{signature}", "ÿ.ÿ.ÿ", f"{name}.{'9' * 400}.x",
    ):  # fmt: skip
        house.client.set_cookie("alertsms", wrong)
        assert house.client.get("/").status_code == 303, wrong


@pytest.mark.parametrize(
    "following", ["https://evil.example/", "//evil.example", "/\\evil.example", "/incidents/x", "/a/b", ""]
)
def test_after_the_login_nobody_is_sent_elsewhere(build, following):
    answer = log_in(build(LOGIN), form={"next": following})
    assert (answer.status_code, answer.headers["Location"]) == (303, "./")


def test_a_login_of_another_sites_form_is_refused(build):
    house = build(LOGIN)
    assert log_in(house, headers={"Origin": "https://evil.example"}).status_code == 403
    # Under no-referrer or in a sandbox a page names no origin.
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 303), ("none", 303)):
        assert log_in(house, headers={"Origin": "null", "Sec-Fetch-Site": site}).status_code == status


def test_passwords_cannot_be_tried_without_end(build):
    house = build(LOGIN)
    answers = [log_in(house, password=str(number)).status_code for number in range(11)]
    assert answers == [403] * 10 + [429]
    assert log_in(house).status_code == 429
    other = {"REMOTE_ADDR": "93.184.216.34"}
    assert log_in(house, environ_base=other).status_code == 303
    house.clock.advance(600)
    assert log_in(house).status_code == 303


def test_addresses_behind_a_proxy_are_told_apart(build):
    house = build(LOGIN)
    for number in range(10):
        log_in(house, password=str(number), headers={"X-Forwarded-For": "10.9.9.9, 93.184.216.34"})
    assert log_in(house, headers={"X-Forwarded-For": "93.184.216.34"}).status_code == 429
    assert log_in(house, headers={"X-Forwarded-For": "93.184.216.35"}).status_code == 303


def test_somebody_far_away_cannot_say_whom_to_count(build):
    house = build(LOGIN)
    far = {"REMOTE_ADDR": "93.184.216.34"}
    for number in range(10):
        log_in(house, password="x", headers={"X-Forwarded-For": f"192.0.2.{number}"}, environ_base=far)
    assert log_in(house, headers={"X-Forwarded-For": "192.0.2.99"}, environ_base=far).status_code == 429


def test_a_network_of_ipv6_counts_as_one(build):
    house = build(LOGIN)
    for number in range(10):
        log_in(house, password="x", headers={"X-Forwarded-For": f"2a01:e0a:1:2::{number}"})
    assert log_in(house, headers={"X-Forwarded-For": "2a01:e0a:1:2:ffff::1"}).status_code == 429
    assert log_in(house, headers={"X-Forwarded-For": "2a01:e0a:1:3::1"}).status_code == 303


def test_attempts_of_all_addresses_are_bounded_and_forgotten():
    attempts = Attempts(each=2, together=5)
    for number in range(5):
        assert attempts.allowed(f"192.0.2.{number}", NIGHT)
        attempts.miss(f"192.0.2.{number}", NIGHT)
    assert not attempts.allowed("192.0.2.99", NIGHT)
    assert attempts.allowed("192.0.2.99", NIGHT + timedelta(minutes=10))


def test_attempts_are_counted_in_bounded_memory():
    attempts = Attempts(each=1, together=10**9)
    for number in range(REMEMBERED + 10):
        attempts.miss(str(number), NIGHT)
    assert len(attempts._missed) == REMEMBERED
    assert attempts.allowed("0", NIGHT)
    assert not attempts.allowed(str(REMEMBERED), NIGHT)


def test_without_a_login_there_is_none_to_ask_for(house):
    assert follow(house, house.client.get("/login")).request.path == "/"
    assert follow(house, house.client.post("/logout")).request.path == "/"
