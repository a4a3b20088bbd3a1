"""People and the numbers their phones answer to."""

from __future__ import annotations

import re
from dataclasses import dataclass

import phonenumbers  # of phonenumberslite: without the tables of places and carriers, 43 MB that no page needs
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType, ValidationResult

from alertsms.core.messages.notification import Channel
from alertsms.core.text.language import ENGLISH

_WRITTEN = re.compile(r"\+[\d\s().\-/]+")  # as people write numbers; letters and extensions cannot get an SMS
_FORM = "write + and the country code first, like +33612345678"


class PhoneError(ValueError):
    """A phone number that no SMS can reach; the text says what to write, and never the number itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneNumber:
    """A phone number in E.164 form, for example +33612345678."""

    e164: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """Somebody who can be paged; the numbers are tried in order."""

    name: str
    phones: tuple[PhoneNumber, ...]
    email: str = ""
    language: str = ENGLISH  # of the fixed words in this person's texts
    time_zone: str = "UTC"  # IANA name: the zone of the times in this person's texts
    also: tuple[Channel, ...] = ()  # they get every page beside the phone


_REFUSALS = {
    ValidationResult.INVALID_COUNTRY_CODE: f"no country has this code: {_FORM}",
    ValidationResult.TOO_SHORT: "too few digits for its country: write the whole number, like +33612345678",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: f"no area code: {_FORM}",
    ValidationResult.INVALID_LENGTH: "no number of its country has so many digits: write it like +33612345678",
    ValidationResult.TOO_LONG: "too many digits for its country: write it like +33612345678",
}

_UNREAD = {
    NumberParseException.INVALID_COUNTRY_CODE: ValidationResult.INVALID_COUNTRY_CODE,
    NumberParseException.TOO_LONG: ValidationResult.TOO_LONG,
}


def parse_phone(text: str) -> PhoneNumber:
    """Read a number written with its country code; spaces, dots, dashes, slashes and parentheses may stand in it.

    Raises PhoneError for a national number, for letters or an extension, and for a length its country does not have.
    A number of an unassigned range passes: countries open new ones faster than any table follows.
    """
    written = text.strip()
    if written.startswith("00"):
        raise PhoneError(f"00 is dialled differently in each country: {_FORM}")
    if written[:1].isdecimal():
        raise PhoneError(f"no country code: {_FORM}")
    if not _WRITTEN.fullmatch(written):
        raise PhoneError(f"not a phone number: {_FORM}")
    try:
        number = phonenumbers.parse(written, None)
    except NumberParseException as error:
        raise PhoneError(_REFUSALS[_UNREAD.get(error.error_type, ValidationResult.TOO_SHORT)]) from None
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != ValidationResult.IS_POSSIBLE:
        raise PhoneError(_REFUSALS[possible])
    return PhoneNumber(e164=phonenumbers.format_number(number, PhoneNumberFormat.E164))


def is_given_out(number: PhoneNumber) -> bool:
    """Whether its country gives out such numbers, as far as the table of phonenumbers knows."""
    return phonenumbers.is_valid_number(phonenumbers.parse(number.e164, None))


def is_no_phone(number: PhoneNumber) -> str:
    """What a number is that gets no SMS, such as `a landline`; "" for one that may be a person's mobile phone's."""
    return _SERVICES.get(phonenumbers.number_type(phonenumbers.parse(number.e164, None)), "")


_SERVICES = {
    PhoneNumberType.FIXED_LINE: "a landline",  # where a country's numbers do not tell (United States), it is none
    PhoneNumberType.PREMIUM_RATE: "a premium-rate number",
    PhoneNumberType.TOLL_FREE: "a freephone number",
    PhoneNumberType.SHARED_COST: "a shared-cost number",
    PhoneNumberType.UAN: "a company's number",
    PhoneNumberType.VOICEMAIL: "a voicemail number",
}
