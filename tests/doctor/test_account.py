"""An account with each of its troubles, as somebody reads it whose pager just failed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from socket import gaierror

import pytest
import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError

from alertsms.doctor import CheckedAccount, Finding, FindingLevel
from alertsms.doctor.account import examine
from alertsms.ovh.auth import access_rules
from alertsms.ovh.client import Client
from alertsms.ovh.connection import Credentials
from alertsms.ovh.sms import SmsAccount, SmsApi
from alertsms.sandbox import Fault, FaultKind, Sandbox
from alertsms.sandbox.adapter import SandboxAdapter
from alertsms.sandbox.keys import AccessRule, KeyState

SERVICE = "sms-xx00000-1"
ALICE, BOB = "+33612345678", "+4915112345678"
PHONES = {ALICE: "alice (+33*******78)", BOB: "bob (+49*********78)"}
NEW = "make new keys with `alertsms login`, write all three into the configuration and reload"
UNTIL_THEN = "until then write a validated one, or sender_for_response: true (a short number, French phones only)"
WELL = [
    "ok ovh reach: ovh.test answers",
    "ok ovh clock: this machine's clock agrees with OVHcloud's",
    "ok ovh keys: they work, and have no end",
    "ok ovh rights: the keys have every right that alertsms uses",
    "ok ovh account: sms-xx00000-1 is enabled",
    "ok ovh credits: 1000 left",
    "ok ovh receipts: they are polled; with server.external_url OVHcloud could call them back",
    "ok ovh sender: ACME is validated",
    "ok ovh STOP list: nobody who can be paged is on it",
]


class Account:
    """A sandbox, the keys that somebody wrote for it, and what a check-up finds."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0)  # as OVHcloud tells its time
        self.sandbox = Sandbox(wall=self.now.timestamp, window=60.0)
        self.subject = CheckedAccount(outlet=self.outlet(), phones=PHONES, low_credits=200)

    def outlet(self, service: str = SERVICE, **keys: str) -> SmsAccount:
        given = {
            "application_key": "sandbox-key",
            "application_secret": "sandbox-secret",
            "consumer_key": "sandbox-consumer",
        }
        client = Client(
            base_url="http://ovh.test/1.0", credentials=Credentials(**given | keys), session_factory=self.session
        )
        return SmsAccount(client=client, sms=SmsApi(client, service), sender="ACME")

    def session(self) -> requests.Session:
        opened = requests.Session()
        opened.mount("http://ovh.test", SandboxAdapter(self.sandbox))
        return opened

    def sends(self, **how: object) -> None:
        self.subject = replace(self.subject, outlet=replace(self.subject.outlet, **{"sender": None} | how))

    def grant(self, rules, **more: object) -> None:
        """Other rights, or another life, of the same key."""
        self.sandbox.keys.grant(
            [AccessRule(method=method, path=path) for method, path in rules],
            now=self.now.timestamp(),
            key="sandbox-consumer",
            **more,
        )

    def found(self) -> list[Finding]:
        return list(examine(self.subject, self.now))

    def said(self) -> list[str]:
        return [f"{one.level} {one.about}: {one.says}" + (f" -> {one.fix}" if one.fix else "") for one in self.found()]

    def trouble(self) -> str:
        """The only finding that is not ok."""
        (one,) = [line for line in self.said() if not line.startswith("ok ")]
        return one


@pytest.fixture
def account() -> Iterator[Account]:
    made = Account()
    yield made
    made.subject.outlet.client.close()


def test_an_account_that_is_well(account):
    assert account.said() == WELL


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (
            {"application_key": "other"},
            (
                "403 INVALID_KEY: This application key is invalid (query *) -> "
                f"application_key is wrong, or of another region: {NEW}"
            ),
        ),
        (
            {"application_secret": "other"},
            (
                "400 INVALID_SIGNATURE: Invalid signature (query *) -> application_secret is not that of"
                " application_key: write the right one, without quotes or spaces"
            ),
        ),
        (
            {"consumer_key": "other"},
            f"403 NOT_CREDENTIAL: This credential does not exist (query *) -> consumer_key is wrong: {NEW}",
        ),
    ],
)
def test_wrong_keys_are_told_apart_and_end_it(account, keys, said):
    account.subject = replace(account.subject, outlet=account.outlet(**keys))
    lines = account.said()
    assert lines[:2] == WELL[:2]
    (last,) = lines[2:]
    before, _, rest = last.partition("(query ")
    assert f"{before}(query *{rest[rest.index(')') :]}" == f"fail ovh keys: ovh.test answers current_credential: {said}"


