from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.routing.duration import format_duration
from alertsms.core.text.gsm7 import Encoding, fits, measure, shorten, transliterate
from alertsms.core.text.subject import Subject, clock_time, name_of, subject_of, summary_of, texts_of
from alertsms.core.text.wording import compose
from tests.core.night import incident
from tests.core.septets import decode, encode

LINK = "https://p.example.org/a/x7Kq2M"
PAGE = Subject(
    kind=NotificationKind.PAGE,
    number=42,
    severity=Severity.CRITICAL,
    name="HighCPU",
    place="web-01",
    summary="CPU above 90% for 5 min",
    link=LINK,
)
OK = replace(PAGE, kind=NotificationKind.RESOLVED, link="", after="12 min")
MEANWHILE = replace(PAGE, kind=NotificationKind.MEANWHILE, link="", since="02:10", until="02:24")
FLAPPING = replace(PAGE, kind=NotificationKind.FLAPPING, link="", flaps="3 times in 40 min")
NOTICE = Subject(
    kind=NotificationKind.NOTICE, severity=Severity.CRITICAL, name="", summary="WEBHOOK REFUSED 413 from grafana"
)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (PAGE, f"CRITICAL HighCPU web-01: CPU above 90% for 5 min #42 {LINK}"),
        (replace(PAGE, severity=Severity.WARNING, link=""), "WARNING HighCPU web-01: CPU above 90% for 5 min #42"),
        (replace(PAGE, place="", number=0, link=""), "CRITICAL HighCPU: CPU above 90% for 5 min"),
        (replace(PAGE, summary=""), f"CRITICAL HighCPU web-01 #42 {LINK}"),
        (replace(PAGE, summary="highcpu"), f"CRITICAL HighCPU web-01 #42 {LINK}"),
        (replace(PAGE, again=True), f"AGAIN CRITICAL HighCPU web-01: CPU above 90% for 5 min #42 {LINK}"),
        (
            replace(PAGE, again=True, reminder=True, since="02:10"),
            f"STILL CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #42 {LINK}",
        ),
        (
            replace(PAGE, test=True, number=0, link="", name="TestAlert"),
            "TEST CRITICAL TestAlert web-01: CPU above 90% for 5 min",
        ),
        (
            replace(PAGE, truncated=2),
            f"CRITICAL HighCPU web-01: CPU above 90% for 5 min (+2 more not listed) #42 {LINK}",
        ),
        (OK, "OK HighCPU web-01 after 12 min #42"),
        (replace(OK, after="", link=LINK, again=True), f"OK HighCPU web-01 #42 {LINK}"),
        (replace(OK, since="02:10"), "OK HighCPU web-01 since 02:10 after 12 min #42"),
        (
            replace(OK, reason="MissingSeries"),
            "OK HighCPU web-01 after 12 min, not fixed: series gone #42",
        ),
        (replace(OK, reason="quiet for 3 d"), "OK HighCPU web-01 after 12 min, not fixed: quiet for 3 d #42"),
        (FLAPPING, "FLAPPING HighCPU web-01: 3 times in 40 min #42"),
        (replace(FLAPPING, link=LINK), f"FLAPPING HighCPU web-01: 3 times in 40 min #42 {LINK}"),
        (
            replace(PAGE, again=True, reminder=True, since="02:10", flaps="3 times in 40 min", link=""),
            "FLAPPING CRITICAL HighCPU web-01 since 02:10: CPU above 90% for 5 min #42",
        ),
        (MEANWHILE, "resolved meanwhile: #42 HighCPU 02:10-02:24"),
        (replace(MEANWHILE, until="", number=0), "resolved meanwhile: HighCPU 02:10"),
        (NOTICE, "WEBHOOK REFUSED 413 from grafana"),
        (replace(NOTICE, number=7, link=LINK, test=True), f"TEST WEBHOOK REFUSED 413 from grafana #7 {LINK}"),
        (replace(NOTICE, summary=" \n"), "alertsms"),
    ],
)
def test_a_text_says_what_where_and_how_bad(subject, text):
    assert compose(subject) == text


