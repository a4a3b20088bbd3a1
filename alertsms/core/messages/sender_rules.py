"""Which senders the operators of a country let through, as far as is known: a receipt says delivered all the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import phonenumbers

AS_OF = date(2026, 9, 15)  # the newest date in the table
OLD = timedelta(days=180)  # countries change their rules about once a year


class Rule(StrEnum):
    """What operators do to a name."""

    NONE = "none"  # names do not pass at all
    REGISTERED = "registered"  # only those that stand in a register
    GENERIC = "generic"  # not those that anybody could have


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One rule of a country."""

    country: str  # ISO 3166
    name: str
    rule: Rule
    since: str  # a day, a year, or "" where it was always so
    source: str


# fmt: off
TABLE = (
    Row(country="FR", name="France", rule=Rule.GENERIC, since="2025-03-10",
        source="AF2M, Charte Business Messaging of 17 February 2026; smsmode.com, efidem.com"),
    Row(country="IE", name="Ireland", rule=Rule.REGISTERED, since="2025-10-03", source="ComReg, Sender ID Registry"),
    Row(country="ES", name="Spain", rule=Rule.REGISTERED, since="2026-09-15",
        source="Orden TDF/149/2025 (CNMC, in force on 7 June 2026); AWS End User Messaging, Spain registration"),
    Row(country="ES", name="Spain", rule=Rule.GENERIC, since="2026-09-15", source="AWS End User Messaging"),
    Row(country="IT", name="Italy", rule=Rule.REGISTERED, since="2013", source="AGCOM, delibera 42/13/CIR"),
    Row(country="GB", name="Great Britain", rule=Rule.GENERIC, since="2023-09-12", source="Sinch"),
    Row(country="AU", name="Australia", rule=Rule.REGISTERED, since="2026-07-01",
        source="ACMA, SMS Sender ID Register; infobip.com"),
    Row(country="SG", name="Singapore", rule=Rule.REGISTERED, since="",
        source="AWS End User Messaging, Singapore registration"),
    Row(country="US", name="the United States", rule=Rule.NONE, since="", source="carriers; AWS End User Messaging"),
    Row(country="PR", name="Puerto Rico", rule=Rule.NONE, since="", source="carriers; telnyx.com"),
    Row(country="CA", name="Canada", rule=Rule.NONE, since="", source="carriers; AWS End User Messaging"),
)
# fmt: on
SHORT_NUMBER = frozenset({"FR"})  # OVHcloud's guide on senders, 28 October 2025: metropolitan France

# Named by smsmode and AF2M (alert, info, bank, rdv, payment, parcel), and what says as little in both languages.
WORDS = (
    "alert", "alerte", "alarm", "alarme", "info", "information", "bank", "banque", "rdv", "rendezvous", "payment",
    "paiement", "parcel", "colis", "delivery", "livraison", "message", "msg", "sms", "notif", "notification", "notice",
    "service", "support", "code", "otp", "verify", "verif", "security", "securite", "urgent", "urgence", "promo",
)  # fmt: skip
_GENERIC = re.compile(rf"(?:(?:{'|'.join(sorted(WORDS, key=len, reverse=True))})s?)+\d*", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class SenderDoubt:
    """Why a sender may not reach some phones."""

    whose: tuple[str, ...]
    says: str  # `may not reach alice (+33*******78): operators of France block …`
    fix: str
    blocked: bool  # else it depends on a register that nobody here can read


def is_generic(sender: str) -> bool:
    """Whether a name is made of words that anybody could use, and of digits."""
    return _GENERIC.fullmatch(sender) is not None


def is_country(text: str) -> bool:
    """Whether two letters are those of a country that has phones."""
    return text in phonenumbers.SUPPORTED_REGIONS


def country(e164: str) -> str:
    """The country of a number as ISO 3166 has it; "" where none is known."""
    return phonenumbers.region_code_for_number(phonenumbers.parse(e164, None)) or ""


def named(sender: str, phones: Mapping[str, str], registered: Iterable[str]) -> Iterator[SenderDoubt]:
    """What stands between a name and phones (E.164 -> whose it is); `registered`: countries that know the name."""
    known = frozenset(registered)
    for row in TABLE:
        whose = tuple(shown for number, shown in phones.items() if country(number) == row.country)
        unknown = row.rule is Rule.NONE or row.country not in known
        if whose and (is_generic(sender) if row.rule is Rule.GENERIC else unknown):
            yield _doubt(row, whose)


def _doubt(row: Row, whose: tuple[str, ...]) -> SenderDoubt:
    what, fix = {
        Rule.NONE: ("let no name through", "give them a channel below also, or write virtual_number"),
        Rule.REGISTERED: (
            "block names that are not in its register",
            f"have it registered, then write registered_in: [{row.country}]",
        ),
        Rule.GENERIC: (
            "block or replace names that anybody could have",
            "write one that is yours, such as a company's",
        ),
    }[row.rule]
    since = f" since {row.since}" if row.since else ""
    says = f"{'does' if row.rule is Rule.NONE else 'may'} not reach {', '.join(whose)}: operators of {row.name} {what}"
    says += f"{since}, and receipts say delivered all the same"
    return SenderDoubt(whose=whose, says=says, fix=fix, blocked=row.rule is not Rule.REGISTERED)


def short_number(phones: Mapping[str, str]) -> Iterator[SenderDoubt]:
    """What stands between a short number and phones."""
    whose = tuple(shown for number, shown in phones.items() if country(number) not in SHORT_NUMBER)
    if whose:
        says = f"reaches phones of metropolitan France only, not {', '.join(whose)}"
        yield SenderDoubt(whose=whose, says=says, fix="write a validated sender, or virtual_number", blocked=True)


def is_old(today: date) -> bool:
    """Whether the table may have been overtaken."""
    return today - AS_OF > OLD