def test_dead_keys(account):
    account.grant(access_rules(SERVICE), state=KeyState.EXPIRED)
    last = account.said()[-1]
    assert last.startswith("fail ovh keys: ovh.test answers current_credential: 403 INVALID_CREDENTIAL")
    assert last.endswith(f"consumer_key expired, was withdrawn or never validated: {NEW}; choose an unlimited validity")


def test_keys_that_end_soon(account):
    late = (account.now + timedelta(days=32)).replace(hour=23, minute=50)  # where OVHcloud is it is the next day
    account.grant(access_rules(SERVICE), expires_at=late.timestamp())
    assert f"ok ovh keys: they work, until {late:%Y-%m-%d}" in account.said()
    ends = account.now + timedelta(days=29)
    account.grant(access_rules(SERVICE), expires_at=ends.timestamp())
    assert account.trouble() == (
        f"warn ovh keys: they work, but only until {ends:%Y-%m-%d %H:%M} UTC -> before that, {NEW}; choose an unlimited"
        " validity"
    )


LACKS = "the keys lack"
CANNOT = f"rights cannot be added: {NEW}"


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (
            [("POST", "/jobs"), ("GET", "/outgoing"), ("GET", "/senders/*")],
            (
                f"fail ovh rights: {LACKS} POST /sms/{SERVICE}/jobs, GET /sms/{SERVICE}/outgoing: pages do not leave,"
                f" or cannot be followed -> {CANNOT}"
            ),
        ),
        (
            [("DELETE", "/blacklists/*"), ("PUT", "")],
            (
                f"warn ovh rights: {LACKS} PUT /sms/{SERVICE}, DELETE /sms/{SERVICE}/blacklists/*: OVHcloud cannot be"
                f" told where to call receipts back; doctor --unblock does not work -> {CANNOT}"
            ),
        ),
    ],
    ids=["vital", "comfort"],
)
def test_missing_rights_say_what_does_not_work(account, missing, said):
    lost = {(method, f"/sms/{SERVICE}{path}") for method, path in missing}
    account.grant(right for right in access_rules(SERVICE) if right not in lost)
    lines = account.said()
    assert lines[3] == said
    assert len(lines) == len(WELL)


def test_rights_that_only_another_way_to_send_needs_are_not_missed(account):
    account.grant(right for right in access_rules(SERVICE) if "/virtualNumbers/" not in right[1])
    assert account.said() == WELL
    account.sends(virtual_number="+33700000001")
    assert f"POST /sms/{SERVICE}/virtualNumbers/*/jobs" in account.said()[3]


def test_keys_that_may_not_show_themselves_are_tried_all_the_same(account):
    account.grant(right for right in access_rules(SERVICE) if right[0] != "GET" or "/auth" not in right[1])
    lines = account.said()
    assert lines[2].startswith("warn ovh keys: ovh.test answers current_credential: 403 NOT_GRANTED_CALL")
    assert lines[3:] == WELL[4:]


def test_keys_of_another_account(account):
    account.subject = replace(account.subject, outlet=account.outlet(service="sms-yy1-1"))
    assert account.trouble() == (
        f"fail ovh account: the keys are for sms-xx00000-1, not for sms-yy1-1 -> service_name: write that one, or {NEW}"
    )