def test_what_is_kept_when_room_is_short():
    crowded = replace(
        PAGE,
        name="KubePersistentVolumeFillingUpInFourDaysOrLess",
        place="namespace monitoring, claim prometheus-db-0",
        summary="The volume is expected to fill up within four days, at the present rate",
        link="https://pager.example.org/a/x7Kq2M",
        since="20 Nov 02:10",
        truncated=12,
    )
    assert compose(crowded) == (
        "CRITICAL KubePersistentVolumeFill namespace monitoring, claim prometheus-db-0 since 20 Nov 02:10"
        " (+12 more not listed) #42 https://pager.example.org/a/x7Kq2M"
    )
    assert compose(replace(crowded, since="", truncated=0)) == (
        "CRITICAL KubePersistentVolumeFillingUpInFourDaysOrLess namespace monitoring, claim prometheus-db-0:"
        " The volume is... #42 https://pager.example.org/a/x7Kq2M"
    )
    assert compose(replace(crowded, link=f"https://pager.example.org/{'x' * 54}")) == (
        "CRITICAL KubePersistentVolumeFill namespace monitorin... since 20 Nov 02:10 #42"
        f" https://pager.example.org/{'x' * 54}"
    )


def test_a_summary_ends_at_a_word():
    text = compose(replace(PAGE, summary="The machine has been busy for a long while now. " * 9))
    assert text == (
        "CRITICAL HighCPU web-01: The machine has been busy for a long while now. The machine has been busy for a"
        f" long while now... #42 {LINK}"
    )


def test_a_summary_of_one_endless_word_ends_inside_it():
    assert compose(replace(PAGE, summary="x" * 500)) == f"CRITICAL HighCPU web-01: {'x' * 97}... #42 {LINK}"


def test_a_second_segment_makes_room():
    text = compose(replace(PAGE, summary="word " * 200), max_segments=2)
    assert text == f"CRITICAL HighCPU web-01: {'word ' * 47}word... #42 {LINK}"
    assert (measure(text).segments, measure(f"{text} more").segments) == (2, 3)


def test_a_summary_in_another_script_takes_two_segments_of_ucs2():
    text = compose(replace(PAGE, summary="磁盘已满。" * 40))
    assert text == f"CRITICAL HighCPU web-01: {('磁盘已满。' * 40)[:71]}... #42 {LINK}"
    assert measure(text).segments == 2


def test_decoration_alone_never_costs_ucs2():
    text = compose(replace(PAGE, name="🔥 HighCPU", summary="“CPU” above\xa090\u202f% – check…", place="web\u200b-01"))
    assert text == f'CRITICAL HighCPU web-01: "CPU" above 90 % - check... #42 {LINK}'


def test_a_script_that_does_not_fit_beside_a_long_link_gives_way():
    """The link alone fills two segments of UCS-2; in GSM-7, without the summary, it fits."""
    link = f"https://p.example.org/{'y' * 88}"
    assert compose(replace(PAGE, summary="磁盘已满", link=link)) == f"CRITICAL HighCPU web-01 #42 {link}"


def test_a_cut_never_falls_inside_a_letter():
    """In Thai and Devanagari one letter is several code points."""
    for size in range(120):
        text = compose(replace(PAGE, link="", summary="x" * size + "กิ" * 200))
        assert text.endswith(("กิ... #42", "x... #42"))


def test_a_letter_without_end_is_cut_all_the_same():
    assert len(shorten("क्\u200d" * 300)) == 134


def test_the_first_letters_of_a_name_keep_their_marks():
    name = "a" * 23 + "กิ" + "b" * 100
    text = compose(replace(PAGE, name=name, place="", summary="", link="x" * 90))
    assert text == f"CRITICAL {'a' * 23}กิ #42 {'x' * 90}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("🔥🔥", "CRITICAL :fire::fire: #42"),
        ("", "CRITICAL unnamed alert #42"),
        ("\ud800\x00\u202e", "CRITICAL unnamed alert #42"),
        ("line one\nline two", "CRITICAL line one line two #42"),
        ("{{{{", "CRITICAL {{{{ #42"),
    ],
)
def test_a_name_is_never_lost(name, shown):
    assert compose(replace(PAGE, name=name, place="", summary="", link="")) == shown


def test_a_very_long_name_leaves_room_for_the_summary():
    text = compose(replace(PAGE, name="Replication of the orders database is behind " * 6, link=""))
    assert text == (
        "CRITICAL Replication of the orders database is behind Replication of... web-01: CPU above 90% for 5 min #42"
    )
    alone = compose(replace(PAGE, name="Replication of the orders database is behind " * 6, link="", summary=""))
    assert len(alone) > 140


