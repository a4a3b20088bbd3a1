"""Who may open the pages for people."""

from __future__ import annotations

import threading
from datetime import timedelta
from urllib.parse import urljoin

import pytest
from sqlalchemy import select

from alertsms.machine import password
from alertsms.store import copies
from alertsms.store.error import StoreError
from alertsms.store.schema import fact_table
from alertsms.web.capacity import REMEMBERED, Attempts, Few
from alertsms.web.site import login
from alertsms.web.site.login import LASTS
from tests.support.house import NIGHT, PLAN, House

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
    assert "for this machine alone, under a name such as 127.0.0.1" in answer.text
    assert "HighCPU" not in answer.text


@pytest.mark.parametrize("host", ["pager.example.org", "127.0.0.1:9095"])
def test_behind_a_proxy_nobody_is_answered_without_a_login(build, host):
    """A bare proxy_pass looks like this machine: so that one has to log in too."""
    house = build('external_url: "https://pager.example.org"')
    answer = house.client.get("/", headers={"Host": host})
    assert answer.status_code == 403
    assert "Write server.login: " in answer.text


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


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("alice", "land"),
        ("alice", ""),
        ("", ""),
        ("alice", "wonder "),
        ("Alice", "wonder"),
        ("Zoë", "wonder"),
        ("x\ufffd", "\x00"),
        ("alice\nwonder", ""),
        ("a" * 1500, "b" * 1500),
    ],
)
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


def test_the_cookie_is_kept_from_scripts_other_pages_neighbours_and_plain_http(build):
    house = build(f"{EXPOSED}, {LOGIN}")
    there, device, old = log_in(house, base_url="https://pager.example.org").headers.getlist("Set-Cookie")
    for cookie, name, age in ((there, "__Host-alertsms", 2592000), (device, "__Host-alertsms-device", 34560000)):
        assert cookie.startswith(f"{name}=")
        for part in ("HttpOnly", "SameSite=Lax", "Secure", f"Max-Age={age}", "Path=/"):
            assert part in cookie.split("; ")
        assert "Domain" not in cookie  # with which browsers refuse such a name
        assert "wonder" not in cookie
    assert old.startswith("alertsms=; ")  # what an older version set is gone
    near = log_in(house, base_url="http://127.0.0.1:9095").headers["Set-Cookie"]
    assert near.startswith("alertsms=")
    assert "Secure" not in near


def test_over_tls_a_cookie_of_the_plain_name_counts_for_nothing(build):
    """Any neighbour of our host's name can set one, but none whose name begins with __Host-."""
    house = build(f"{EXPOSED}, {LOGIN}")
    cookie = log_in(house, base_url="https://pager.example.org").headers["Set-Cookie"].split(";")[0].split("=", 1)[1]

    def status(name: str, **more: object) -> int:
        headers = {"Cookie": f"{name}={cookie}", **more.pop("headers", {})}
        return house.app.wsgi.test_client(use_cookies=False).get("/", headers=headers, **more).status_code

    assert status("__Host-alertsms", base_url="https://pager.example.org") == 200
    assert status("alertsms", base_url="https://pager.example.org") == 303
    assert status("__Host-alertsms", base_url="http://127.0.0.1:9095") == 303
    proxied = {"X-Forwarded-Proto": "https"}  # one that passes no Host on
    assert status("__Host-alertsms", base_url="http://127.0.0.1:9095", headers=proxied) == 200


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
    cookie = kept(house)
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


def kept(house: House, name: str = "alertsms") -> str:
    (cookie,) = (each.value for each in house.client._cookies.values() if each.key == name)
    return cookie


def logged_out(house: House) -> list[str]:
    keys = select(fact_table.c.key).where(fact_table.c.key.like("logout:%"))
    return house.app.store.read(lambda tx: list(tx.execute(keys).scalars()))


def test_who_logged_out_is_out_wherever_the_cookie_was_copied_to(build):
    """A log, a proxy or a backup of the browser may have it; another browser of the same person stays logged in."""
    house = build(LOGIN)
    log_in(house)
    copied = kept(house)
    house.client.delete_cookie("alertsms")
    log_in(house)
    other = kept(house)
    assert copied != other
    house.client.set_cookie("alertsms", copied)
    house.client.post("/logout")
    for again in (False, True):
        house.client.set_cookie("alertsms", copied)
        assert house.client.get("/").status_code == 303
        house.client.set_cookie("alertsms", other)
        assert house.client.get("/").status_code == 200
        if not again:
            house.crash()
            house.start()