def test_an_account_that_is_not_there(account):
    account.grant(access_rules(None))
    account.subject = replace(account.subject, outlet=account.outlet(service="sms-yy1-1"))
    assert (
        "fail ovh account: sms-yy1-1 is no SMS account of these keys -> service_name: write sms-xx00000-1"
        in account.said()
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (
            {"status": "disable"},
            (
                "fail ovh account: sms-xx00000-1 is disabled -> look for an unpaid bill in the OVHcloud manager (Web"
                " Cloud, SMS), or ask OVHcloud's support"
            ),
        ),
        (
            {"channel": "marketing"},
            (
                "warn ovh account: sms-xx00000-1 is for marketing only -> order an account for transactional SMS:"
                " OVHcloud holds advertising back at night and on Sundays"
            ),
        ),
    ],
)
def test_an_account_that_does_not_carry_pages(account, settings, said):
    account.sandbox.account.settings |= settings
    assert account.trouble() == said


BUY = "buy credits in the OVHcloud manager (Web Cloud, SMS), and let it top itself up (automatic recredit)"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (0.0, f"fail ovh credits: 0 left: no SMS leaves -> {BUY}"),
        (0.9, f"fail ovh credits: 0.9 left: no SMS leaves -> {BUY}"),
        (199.5, f"warn ovh credits: 199.5 left, fewer than low_credits (200) -> {BUY}"),
    ],
)
def test_credits_that_end(account, left, said):
    account.sandbox.account.credits = left
    assert account.trouble() == said


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            "waitingValidation",
            (
                "fail ovh sender: ACME waits for OVHcloud's validation -> OVHcloud takes up to 72 hours, and may ask"
                f" for documents in the OVHcloud manager (Web Cloud, SMS), Senders; {UNTIL_THEN}"
            ),
        ),
        (
            "refused",
            (
                "fail ovh sender: ACME is refused by OVHcloud -> declare another one in the OVHcloud manager (Web"
                f" Cloud, SMS); {UNTIL_THEN}"
            ),
        ),
        (
            "disable",
            (
                "fail ovh sender: ACME is disabled by OVHcloud -> declare another one in the OVHcloud manager (Web"
                f" Cloud, SMS); {UNTIL_THEN}"
            ),
        ),
        (
            None,
            (
                "fail ovh sender: ACME is no sender of sms-xx00000-1 (declared: NEWNAME) -> declare it in the OVHcloud"
                f" manager (Web Cloud, SMS), Senders; {UNTIL_THEN}"
            ),
        ),
    ],
)
def test_a_sender_that_ovhcloud_does_not_let_through(account, status, said):
    senders = account.sandbox.account.senders
    del senders["ACME"]
    if status:
        senders["ACME"] = status
    assert account.trouble() == said


def test_a_short_number_does_not_reach_phones_abroad(account):
    account.sends(sender_for_response=True)
    assert account.trouble() == (
        "fail ovh sender: a short number reaches phones of metropolitan France only, not bob (+49*********78) -> write"
        " a validated sender, or virtual_number"
    )
    account.subject = replace(account.subject, phones={ALICE: PHONES[ALICE]})
    assert account.said()[7] == "ok ovh sender: a short number, without links; needs no validation"


def test_a_name_that_operators_of_a_country_block_is_told_although_ovhcloud_validated_it(account):
    account.sandbox.account.senders["ALERT"] = "enable"
    account.sends(sender="ALERT")
    assert account.trouble() == (
        "fail ovh sender: ALERT may not reach alice (+33*******78): operators of France block or replace names that"
        " anybody could have since 2025-03-10, and receipts say delivered all the same -> write one that is yours, such"
        " as a company's"
    )


def test_a_register_of_a_country_is_a_warning_until_the_name_stands_in_it(account):
    account.subject = replace(account.subject, phones={"+353850123456": "carol (+353*******56)"})
    assert account.trouble() == (
        "warn ovh sender: ACME may not reach carol (+353*******56): operators of Ireland block names that are not in"
        " its register since 2025-10-03, and receipts say delivered all the same -> have it registered, then write"
        " registered_in: [IE]"
    )
    account.sends(sender="ACME", registered_in=("IE",))
    assert all(line.startswith("ok ") for line in account.said())