def test_a_very_long_place_goes_before_the_summary():
    text = compose(replace(PAGE, place="node-17, " * 200, link=""))
    assert text == f"CRITICAL HighCPU {'node-17, ' * 14}node-17... #42"


LONG = "namespace-of-the-shop-in-paris/checkout-7cc77d965f-cgsdv-and-more-of-its-long-name"


def test_an_object_loses_its_namespace_before_anything_of_it_is_cut():
    text = compose(replace(PAGE, place=LONG, summary="", link=f"https://p.example.org/a/{'x' * 40}"))
    assert text == (f"CRITICAL HighCPU {LONG.partition('/')[2]} #42 https://p.example.org/a/{'x' * 40}")
    assert (
        compose(replace(PAGE, place="web-01:/var/lib", summary="", link="y" * 138))
        == f"CRITICAL HighCPU #42 {'y' * 138}"
    )


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        # Nothing is said twice.
        (replace(PAGE, name="label=Coralpay", place="Coralpay", summary=""), f"CRITICAL label=Coralpay #42 {LINK}"),
        (replace(PAGE, name="HighCPU on web-01", summary=""), f"CRITICAL HighCPU on web-01 #42 {LINK}"),
        (replace(PAGE, summary="HighCPU: busy"), f"CRITICAL HighCPU web-01: busy #42 {LINK}"),
        (replace(PAGE, summary="HighCPU web-01 - busy"), f"CRITICAL HighCPU web-01: busy #42 {LINK}"),
        (replace(PAGE, summary="HighCPU web-01"), f"CRITICAL HighCPU web-01 #42 {LINK}"),
        (replace(PAGE, summary="web-01 is busy"), f"CRITICAL HighCPU web-01: web-01 is busy #42 {LINK}"),
        (replace(PAGE, summary="High CPU"), f"CRITICAL HighCPU web-01 #42 {LINK}"),
        (replace(PAGE, place="web-01:D:"), f"CRITICAL HighCPU web-01:D: CPU above 90% for 5 min #42 {LINK}"),
        # What else is known stands where there is room, and is new.
        (
            replace(PAGE, summary="Busy", more=("For an hour", "97%")),
            f"CRITICAL HighCPU web-01: Busy. For an hour, 97% #42 {LINK}",
        ),
        (replace(PAGE, summary="Busy!", more=("busy", "zone=web-01")), f"CRITICAL HighCPU web-01: Busy! #42 {LINK}"),
        (replace(PAGE, summary="", more=("Call the shop",)), f"CRITICAL HighCPU web-01: Call the shop #42 {LINK}"),
        (
            replace(PAGE, summary="x" * 80, more=("Too long for the room that is left behind it",)),
            f"CRITICAL HighCPU web-01: {'x' * 80}. Too long for... #42 {LINK}",
        ),
    ],
)
def test_nothing_is_said_twice_and_room_is_used(subject, text):
    assert compose(subject) == text


def test_a_free_text_is_shortened_like_any_other():
    assert shorten("  two\n lines ’ ") == "two lines '"
    assert shorten("") == ""
    assert shorten("word " * 100) == "word " * 30 + "word..."
    assert shorten("{" * 400) == "{" * 78 + "..."  # an extension character is two septets
    assert shorten("(" * 400) == "(" * 157 + "..."


anything = st.text(st.one_of(st.characters(), st.sampled_from("aé {€\n’…→λЖ中กิ🔥\u200d\u0301")), max_size=300)
names = st.one_of(anything, st.text(max_size=12).map(lambda part: part * 25))
subjects = st.builds(
    Subject,
    kind=st.sampled_from((NotificationKind.PAGE, NotificationKind.RESOLVED, NotificationKind.MEANWHILE)),
    number=st.integers(0, 10**9),
    severity=st.sampled_from(Severity),
    name=names,
    place=st.one_of(anything, anything.map(lambda part: part * 7)),
    summary=anything,
    link=st.one_of(st.just(""), st.text("abc/:~{", max_size=80)),
    since=st.one_of(st.sampled_from(("", "02:10", "20 Nov 02:10")), anything),
    until=st.one_of(st.just("02:24"), anything),
    after=st.one_of(st.just("12 min"), anything),
    again=st.booleans(),
    reminder=st.booleans(),
    test=st.booleans(),
    truncated=st.integers(-1, 10**6),
    reason=anything,
)
STATUS = {NotificationKind.RESOLVED: "OK", NotificationKind.MEANWHILE: "resolved meanwhile:"}


