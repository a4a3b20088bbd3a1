"""The fixed words of texts in a person's language. What senders write stays as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum


class Language(StrEnum):
    """As the configuration names one."""

    ENGLISH = "en"
    FRENCH = "fr"


ENGLISH, FRENCH = Language.ENGLISH, Language.FRENCH

# É, é, è, à and ù are in the alphabet of SMS; what is not loses its accent there.
_FRENCH: Mapping[str, str] = {
    "CRITICAL": "CRITIQUE",
    "ERROR": "ERREUR",
    "WARNING": "ALERTE",
    "INFO": "INFO",
    "OK": "RÉSOLU",
    "AGAIN": "DE RETOUR",
    "STILL": "TOUJOURS",
    "FLAPPING": "INSTABLE",
    "resolved meanwhile": "résolu entre-temps",
    "since": "depuis",
    "after": "après",
    "for": "pour",
    "times in": "fois en",
    "not fixed": "non corrigé",
    "series gone": "série disparue",
    "rule paused": "règle en pause",
    "rule deleted": "règle supprimée",
    "rule changed": "règle modifiée",
    "no data": "pas de données",
    "query fails": "requête en échec",
    "gone from Alertmanager": "disparu d'Alertmanager",
    "no other for an hour": "aucun autre depuis une heure",
    "more not listed": "de plus, non listées",
    "unnamed alert": "alerte sans nom",
    "unnamed": "sans nom",
    "somebody": "quelqu'un",
    "has it": "s'en charge",
    "has": "se charge de",
    "more": "autres",
    "one more": "autre",
    "alerts": "alertes",
    "open": "en cours",
    "are": "sont",
    "of them": "d'entre elles",
    "back, or their sender restarted": "de retour, ou leur source a redémarré",
    "from a backup of": "d'une sauvegarde du",
    "other": "autre",
    "others": "autres",
    "team": "équipe",
    "and": "et",
    "answer": "répondre",
    "runbook": "procédure",
    "dashboard": "tableau de bord",
    "panel": "graphique",
    "d": "j",
    "Jan": "janv",
    "Feb": "févr",
    "Mar": "mars",
    "Apr": "avr",
    "May": "mai",
    "Jun": "juin",
    "Jul": "juil",
    "Aug": "août",
    "Sep": "sept",
    "Oct": "oct",
    "Nov": "nov",
    "Dec": "déc",
}
_N = r"#\d+(?: #\d+)*"
# What is said back to a phone that answered: made in English, since it is counted and gathered before it leaves.
_FRENCH_ANSWERS = [
    (re.compile(rf"\bNobody has ({_N}) yet\. Write "), r"Personne n'a \1. Écrivez "),
    (re.compile(rf"\bYou have ({_N})"), r"Vous avez \1"),
    (re.compile(r"\band (\d+) more\b"), r"et \1 autres"),
    (re.compile(r" until (?=\S)"), " jusqu'à "),
    (re.compile(rf"\b(\S+) has (?={_N})"), r"\1 se charge de "),
    (re.compile(rf"({_N}) is over\b"), r"\1 est fini"),
    (re.compile(rf"({_N}) is unknown\b"), r"\1 est inconnu"),
    (re.compile(rf"({_N}) is back\b"), r"\1 est de retour"),
    (re.compile(rf"({_N}(?: et \d+ autres)?) are back\b"), r"\1 sont de retour"),
    (re.compile(r"\bcame later\b"), "est venu après"),
    (re.compile(r"\bwrite OK\b"), "écrivez OK"),
    (re.compile(r"(OK \d+) or (SNOOZE)"), r"\1 ou \2"),
]


def say(language: str, english: str) -> str:
    """A fixed word or phrase in a language; one that has no translation stays English."""
    return _FRENCH.get(english, english) if language == FRENCH else english


def say_answer(language: str, english: str) -> str:
    """What is said back to a phone that answered."""
    if language == FRENCH:
        for pattern, words in _FRENCH_ANSWERS:
            english = pattern.sub(words, english)
    return english