def test_what_ends_all_logins_ends_those_of_before(build):
    """As after a backup was restored: by the statements that are printed for PostgreSQL too."""
    house = build(LOGIN)
    log_in(house)
    house.app.store.transact(lambda tx: [tx.exec_driver_sql(one) for one in copies.ended(house.clock())])
    assert house.client.get("/").status_code == 303
    house.clock.advance(1)
    log_in(house)
    assert house.client.get("/").status_code == 200
    house.app.store.transact(lambda tx: [tx.exec_driver_sql(one) for one in copies.ended(house.clock())])
    assert house.client.get("/").status_code == 303


def test_a_logout_on_one_replica_counts_on_the_others(build):
    house = build(LOGIN)
    log_in(house)
    assert logged_out(house) == []
    copied = kept(house)
    house.client.post("/logout")
    (row,) = logged_out(house)  # in the store that they share
    assert copied.rpartition(".")[2] not in row


def test_what_was_logged_out_is_forgotten_once_it_would_be_over(build):
    house = build(LOGIN)
    for _ in range(5):
        log_in(house)
        house.client.post("/logout")
        house.clock.advance(LASTS.total_seconds() / 2)
    assert len(logged_out(house)) == 3


def test_a_logout_that_nobody_is_logged_in_for_leaves_nothing_behind(build):
    """Strangers cannot fill the store."""
    house = build(LOGIN)
    for cookie in ("", "a.1.b.c", "YWxpY2U=.1780000000.x.y"):
        house.client.set_cookie("alertsms", cookie)
        assert house.client.post("/logout").status_code == 303
    assert logged_out(house) == []


def test_a_logout_that_cannot_be_stored_says_so(build, monkeypatch):
    house = build(LOGIN)
    log_in(house)

    def away(_work):
        raise StoreError("away")

    monkeypatch.setattr(house.app.store, "transact", away)
    assert house.client.post("/logout").status_code == 503
    monkeypatch.undo()
    assert house.client.get("/").status_code == 200


# --- hashes ---

HASH = password.make("wonder")


def test_a_password_may_be_written_as_a_hash(build):
    house = build(f"login: [{{username: alice, password: '{HASH}'}}, {{username: bob, password: land}}]")
    assert log_in(house, "alice", "wonder").status_code == 303
    assert log_in(house, "bob", "land").status_code == 303
    for name, given in (("alice", "Wonder"), ("alice", HASH), ("alice", ""), ("bob", "wonder"), ("carol", "wonder")):
        assert log_in(house, name, given).status_code == 403


def test_a_hash_in_a_file_works_too_and_a_new_one_ends_the_login(build, tmp_path):
    (tmp_path / "alice").write_text(f"{HASH}\n")
    settings = f"login: {{username: alice, password_file: {tmp_path}/alice}}"
    house = build(settings)
    log_in(house)
    assert house.client.get("/").status_code == 200
    (tmp_path / "alice").write_text(password.make("wonder"))
    house.reload(f"{PLAN}server: {{{settings}}}\n")
    assert house.client.get("/").status_code == 303


def test_no_name_is_given_away_by_the_work_it_makes(build, monkeypatch):
    house = build(f"login: [{{username: alice, password: '{HASH}'}}, {{username: bob, password: land}}]")
    looked = []
    monkeypatch.setattr(login, "password_matches", lambda given, _written: looked.append(given))
    for name in ("alice", "bob", "carol", ""):
        log_in(house, name, "x")
    assert looked == ["x"] * 4