@settings(max_examples=300, deadline=None)
@given(subjects, st.integers(1, 4))
def test_any_alert_gives_a_text_that_can_be_sent_and_read(subject, max_segments):
    text = compose(subject, max_segments=max_segments)
    size = measure(text)
    if size.encoding is Encoding.GSM7:
        assert decode(encode(text)) == text
        assert 1 <= size.segments <= max_segments
    else:
        assert text.encode("utf-16-be").decode("utf-16-be") == text
        assert 1 <= size.segments <= max(max_segments, 2)
    assert text == " ".join(text.split())
    assert STATUS.get(subject.kind, subject.severity.name) in text
    assert " ".join(transliterate(subject.name).split())[:24].strip() in text
    assert subject.number == 0 or f"#{subject.number}" in text


@settings(max_examples=300, deadline=None)
@given(subjects, st.integers(1, 2), st.sampled_from((NotificationKind.PAGE, NotificationKind.RESOLVED)))
def test_any_text_holds_the_whole_object_where_it_fits(subject, max_segments, kind):
    subject = replace(subject, kind=kind, since="", after="", reason="", place=subject.place[:90])
    name, place = (" ".join(transliterate(each).split()) for each in (subject.name, subject.place))
    least = f"TEST AGAIN {subject.severity.name} {name[:28]} {place} #{subject.number} {subject.link}"
    if name and fits(least, max_segments):
        assert place in compose(subject, max_segments=max_segments)


@settings(max_examples=200, deadline=None)
@given(anything, st.integers(0, 99), st.integers(0, 3))
def test_any_notice_gives_a_text_that_can_be_sent(summary, number, max_segments):
    text = compose(replace(NOTICE, summary=summary, number=number), max_segments=max_segments)
    assert text == " ".join(text.split())
    assert 1 <= measure(text).segments <= max(max_segments, 2)


@pytest.mark.parametrize(
    ("annotations", "summary"),
    [
        ({"description": "long", "summary": "short"}, "short"),
        ({"SUMMARY": "loud", "description": "long"}, "loud"),
        ({"summary": " \n ", "Description": "two\n  lines "}, "two lines"),
        ({"message": "last"}, "last"),
        ({"runbook_url": "https://r.example.org"}, ""),
        (
            {"value": "97%", "action": "Call the shop", "severity": "page", "x": "see https://r.example.org"},
            "value=97%",
        ),
        ({"summary": "**Disk** full", "empty": " "}, "Disk full"),
        ({}, ""),
    ],
)
def test_the_annotation_that_tells_most_is_the_summary(annotations, summary):
    assert summary_of(annotations) == summary


DB = {"alertname": "Lag", "severity": "page", "instance": "db-1:9187", "slot": "paris"}


@pytest.mark.parametrize(
    ("annotations", "texts"),
    [
        # The description where the summary holds no value of the alert's own: it then says more of the same.
        ({"summary": "A slot lags", "description": "Slot paris of db-1:9187 lags"}, ["Slot paris of db-1:9187 lags"]),
        ({"summary": "paris lags", "description": "For an hour"}, ["paris lags", "For an hour"]),
        ({"summary": "Lag", "description": "page"}, ["page"]),
        (
            {"summary": "A slot lags", "message": "paris lags", "todo": "Call bob"},
            ["paris lags", "A slot lags", "Call bob"],
        ),
        ({"summary": "It lags", "description": "It lags by LABELS = map[slot:paris]"}, ["It lags by"]),
        ({"summary": "It lags by 9", "description": "it lags", "value": "9"}, ["It lags by 9", "value=9"]),
        ({"summary": "lag!", "description": "lag"}, ["lag!"]),  # no more than the name, and nothing else
        ({"summary": "It lags.", "description": "It lags on db-1:9187"}, ["It lags on db-1:9187"]),
        ({"summary": "It lags (instance db-1:9187)"}, ["It lags"]),
        ({"summary": "It lags (instance ) on Gi1 ()"}, ["It lags on Gi1"]),
        ({"summary": "It lags (instance db-2)"}, ["It lags (instance db-2)"]),
        ({"summary": "It lags by 97.33333333333334%"}, ["It lags by 97.33%"]),
        ({"summary": "It lags by 0.000012345, 1.2e+09 or v1.23456"}, ["It lags by 0.000012, 1.2e+09 or v1.23456"]),
        ({"todo": "Call bob", "Error": "no route to host"}, ["Call bob", "no route to host"]),
    ],
)
def test_what_tells_most_comes_first_and_nothing_twice(annotations, texts):
    assert texts_of(annotations, DB) == texts