def test_an_old_table_of_countries_says_so(account, monkeypatch):
    monkeypatch.setattr("alertsms.core.messages.sender_rules.AS_OF", date(2026, 9, 15))
    account.now = datetime(2027, 6, 1, tzinfo=UTC)
    account.sandbox.wall = account.now.timestamp
    assert "warn ovh countries: what operators let through is known as of 2026-09-15" in "\n".join(account.said())


def test_a_rented_number(account):
    account.sends(virtual_number="+33700000001")
    assert account.trouble() == (
        "fail ovh sender: the virtual number …0001 is not one of sms-xx00000-1 -> virtual_number: write one rented in"
        " the OVHcloud manager (Web Cloud, SMS)"
    )
    account.sandbox.account.virtual_numbers["0033700000001"] = "fr"
    assert account.said()[7] == "ok ovh sender: the virtual number is rented for this account"


def test_whether_replies_can_be_read(account):
    account.subject = replace(account.subject, phones={ALICE: PHONES[ALICE]})
    account.sends(sender_for_response=True)
    account.sandbox.account.receive(ALICE, "ok", "", account.now.timestamp())
    assert account.said()[9] == "ok ovh replies: they can be read; 1 came within a day"
    account.grant(right for right in access_rules(SERVICE) if "incoming" not in right[1])
    _, line = [line for line in account.said() if not line.startswith("ok ")]
    assert line.startswith("warn ovh replies: ovh.test answers incoming: 403 NOT_GRANTED_CALL: ")
    assert line.endswith(f" -> the keys lack this right, and rights cannot be added: {NEW}")


def test_somebody_answered_stop(account):
    account.sandbox.account.receive(ALICE, "STOP", "", 0.0)
    account.sandbox.account.receive("+33799999999", "STOP", "", 0.0)
    assert account.trouble() == (
        "fail ovh STOP list: alice (+33*******78) answered STOP once: OVHcloud sends this phone nothing -> with that"
        " person's consent `alertsms doctor --unblock` takes the number off OVHcloud's list"
    )


SET = (
    "set it, `timedatectl set-ntp true`: SMS leave all the same, but times in texts, intervals and the ends of"
    " signatures are wrong"
)


@pytest.mark.parametrize(
    ("seconds", "said"), [(600.0, "10 min behind"), (-600.0, "10 min ahead of"), (30.0, "30 s behind")]
)
def test_a_wrong_clock_is_a_warning_since_sms_leave_with_it(account, seconds, said):
    account.sandbox.faults.add(Fault(kind=FaultKind.CLOCK_JUMP, seconds=seconds))
    line = account.trouble()
    assert line.startswith(f"warn ovh clock: this machine's clock is {said} OVHcloud's -> ")
    assert line.endswith(SET)


CALLBACK = "https://pager.example.org/ovh/receipt/SECRET"


@pytest.mark.parametrize(
    ("called", "said"),
    [
        (CALLBACK, "ok ovh receipts: OVHcloud calls them back at https://pager.example.org/…"),
        (
            None,
            (
                "warn ovh receipts: OVHcloud calls none back -> "
                "`alertsms doctor --set-callback` sets this server's address; until then receipts are polled"
            ),
        ),
        (
            "https://old.example.org/x",
            (
                "warn ovh receipts: OVHcloud calls them back at https://old.example.org/…, not at"
                " https://pager.example.org/… -> `alertsms doctor --set-callback` sets this server's address; until"
                " then receipts are polled"
            ),
        ),
    ],
)
def test_where_receipts_go_is_said_without_the_secret(account, called, said):
    account.subject = replace(account.subject, callback=CALLBACK)
    account.sandbox.account.settings["callBack"] = called
    assert account.said()[6] == said