def test_hashes_are_looked_at_two_at_a_time(build, monkeypatch):
    """Each takes 32 MB: many strangers together must not take them all."""
    house = build(f"login: {{username: alice, password: '{HASH}'}}")
    go, entered = threading.Event(), threading.Semaphore(0)

    def look(_given: str, _written: str) -> bool:
        entered.release()
        return not go.wait(10)

    monkeypatch.setattr(login, "password_matches", look)
    threads = [threading.Thread(target=log_in, args=(house,), kwargs=stranger(number)) for number in range(4)]
    for thread in threads:
        thread.start()
    assert all(entered.acquire(timeout=10) for _ in range(login.HASHES))
    assert not entered.acquire(timeout=0.1)
    go.set()
    for thread in threads:
        thread.join(10)
    assert all(entered.acquire(timeout=10) for _ in range(2))


def stranger(number: int) -> dict[str, object]:
    return {"environ_base": {"REMOTE_ADDR": f"192.0.2.{number}"}}


def test_a_right_password_waits_its_turn_behind_those_of_strangers(build, monkeypatch):
    """A dozen addresses, each as often as it may, do not send it away, nor does one that tries more at once."""
    inside, enter = threading.Semaphore(0), login.Few.enter
    monkeypatch.setattr(login.Few, "enter", lambda line, whose: (enter(line, whose), inside.release())[0])
    house = build(f"login: {{username: alice, password: '{HASH}'}}")
    go, entered = threading.Event(), threading.Semaphore(0)

    def look(given: str, _written: str) -> bool:
        entered.release()
        assert go.wait(10)
        return given == "wonder"

    monkeypatch.setattr(login, "password_matches", look)
    codes: list[int] = []

    def attempt(number: int, password: str = "x") -> None:
        client = house.app.wsgi.test_client()
        form = {"username": "alice", "password": password}
        codes.append(client.post("/login", data=form, **stranger(number)).status_code)

    tries = [threading.Thread(target=attempt, args=(number,)) for number in (*range(1, 13), 1)]
    for one in tries:
        one.start()
    assert all(inside.acquire(timeout=10) for _ in tries)
    assert all(entered.acquire(timeout=10) for _ in range(login.HASHES))
    attempt(1)  # the third of one address at a time
    assert codes == [429]
    right = threading.Thread(target=attempt, args=(99, "wonder"))
    right.start()
    go.set()
    for one in (*tries, right):
        one.join(10)
    assert sorted(codes) == [303, *[403] * 13, 429]


def test_few_logins_wait_so_that_the_threads_are_for_webhooks(monkeypatch, build):
    monkeypatch.setattr(login, "WAITING", 0)
    house = build(LOGIN)
    answer = log_in(house)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert "Try it again in a few seconds." in answer.text


@pytest.mark.parametrize("settings", [LOGIN, f"{EXPOSED}, {LOGIN}"])
def test_a_form_is_read_once_there_is_a_place_for_it(monkeypatch, build, settings):
    """Four hundred strangers that had theirs read at once kept webhooks waiting for half a minute."""
    monkeypatch.setattr(login, "WAITING", 0)
    monkeypatch.setattr("werkzeug.wrappers.request.Request._load_form_data", lambda _: pytest.fail("it was read"))
    assert log_in(build(settings)).status_code == 429


@pytest.mark.parametrize("path", ["/login", "/logout", "/a/x7Kq5MdPbR4", "/incidents/1"])
def test_forms_are_small_and_of_one_kind(monkeypatch, build, path):
    monkeypatch.setattr("werkzeug.wrappers.request.Request._load_form_data", lambda _: pytest.fail("it was read"))
    house = build(LOGIN)
    for kind in ("multipart/form-data; boundary=b", "text/plain", "application/json"):
        answer = house.client.post(path, data=b"--b--", content_type=kind)
        assert answer.status_code == 415
        assert "Forms are taken as application/x-www-form-urlencoded only." in answer.text


def test_a_form_of_a_login_asks_no_store(build, monkeypatch):
    """So that no number of them waits for one that hangs, not even with a cookie that was ours."""
    house = build(LOGIN)
    log_in(house)
    monkeypatch.setattr(house.app.store, "read", lambda _: pytest.fail("it was asked"))
    assert house.client.get("/login").status_code == 200
    assert log_in(house).status_code == 303


