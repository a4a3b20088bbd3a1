from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.config.error import Secret
from alertsms.config.server import Hmac
from alertsms.web.auth import AuthVerdict, Gate

NOW = datetime(2026, 3, 14, 1, 59, 26, tzinfo=UTC)
BODY = b'{"alerts": [{"labels": {"alertname": "QueueStuck"}}]}\n'
SIGNATURE = "X-Grafana-Alerting-Signature"
STAMP = "X-Signed-At"


def gate(**secrets) -> Gate:
    return Gate(**({"bearer": [], "basic": [], "hmac": [], "now": lambda: NOW} | secrets))


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def signed(secret: str = "s3cret", *, ago: float | None = None, body: bytes = BODY) -> dict[str, str]:
    """Headers as Grafana makes them, stamped `ago` seconds before NOW."""
    if ago is None:
        return {SIGNATURE: hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
    stamp = str(int((NOW - timedelta(seconds=ago)).timestamp()))
    signature = hmac.new(secret.encode(), stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {SIGNATURE: signature, STAMP: stamp}


def test_without_a_secret_the_gate_is_open():
    assert gate().open
    assert gate().check({}, BODY) == AuthVerdict(ok=True, reason="open")


@pytest.mark.parametrize("secrets", [{"bearer": ["t"]}, {"basic": [("u", "p")]}, {"hmac": [Hmac(secret="s")]}])
def test_with_any_secret_a_bare_request_is_refused(secrets):
    assert not gate(**secrets).open
    assert gate(**secrets).check({}, BODY) == AuthVerdict(ok=False, reason="no credentials")


@pytest.mark.parametrize("secrets", [{"bearer": ["good", ""]}, {"basic": [("user", "")]}, {"hmac": [Hmac(secret="")]}])
def test_an_empty_secret_is_no_secret_and_is_refused_at_once(secrets):
    with pytest.raises(ValueError, match="a webhook secret is empty"):
        gate(**secrets)


@pytest.mark.parametrize(
    ("header", "ok", "reason"),
    [
        ("Bearer new", True, "bearer"),
        ("bearer old", True, "bearer"),
        ("BEARER   new ", True, "bearer"),
        ("Bearer clé", False, "unknown bearer token"),  # sent as Latin-1, where a secret is UTF-8
        ("Bearer clÃ©", True, "bearer"),  # the same bytes, as WSGI hands them over
        ("Bearer ne", False, "unknown bearer token"),
        ("Bearer newer", False, "unknown bearer token"),
        ("Bearer", False, "unknown bearer token"),
        ("Basic new", False, "unknown user or password"),
        ("Token new", False, "neither Bearer nor Basic"),
        ("new", False, "neither Bearer nor Basic"),
        ("", False, "no credentials"),
        ("  ", False, "no credentials"),
    ],
)
def test_a_bearer_token_is_one_of_those_configured(header, ok, reason):
    verdict = gate(bearer=["old", "new", "clé"]).check({"Authorization": header}, BODY)
    assert verdict == AuthVerdict(ok=ok, reason=reason)


@pytest.mark.parametrize(
    ("user", "password", "ok"),
    [
        ("am", "pass:with:colons", True),
        ("zoë", "mot de passé", True),
        ("am", "pass", False),
        ("am", "mot de passé", False),
        ("AM", "pass:with:colons", False),
        ("", "", False),
    ],
)
def test_user_and_password_belong_together(user, password, ok):
    checked = gate(basic=[("am", "pass:with:colons"), ("zoë", "mot de passé")]).check(basic(user, password), BODY)
    assert checked == AuthVerdict(ok=ok, reason="basic" if ok else "unknown user or password")


@pytest.mark.parametrize(
    "garbage", ["Basic ====", "Basic é", "Basic YQ", "Basic " + "A" * 100_000, "Basic \ud800", "Basic 漢"]
)
def test_garbage_is_a_wrong_password(garbage):
    assert gate(basic=[("u", "p")]).check({"Authorization": garbage}, BODY).reason == "unknown user or password"


def test_a_password_with_garbage_around_it_is_wrong():
    header = basic("u", "p")["Authorization"]
    assert not gate(basic=[("u", "p")]).check({"Authorization": header + "!"}, BODY).ok


def test_a_signature_covers_the_bytes_of_the_body():
    guarded = gate(hmac=[Hmac(secret="s3cret")])
    assert guarded.check(signed(), BODY) == AuthVerdict(ok=True, reason="hmac")
    assert guarded.check(signed(), BODY.strip()) == AuthVerdict(ok=False, reason="wrong signature")
    assert guarded.check(signed("other"), BODY) == AuthVerdict(ok=False, reason="wrong signature")
    assert guarded.check({SIGNATURE: signed()[SIGNATURE].upper()}, BODY).ok


def test_a_known_signature_is_accepted():
    """The value was made with openssl: printf '{}' | openssl dgst -sha256 -hmac key."""
    known = "a777724d943eb48dc69bca8a4a6d57a04db3f9ec7e1de4e581e860265bdf3032"
    assert gate(hmac=[Hmac(secret="key")]).check({SIGNATURE: known}, b"{}").ok


def test_the_header_of_the_signature_can_be_renamed():
    guarded = gate(hmac=[Hmac(secret="s3cret", header="X-Hook")])
    assert guarded.check({"X-Hook": signed()[SIGNATURE]}, BODY).ok
    assert guarded.check(signed(), BODY).reason == "no credentials"


@pytest.mark.parametrize(
    ("ago", "required", "verdict", "skewed"),
    [
        (0, True, AuthVerdict(ok=True, reason="hmac", skew=0), False),
        (300, True, AuthVerdict(ok=True, reason="hmac", skew=300), False),
        (-300, True, AuthVerdict(ok=True, reason="hmac", skew=-300), False),
        (301, True, AuthVerdict(ok=False, reason="the signature is too old, or a clock is wrong", skew=301), True),
        (-301, True, AuthVerdict(ok=False, reason="the signature is too old, or a clock is wrong", skew=-301), True),
        (None, True, AuthVerdict(ok=False, reason="the signature has no timestamp"), False),
        (301, False, AuthVerdict(ok=True, reason="hmac", skew=301), True),
        (-86400, False, AuthVerdict(ok=True, reason="hmac", skew=-86400), True),
        (None, False, AuthVerdict(ok=True, reason="hmac"), False),
    ],
)
def test_a_wrong_clock_warns_and_is_refused_only_on_request(ago, required, verdict, skewed):
    guarded = gate(hmac=[Hmac(secret="s3cret", timestamp_header=STAMP, require_timestamp=required)])
    checked = guarded.check(signed(ago=ago), BODY)
    assert checked == replace(verdict, skewed=skewed)


def test_the_timestamp_is_covered_by_the_signature():
    guarded = gate(hmac=[Hmac(secret="s3cret", timestamp_header=STAMP)])
    assert guarded.check(signed(ago=0) | {STAMP: "1773453567"}, BODY).reason == "wrong signature"
    assert guarded.check(signed() | {STAMP: "1773453566"}, BODY).reason == "wrong signature"


@pytest.mark.parametrize("stamp", ["soon", "-5", "1e9", "²", "9" * 13, "9" * 6000])
def test_a_signed_stamp_that_is_no_time_is_as_good_as_none(stamp):
    mac = hmac.new(b"s3cret", stamp.encode("latin-1") + b":" + BODY, hashlib.sha256).hexdigest()
    headers = {SIGNATURE: mac, STAMP: stamp}
    lenient, strict = (
        gate(hmac=[Hmac(secret="s3cret", timestamp_header=STAMP, require_timestamp=required)])
        for required in (False, True)
    )
    assert lenient.check(headers, BODY) == AuthVerdict(ok=True, reason="hmac")
    assert strict.check(headers, BODY) == AuthVerdict(ok=False, reason="the signature has no timestamp")


def test_several_secrets_are_good_at_once():
    guarded = gate(hmac=[Hmac(secret="old"), Hmac(secret="new", timestamp_header=STAMP)])
    assert guarded.check(signed("old"), BODY).ok
    assert guarded.check(signed("new"), BODY).ok
    assert guarded.check(signed("new", ago=4), BODY) == AuthVerdict(ok=True, reason="hmac", skew=4)
    assert not guarded.check(signed("older"), BODY).ok


def test_one_good_method_is_enough():
    guarded = gate(bearer=["token"], basic=[("u", "p")], hmac=[Hmac(secret="s3cret")])
    assert guarded.check({"Authorization": "Bearer token"}, BODY).reason == "bearer"
    assert guarded.check(basic("u", "p"), BODY).reason == "basic"
    assert guarded.check(signed(), BODY).reason == "hmac"
    assert guarded.check(signed() | {"Authorization": "Bearer wrong"}, BODY).reason == "hmac"
    assert guarded.check({"Authorization": "Bearer token", SIGNATURE: "0"}, BODY).reason == "bearer"


def test_the_refusal_names_what_was_tried():
    guarded = gate(bearer=["token"], hmac=[Hmac(secret="s3cret")])
    assert guarded.check({SIGNATURE: "0"}, BODY).reason == "wrong signature"
    assert guarded.check({"Authorization": "Bearer x"}, BODY).reason == "unknown bearer token"


def test_a_secret_does_not_show_itself():
    assert "s3cret" not in repr(Hmac(secret=Secret("s3cret")))


header = st.text(max_size=40) | st.sampled_from(["Bearer ", "Basic ", "basic", "Bearer a b"])


@given(st.dictionaries(st.sampled_from(["Authorization", SIGNATURE, STAMP]), header), st.binary(max_size=20))
@settings(max_examples=200, deadline=None)
def test_no_header_gets_in_or_breaks_the_gate(headers, body):
    guarded = gate(
        bearer=["a long token that nobody guesses"],
        basic=[("user", "a long password")],
        hmac=[Hmac(secret="s3cret", timestamp_header=STAMP, require_timestamp=True)],
    )
    assert not guarded.check(headers, body).ok
