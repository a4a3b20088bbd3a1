"""French texts, whole; each stays in the alphabet of SMS."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alertsms.core.alerts.alert import Severity
from alertsms.core.incidents.incident import Incident, IncidentReason, IncidentState
from alertsms.core.messages.notification import REMINDER, Notification, NotificationKind
from alertsms.core.text.digest import DigestLine, digest, ended, taken
from alertsms.core.text.gsm7 import Encoding, measure
from alertsms.core.text.language import FRENCH, say, say_answer
from alertsms.core.text.subject import Style
from alertsms.core.text.wording import word

NOW = datetime(2026, 12, 21, 2, 10, tzinfo=UTC)
STYLE = Style(zone="Europe/Paris", now=NOW, language=FRENCH)
DISK = Incident(
    id=42,
    key=b"k" * 16,
    team="ops",
    state=IncidentState.OPEN,
    reason=IncidentReason.FIRING,
    severity=Severity.CRITICAL,
    labels={"alertname": "DiskFull", "instance": "db-2"},
    annotations={"summary": "Disque plein à 97 %"},
    place="db-2:/var",
    starts_at=NOW,
    opened_at=NOW,
    last_seen_at=NOW,
)
OVER = replace(DISK, state=IncidentState.CLOSED, reason=IncidentReason.RESOLVED, ends_at=NOW + timedelta(minutes=12))
FLAPS = replace(DISK, flap_due_at=NOW, closings=(NOW - timedelta(hours=1), NOW), reason=IncidentReason.FLAPPING)


def written(
    one: Incident | None, kind: NotificationKind = NotificationKind.PAGE, now: datetime = NOW, **changes
) -> str:
    page = Notification(incident_id=42, person="alice", team="ops", kind=kind, priority=0, due_at=NOW, created_at=NOW)
    return word(replace(page, **changes), one, replace(STYLE, now=now), spent=lambda: 0.0).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (written(DISK), "CRITIQUE DiskFull db-2:/var: Disque plein à 97 % #42"),
        (
            written(replace(DISK, severity=Severity.WARNING, truncated=2)),
            "ALERTE DiskFull db-2:/var: Disque plein à 97 % (+2 de plus, non listées) #42",
        ),
        (written(DISK, episode=1), "DE RETOUR CRITIQUE DiskFull db-2:/var: Disque plein à 97 % #42"),
        (
            written(DISK, now=NOW + timedelta(days=45), note=REMINDER),
            "TOUJOURS CRITIQUE DiskFull db-2:/var depuis 21 déc 03:10: Disque plein à 97 % #42",
        ),
        (
            written(replace(DISK, annotations={"grafana_state_reason": "NoData"})),
            "CRITIQUE DiskFull db-2:/var: pas de données #42",
        ),
        (written(OVER, NotificationKind.RESOLVED), "RÉSOLU DiskFull db-2:/var après 12 min #42"),
        (
            written(replace(OVER, ends_at=NOW + timedelta(days=2, hours=4)), NotificationKind.RESOLVED),
            "RÉSOLU DiskFull db-2:/var après 2 j 4 h #42",
        ),
        (
            written(replace(OVER, annotations={"grafana_state_reason": "MissingSeries"}), NotificationKind.RESOLVED),
            "RÉSOLU DiskFull db-2:/var après 12 min, non corrigé: série disparue #42",
        ),
        (
            written(replace(OVER, reason=IncidentReason.VANISHED), NotificationKind.RESOLVED),
            "RÉSOLU DiskFull db-2:/var après 12 min, disparu d'Alertmanager #42",
        ),
        (written(OVER, NotificationKind.MEANWHILE), "résolu entre-temps: #42 DiskFull 03:10-03:22"),
        (written(FLAPS, NotificationKind.FLAPPING), "INSTABLE DiskFull db-2:/var: 2 fois en 1 h #42"),
        (
            taken("bob", [DISK], length=timedelta(hours=2), max_segments=1, language=FRENCH),
            "bob s'en charge pour 2 h: DiskFull db-2:/var #42",
        ),
        (
            taken("bob", [DISK, replace(DISK, id=43)], length=None, max_segments=1, language=FRENCH),
            "bob se charge de 2: #42 DiskFull db-2:/var, #43 DiskFull db-2:/var",
        ),
        (
            written(
                None, NotificationKind.ANSWERED, note="You have #1 #2 and 3 more until 04:10, bob has #7, #8 is over"
            ),
            "Vous avez #1 #2 et 3 autres jusqu'à 04:10, bob se charge de #7, #8 est fini",
        ),
        (
            written(None, NotificationKind.ANSWERED, note="You have #1, #2 #3 are back, #4 came later, write OK"),
            "Vous avez #1, #2 #3 sont de retour, #4 est venu après, écrivez OK",
        ),
        (
            written(None, NotificationKind.NOTICE, note="Nobody has #4 yet. Write OK, OK 4 or SNOOZE 4 2h"),
            "Personne n'a #4. Écrivez OK, OK 4 ou SNOOZE 4 2h",
        ),
        (written(None, NotificationKind.NOTICE, note="A test of alertsms until now"), "A test of alertsms until now"),
    ],
)
def test_fixed_words_are_french(text, expected):
    assert text == expected
    assert measure(text).encoding is Encoding.GSM7


def line(number: int, kind: NotificationKind = NotificationKind.PAGE, **changes) -> DigestLine:
    return replace(
        DigestLine(number=number, kind=kind, rank=0, name="DiskFull", place=f"db-{number}", since=NOW), **changes
    )


BACKUP = (
    "d'une sauvegarde du 02:00: +2 autres CRITIQUE: DiskFull x2 depuis 03:10, 1 d'entre elles de retour, ou leur source"
    " a redémarré; RÉSOLU #3 DiskFull db-3 #9"
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (digest([line(1), line(2)], 9, STYLE), "+2 autres CRITIQUE: DiskFull x2 depuis 03:10 #9"),
        (
            digest([line(1), line(2, rank=2, name="Lag")], 9, STYLE, more=False),
            "2 alertes: 1 CRITIQUE DiskFull db-1; 1 ALERTE Lag db-2 depuis 03:10 #9",
        ),
        (
            digest([line(1, reminder=True), line(2, reminder=True, rank=2)], 9, STYLE),
            "2 TOUJOURS en cours: 1 CRITIQUE DiskFull db-1; 1 ALERTE DiskFull db-2 depuis 03:10 #9",
        ),
        (
            digest([line(1, back=True), line(2, back=True)], 9, STYLE, more=False),
            "2 sont de retour, ou leur source a redémarré: CRITIQUE DiskFull x2 depuis 03:10 #9",
        ),
        (
            digest(
                [line(1, back=True), line(2), line(3, NotificationKind.RESOLVED)], 9, replace(STYLE, backup_of="02:00")
            ),
            BACKUP,
        ),
        (
            ended(
                [
                    line(1, NotificationKind.RESOLVED, why="series gone"),
                    line(2, NotificationKind.RESOLVED, why="series gone"),
                ],
                STYLE,
            ),
            "RÉSOLU, non corrigé (série disparue): #1 DiskFull db-1, #2 DiskFull db-2",
        ),
    ],
)
def test_several_in_one_text_are_french_too(text, expected):
    assert text == expected
    assert measure(text).encoding is Encoding.GSM7


def test_what_has_no_translation_stays_as_it_is():
    assert say(FRENCH, "something new") == "something new"
    assert say("en", "OK") == "OK"
    assert say_answer("en", "You have #1") == "You have #1"