def test_a_login_says_where_to_go_on_in_few_words(build):
    house = build(LOGIN)
    for query in ("next=/on-call&" + "a=b&" * 4_000, "next=//evil.example", "next=/on-call%0a"):
        assert 'name="next" value="/"' in house.client.get(f"/login?{query}").text
    assert 'name="next" value="/on-call"' in house.client.get("/login?next=/on-call").text
    assert log_in(house, form={"next": "//evil.example"}).headers["Location"] == "./"


def test_a_browser_that_is_known_by_another_name_misses_for_its_address(build):
    house = build(LOGIN)
    log_in(house)  # as alice
    assert [log_in(house, "Zoë", "x").status_code for _ in range(login.MISSES + 1)] == [403] * login.MISSES + [429]
    assert log_in(house).status_code == 303


def test_places_are_kept_free_for_browsers_that_are_known(build, monkeypatch):
    house = build(LOGIN)
    log_in(house)
    device = kept(house, "alertsms-device")
    house.crash()
    monkeypatch.setattr(login, "WAITING", 0)
    house.start()
    house.client.set_cookie("alertsms-device", device)
    assert log_in(house).status_code == 303
    house.client.delete_cookie("alertsms-device")
    assert log_in(house).status_code == 429


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
    cookie = kept(house)
    name, began, nonce, signature = cookie.split(".")
    for wrong in (
        "",
        "a",
        "..",
        f"{name}.{began}.{nonce}.",
        f"{name}.{int(began) + 60}.{nonce}.{signature}",
        f"Wm/Dqw==.{began}.{nonce}.{signature}",
        f"{name}.{began}.{nonce}.{signature[:-1]}",
        f"{name}.{began}x.{nonce}.{signature}",
        f"{name}.{began}.x.{signature}",
        f"{name}.{began}.{signature}",
        "ÿ.ÿ.ÿ.ÿ",
        f"{name}.{'9' * 400}.x.x",
        f"{cookie}.",
    ):
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


# --- wrong ones ---

FAR = {"environ_base": {"REMOTE_ADDR": "93.184.216.34"}}
TRUSTING = f"{LOGIN}, trusted_proxies: [127.0.0.1, 10.0.0.0/8]"


def test_passwords_are_tried_ten_times_and_then_one_every_five_seconds(build):
    house = build(LOGIN)
    answers = [log_in(house, password=str(number)).status_code for number in range(11)]
    assert answers == [403] * 10 + [429]
    again = log_in(house)
    assert (again.status_code, again.headers["Retry-After"]) == (429, "5")
    assert "try it again in five seconds" in again.text
    house.clock.advance(3.5)
    assert log_in(house).headers["Retry-After"] == "2"
    house.clock.advance(1.5)
    assert [log_in(house, password="x").status_code for _ in range(2)] == [403, 429]
    house.clock.advance(5)
    assert log_in(house).status_code == 303
    house.client.delete_cookie("alertsms-device")
    house.clock.advance(600)
    assert [log_in(house, password=str(number)).status_code for number in range(11)] == [403] * 10 + [429]


def test_right_passwords_are_no_misses(build):
    house = build(LOGIN)
    assert [log_in(house).status_code for _ in range(30)] == [303] * 30


def test_many_wrong_passwords_lock_nobody_out_elsewhere(build):
    house = build(LOGIN)
    for number in range(50):
        for _ in range(6):
            log_in(house, password="x", environ_base={"REMOTE_ADDR": f"192.0.2.{number}"})
    assert log_in(house, **FAR).status_code == 303


def strangers_try(house: House) -> None:
    """From the address of our client, with no cookie of it."""
    for number in range(20):
        house.app.wsgi.test_client().post("/login", data={"username": "alice", "password": str(number)})


def test_a_browser_that_somebody_logged_in_by_passes_among_strangers(build):
    house = build(LOGIN)
    log_in(house)
    house.client.post("/logout")
    strangers_try(house)
    assert log_in(house, "Zoë", "land").status_code == 429
    assert log_in(house).status_code == 303
    house.clock.advance(399 * 86400)
    strangers_try(house)
    assert log_in(house).status_code == 303


def test_a_known_browser_may_not_try_without_end_either(build):
    house = build(LOGIN)
    log_in(house)
    strangers_try(house)
    answers = [log_in(house, password=str(number)).status_code for number in range(12)]
    assert answers == [403] * 10 + [429] * 2


