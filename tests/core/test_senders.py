"""Which names reach which phones, as far as the table of countries knows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from alertsms.core.messages import sender_rules
from alertsms.core.messages.sender_rules import OLD, TABLE

PHONES = {
    "FR": "+33612345678",
    "IE": "+353850123456",
    "ES": "+34612345678",
    "IT": "+393123456789",
    "GB": "+447400123456",
    "AU": "+61412345678",
    "SG": "+6581234567",
    "US": "+12015550123",
    "PR": "+17872345678",
    "CA": "+12042345678",
    "DE": "+4915123456789",
    "RE": "+262692123456",
    "BE": "+32470123456",
    "PL": "+48512345678",
}


def reaches(sender: str, *registered: str) -> str:
    """Each country: + where nothing is known against the name, ? where a register decides, - where it is blocked."""
    signs = {}
    for code, number in PHONES.items():
        doubts = list(sender_rules.named(sender, {number: code}, registered))
        signs[code] = "-" if any(doubt.blocked for doubt in doubts) else "?" if doubts else "+"
    return " ".join(f"{code}{sign}" for code, sign in signs.items())


def test_a_name_of_ones_own_and_one_that_anybody_could_have():
    assert reaches("ACME") == "FR+ IE? ES? IT? GB+ AU? SG? US- PR- CA- DE+ RE+ BE+ PL+"
    assert reaches("ALERT") == "FR- IE? ES- IT? GB- AU? SG? US- PR- CA- DE+ RE+ BE+ PL+"
    assert reaches("ACME", "IE", "ES", "US") == "FR+ IE+ ES+ IT? GB+ AU? SG? US- PR- CA- DE+ RE+ BE+ PL+"


@pytest.mark.parametrize(
    "name", ["ALERT", "Alerte", "INFO", "infos24", "BANK", "SMSALERT", "Rdv", "InfoService", "OTP"]
)
def test_names_that_anybody_could_have(name):
    assert sender_rules.is_generic(name)


@pytest.mark.parametrize("name", ["ACME", "AcmeAlert", "Infogreffe", "BankOfAcme", "PAGER", "Servicely", "SMSMODE"])
def test_names_that_say_whose_they_are(name):
    assert not sender_rules.is_generic(name)


def test_a_short_number_reaches_metropolitan_france():
    (doubt,) = sender_rules.short_number({number: code for code, number in PHONES.items()})
    assert doubt.whose == tuple(code for code in PHONES if code != "FR")
    assert not list(sender_rules.short_number({PHONES["FR"]: "alice"}))


def test_each_row_names_its_source_and_nothing_in_it_is_newer_than_the_table():
    for row in TABLE:
        assert sender_rules.is_country(row.country)
        assert row.source
        assert len(row.since) < 10 or date.fromisoformat(row.since) <= sender_rules.AS_OF
    assert not sender_rules.is_old(sender_rules.AS_OF + OLD)
    assert sender_rules.is_old(sender_rules.AS_OF + OLD + timedelta(days=1))


def test_a_number_of_no_country_has_none():
    assert sender_rules.country("+870773111632") == "001"  # a satellite's


@pytest.mark.parametrize(
    ("country", "words"),
    [
        ("US", "does not reach alice: operators of the United States let no name through"),
        ("IE", "may not reach alice: operators of Ireland block names that are not in its register"),
    ],
)
def test_what_is_sure_is_told_as_sure(country, words):
    [doubt] = sender_rules.named("ACME", {PHONES[country]: "alice"}, ())
    assert doubt.says.startswith(words)