def test_labels_that_nobody_knows_are_told_where_there_is_room():
    labels = {"alertname": "Lag", "instance": "10.0.0.5:9187", "resource_id": "postgres-primary", "team": "db"}
    about = subject_of(
        incident(labels=labels, annotations={"summary": "It lags"}, severity=Severity.WARNING), NotificationKind.PAGE
    )
    subject = replace(about, number=7)
    assert compose(subject) == "WARNING Lag 10.0.0.5:9187: It lags, resource_id=postgres-primary #7"
    assert compose(replace(subject, kind=NotificationKind.RESOLVED, more=())) == "OK Lag 10.0.0.5:9187 #7"


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ({"alertname": "HighCPU", "rulename": "other"}, "HighCPU"),
        ({"alertname": "DatasourceNoData", "rulename": "Orders per minute"}, "Orders per minute"),
        ({"alertname": "DatasourceError"}, "DatasourceError"),
        (
            {"severity": "page", "job": "node", "dc": "par1", "alertname": " ", "rack": "b2", "u": "7"},
            "job=node dc=par1 rack=b2",
        ),
        ({}, ""),
    ],
)
def test_an_alert_is_called_what_a_person_would_call_it(labels, name):
    assert name_of(labels) == name


def test_a_subject_is_built_from_labels_and_annotations():
    labels = {"alertname": "DatasourceNoData", "rulename": "Orders per minute", "instance": "db-1"}
    annotations = {"summary": "too few", "grafana_state_reason": "NoData"}
    known = incident(labels=labels, annotations=annotations, severity=Severity.ERROR)
    page = subject_of(known, NotificationKind.PAGE)
    assert compose(replace(page, number=7, link=LINK)) == f"ERROR Orders per minute db-1: no data: too few #7 {LINK}"
    over = subject_of(replace(known, place="shop"), NotificationKind.RESOLVED)
    assert compose(replace(over, number=7)) == "OK Orders per minute shop, not fixed: no data #7"


NIGHT = datetime(2025, 11, 21, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "zone", "shown"),
    [
        (NIGHT, "UTC", "23:30"),
        (NIGHT, "Europe/Paris", "00:30"),
        (NIGHT - timedelta(hours=1), "Europe/Paris", "21 Nov 23:30"),
        (NIGHT - timedelta(days=1, hours=22), "UTC", "20 Nov 01:30"),
        (NIGHT - timedelta(hours=7), "America/New_York", "11:30"),
        (NIGHT, "Mars/Olympus", "23:30Z"),
        (NIGHT, "../etc/passwd", "23:30Z"),
    ],
)
def test_a_time_is_what_the_persons_clock_shows(at, zone, shown):
    assert clock_time(at, zone, NIGHT + timedelta(minutes=20)) == shown


@pytest.mark.parametrize(
    ("length", "shown"),
    [
        (timedelta(seconds=-3), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=12, seconds=40), "12 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(hours=23, minutes=59), "23 h 59 min"),
        (timedelta(days=3), "3 d"),
        (timedelta(days=3, hours=4, minutes=9), "3 d 4 h"),
    ],
)
def test_a_duration_is_told_in_two_units_at_most(length, shown):
    assert format_duration(length) == shown


def test_a_part_of_a_free_text_gives_way_to_what_stands_behind():
    text = f"Disk: {'word ' * 50}#42 {LINK}"
    assert shorten(text, first="word " * 50).endswith(f"word... #42 {LINK}")
    assert fits(shorten(text, first="word " * 50), 1)
    assert shorten(f"{'x ' * 100}word word", first="word word") == shorten(f"{'x ' * 100}word word")
    assert shorten(text, first="another") == shorten(text)
    assert shorten("short", first="short") == "short"