def test_a_browser_is_no_longer_known_after_its_password_changed(build):
    house = build(LOGIN)
    log_in(house)
    house.reload(f"{PLAN}server: {{{LOGIN.replace('wonder', 'other')}}}\n")
    strangers_try(house)
    assert log_in(house, password="other").status_code == 429


def test_a_known_browser_cannot_be_made_up(build):
    house = build(LOGIN)
    log_in(house)
    login_cookie, device = kept(house), kept(house, "alertsms-device")
    name, began, nonce, signature = device.split(".")
    strangers_try(house)
    for wrong in (
        login_cookie,
        "",
        f"{name}.{began}.x.{signature}",
        f"Wm/Dqw==.{began}.{nonce}.{signature}",
        "ÿ.ÿ.ÿ.ÿ",
    ):
        house.client.set_cookie("alertsms-device", wrong)
        assert log_in(house).status_code == 429, wrong
    house.client.set_cookie("alertsms", device)
    assert house.client.get("/").status_code == 303  # and it logs nobody in
    house.client.set_cookie("alertsms-device", device)
    assert log_in(house).status_code == 303


def test_whom_a_trusted_proxy_names_counts(build):
    house = build(TRUSTING)
    for number in range(10):
        log_in(house, password=str(number), headers={"X-Forwarded-For": "192.0.2.1, 93.184.216.34, 10.9.9.9"})
    assert log_in(house, headers={"X-Forwarded-For": "93.184.216.34"}).status_code == 429
    assert log_in(house, headers={"X-Forwarded-For": "93.184.216.35"}).status_code == 303


@pytest.mark.parametrize(("settings", "peer"), [(LOGIN, "127.0.0.1"), (LOGIN, "10.0.0.7"), (TRUSTING, "93.184.216.34")])
def test_whoever_is_no_trusted_proxy_cannot_say_whom_to_count(build, settings, peer):
    house, there = build(settings), {"REMOTE_ADDR": peer}
    for number in range(10):
        log_in(house, password="x", headers={"X-Forwarded-For": f"192.0.2.{number}"}, environ_base=there)
    assert log_in(house, headers={"X-Forwarded-For": "192.0.2.99"}, environ_base=there).status_code == 429


def test_a_network_of_ipv6_counts_as_one(build):
    house = build(TRUSTING)
    for number in range(10):
        log_in(house, password="x", headers={"X-Forwarded-For": f"2a01:e0a:1:2::{number}"})
    assert log_in(house, headers={"X-Forwarded-For": "2a01:e0a:1:2:ffff::1"}).status_code == 429
    assert log_in(house, headers={"X-Forwarded-For": "2a01:e0a:1:3::1"}).status_code == 303


def test_attempts_that_are_not_judged_yet_are_misses():
    """Else a thousand at the same moment would all be looked at."""
    attempts = Attempts(most=2)
    assert [attempts.take("192.0.2.1", NIGHT) for _ in range(3)] == [0, 0, 5]
    attempts.right("192.0.2.1", NIGHT)
    assert attempts.take("192.0.2.1", NIGHT) == 0


def test_attempts_are_counted_in_bounded_memory():
    attempts = Attempts(most=1)
    for number in range(REMEMBERED + 10):
        attempts.take(str(number), NIGHT)
    assert len(attempts._missed) == REMEMBERED
    assert attempts.free("0", NIGHT)
    assert not attempts.free(str(REMEMBERED), NIGHT)
    assert attempts.free(str(REMEMBERED), NIGHT + timedelta(minutes=10))
    for _ in range(100):
        attempts.take("0", NIGHT)
    assert len(attempts._missed["0"]) == 1


def test_without_a_login_there_is_none_to_ask_for(house):
    assert follow(house, house.client.get("/login")).request.path == "/"
    assert follow(house, house.client.post("/logout")).request.path == "/"


def test_one_address_takes_a_few_of_the_places_and_gives_them_back():
    few = Few(5, 2)
    assert [few.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert [few.enter(f"192.0.2.{number}") for number in range(2, 6)] == [True, True, True, False]
    for number in (1, 1, 2, 3, 4):
        few.leave(f"192.0.2.{number}")
    assert dict(few._inside) == {}
