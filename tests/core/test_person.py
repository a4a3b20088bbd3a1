from __future__ import annotations

import subprocess
import sys

import pytest

from alertsms.core.schedules.person import PhoneError, PhoneNumber, is_no_phone, parse_phone
from alertsms.core.text.subject import masked


@pytest.mark.parametrize(
    "written",
    ["+33612345678", " +33 6 12 34 56 78 ", "+33 (0)6 12 34 56 78", "+33-6.12/34-56.78", "+33\xa06\xa012345678"],
)
def test_a_number_with_its_country_code_is_read_however_it_is_spaced(written):
    assert parse_phone(written) == PhoneNumber(e164="+33612345678")


def test_a_range_that_no_table_knows_yet_is_taken():
    assert parse_phone("+1 555 555 0123").e164 == "+15555550123"


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("0612345678", "no country code: write + and the country code first, like +33612345678"),
        ("0033612345678", "00 is dialled differently in each country: write + and the country code first"),
        ("", "not a phone number: write + and the country code first, like +33612345678"),
        ("alice", "not a phone number"),
        ("tel:+33612345678", "not a phone number"),
        ("+33 6 12 34 56 78 ext 5", "not a phone number"),
        ("+1800FLOWERS", "not a phone number"),
        ("+", "not a phone number"),
        ("+33612345678, +33612345679", "not a phone number"),
        ("+999123456", "no country has this code"),
        ("+331", "too few digits for its country"),
        ("+3361234", "too few digits for its country"),
        ("+336123456789012", "too many digits for its country"),
        ("+1 555 0123", "no area code"),
        ("+390612345678901234567", "too many digits for its country"),
    ],
)
def test_what_cannot_be_sent_to_is_refused_with_what_to_write(written, says):
    with pytest.raises(PhoneError) as refused:
        parse_phone(written)
    assert str(refused.value).startswith(says)


def test_a_refusal_may_be_logged_since_it_does_not_repeat_the_number():
    with pytest.raises(PhoneError) as refused:
        parse_phone("06 98 76 54 32")
    assert "98" not in str(refused.value)


@pytest.mark.parametrize(
    ("e164", "landline"),
    [
        ("+33142278186", True),
        ("+442079460958", True),
        ("+33612345678", False),
        ("+33756789012", False),
        ("+12025550123", False),  # fixed line or mobile: nobody can tell
        ("+15555550123", False),
    ],
)
def test_only_a_sure_landline_is_called_one(e164, landline):
    assert (is_no_phone(PhoneNumber(e164=e164)) == "a landline") is landline


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+33612345678", "+33*******78"),
        ("+12025550123", "+1********23"),
        ("+351912345678", "+351*******78"),
        ("+999123", "+99**23"),
        ("", "*"),
    ],
)
def test_logs_see_the_country_and_two_digits(e164, shown):
    assert masked(e164) == shown


def test_the_large_tables_stay_out_of_memory():
    """Geocoder, carrier and time zone tables cost 450 ms and 103 MB at start."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, alertsms.core.schedules.person; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert "phonenumbers" in loaded
    assert not {"phonenumbers.geocoder", "phonenumbers.carrier", "phonenumbers.timezone"} & set(loaded)