def test_an_ovhcloud_that_fails_is_told_from_a_network_that_does(account):
    account.sandbox.faults.add(Fault(kind=FaultKind.HTML_504))
    (line,) = account.said()
    assert line.startswith("fail ovh reach: ovh.test answers time: 504: ")
    assert line.endswith(" -> OVHcloud is failing: look at https://www.status-ovhcloud.com; alertsms goes on trying")
    client = Client(
        base_url="http://127.0.0.1:1/1.0",
        credentials=Credentials(application_key="a", application_secret="b", consumer_key="c"),
    )
    account.subject = replace(
        account.subject, outlet=SmsAccount(client=client, sms=SmsApi(client, SERVICE), sender="ACME")
    )
    assert account.said() == [
        (
            "fail ovh reach: 127.0.0.1:1: unreachable: ConnectionRefusedError: [Errno 111] Connection refused ->"
            " nothing left this machine: look at its network, DNS, firewall and proxy, and at endpoint"
        )
    ]


def test_a_failure_of_one_call_leaves_the_other_checks(account):
    account.sandbox.faults.add(Fault(kind=FaultKind.ERROR_500, call="senders"))
    assert [one.about for one in account.found() if one.level is FindingLevel.FAIL] == ["ovh sender"]
    assert account.said()[8] == WELL[8]


OLD, NEW_NAME = "https://eu.api.ovh.com", "https://api.eu.ovhcloud.com"


class Names(Account):
    """An account that is asked by OVHcloud's own names; those in `gone` lead to the other, or nowhere."""

    def __init__(self, gone: dict[str, Sandbox | Exception | None]) -> None:
        super().__init__()
        keys = Credentials(
            application_key="sandbox-key", application_secret="sandbox-secret", consumer_key="sandbox-consumer"
        )
        self.gone = gone
        client = Client(base_url=f"{OLD}/1.0", credentials=keys, session_factory=self.session)
        self.subject = replace(
            self.subject, outlet=replace(self.subject.outlet, client=client, sms=SmsApi(client, SERVICE))
        )

    def session(self) -> requests.Session:
        opened = super().session()
        for name in (OLD, NEW_NAME):
            box = self.gone.get(name, self.sandbox) if hasattr(self, "gone") else self.sandbox
            opened.mount(name, SandboxAdapter(box) if isinstance(box, Sandbox) else Nowhere(box))
        return opened


class Nowhere(requests.adapters.BaseAdapter):
    """An address where nobody is, for whatever reason."""

    def __init__(self, why: Exception | None = None) -> None:
        super().__init__()
        self.why = why or requests.ConnectTimeout("nobody is there")

    def send(self, request, **_: object):
        raise self.why

    def close(self) -> None:
        pass


def moved(status: int, location: str = NEW_NAME) -> Sandbox:
    box = Sandbox()
    box.faults.add(Fault(kind=FaultKind.REDIRECT, status=status, location=location))
    return box


REFUSED = requests.ConnectionError(NewConnectionError(None, "[Errno 111] Connection refused"))
NO_NAME = requests.ConnectionError(NameResolutionError("eu.api.ovh.com", None, gaierror(-2, "unknown name")))


@pytest.mark.parametrize(
    "old",
    [moved(301), moved(308), moved(302, "https://www.ovh.com"), None, REFUSED, NO_NAME],
    ids=["301", "308", "leads to another page", "does not answer", "refuses", "has no address"],
)
def test_where_one_name_of_the_api_fails_the_other_is_tried(old):
    (line,) = Names({OLD: old}).said()
    assert line.startswith("fail ovh reach: eu.api.ovh.com: ")
    assert line.endswith(
        "; OVHcloud answers at api.eu.ovhcloud.com -> write endpoint: https://api.eu.ovhcloud.com/1.0 and reload"
    )


@pytest.mark.parametrize("why", [None, REFUSED, NO_NAME])
def test_where_both_names_fail_the_network_is_to_blame(why):
    (line,) = Names({OLD: why, NEW_NAME: why}).said()
    assert "nothing left this machine" in line


def test_a_redirect_of_signed_calls_alone_is_named_too():
    """The question for the time may be answered under both names."""
    box = Sandbox()
    box.faults.add(Fault(kind=FaultKind.REDIRECT, call="currentCredential", status=308, location=NEW_NAME))
    *_, line = Names({OLD: box}).said()
    assert "OVHcloud's API has moved: write endpoint: https://api.eu.ovhcloud.com/1.0 and reload" in line
