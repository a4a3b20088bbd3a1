from __future__ import annotations

import time
from dataclasses import replace

import pytest

from alertsms.core.alert import Severity
from alertsms.core.gsm7 import measure
from alertsms.core.template import Template, TemplateError, compile_template, render
from alertsms.core.text import Kind, Subject

SUBJECT = Subject(
    kind=Kind.PAGE,
    number=42,
    severity=Severity.CRITICAL,
    name="HighCPU",
    place="web-01",
    summary="CPU above 90% for 5 min",
    link="https://p.example.org/a/x7Kq2M",
    since="02:10",
)
LABELS = {"alertname": "HighCPU", "instance": "web-01:9100", "dc": "par’1"}
ANNOTATIONS = {"value": "93.456"}


def written(source: str, subject: Subject = SUBJECT, max_segments: int = 1) -> str:
    return render(compile_template(source), subject, LABELS, ANNOTATIONS, max_segments=max_segments)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "{{ status }} {{ severity }} {{ name }} {{ place }} {{ summary }} {{ since }} #{{ number }} {{ link }}",
            "firing CRITICAL HighCPU web-01 CPU above 90% for 5 min 02:10 #42 https://p.example.org/a/x7Kq2M",
        ),
        ("{{ labels.instance.split(':')[0] }}: {{ annotations.value | float | round(1) }}%", "web-01: 93.5%"),
        ("{{ name }}\n  in {{ labels.dc }} 🔥", "HighCPU in par'1"),
        ("{% for key, value in labels.items() %}{{ key }}={{ value }} {% endfor %}", None),
        ("{{ labels.nowhere }}{{ labels.nowhere or 'x' }}", "x"),
        ("{% set n = number * 2 %}{{ n % 10 }} {{ name | replace('High', 'Low') }}", "4 LowCPU"),
        ("{% for n in range(3) %}{{ n }}{% endfor %}", "012"),
        ("<{{ 'a&b' }}>", "<a&b>"),
    ],
)
def test_a_team_may_write_its_own_text(source, text):
    assert written(source) == (text or "alertname=HighCPU instance=web-01:9100 dc=par'1")


def test_a_resolution_is_told_by_its_status():
    assert written("{{ status }} {{ name }}", replace(SUBJECT, kind=Kind.RESOLVED)) == "resolved HighCPU"


def test_what_a_template_writes_is_ended_at_a_word():
    subject = replace(SUBJECT, summary="a long summary " * 40)
    assert written("{{ name }}: {{ summary }}", subject) == "HighCPU: " + "a long summary " * 9 + "a long..."
    assert measure(written("{{ name }}: {{ summary }}", subject, max_segments=3)).segments == 3


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ name", "line 1: unexpected end of template, expected 'end of print statement'."),
        ("\n{% if %}", "line 2: Expected an expression, got 'end of statement block'"),
        ("{{ nme }} {{ lables.x }}", "unknown name lables, nme: a template may use status, severity, number, name,"),
        ("{{ lipsum(n=9) }}", "unknown name lipsum"),
        ("{{ name | centre(9) }}", "line 1: No filter named 'centre'."),
        ("{{ name | center(999999999) }}", "line 1: No filter named 'center'."),
        ("x" * 4001, "4001 characters are too many for the template of an SMS: at most 4000"),
        ("\n{% macro m() %}{% endmacro %}", "line 2: a macro has no place in the template of an SMS"),
        ("{% include 'x' %}", "line 1: an include has no place"),
        ("{% import 'x' as x %}", "line 1: an import has no place"),
        ("{{ 9 ** 9 ** 9 }}", "line 1: a power (**) has no place"),
        (
            "{% for a in name %}{% if a %}{% for b in name %}{% endfor %}{% endif %}{% endfor %}",
            "line 1: a loop inside",
        ),
        ("{% for a in labels recursive %}{{ loop(labels) }}{% endfor %}", "line 1: a loop inside a loop"),
        ("{% set a = 'x' %}" * 9, "more than 8 set or with blocks"),
        ("{% for n in range(99999) %}{{ n }}{% endfor %}", "a range of 99999: at most 1000"),
        ("{{ 'x' * 9999999999 }}", "* is for numbers"),
        ("{{ '%9999999999d' % number }}", "% is for numbers"),
        ("{{ '{:>9999999999}'.format(1) }}", "access to attribute 'format' of 'str' object is unsafe."),
        ("{{ name.ljust(9999999999) }}", "access to attribute 'ljust' of 'str' object is unsafe."),
        ("{{ name.__class__.__mro__ }}", "access to attribute '__class__' of 'str' object is unsafe."),
        ("{{ labels.clear() }}", "access to attribute 'clear' of"),
        ("{% for c in range(999) %}{{ 'a long piece of text' }}{% endfor %}", "more than 10000 characters written"),
        ("{{" + "(" * 1500 + "1" + ")" * 1500 + "}}", "nested too deeply"),
    ],
)
def test_a_template_that_cannot_work_is_refused_when_it_is_read(source, says):
    began = time.monotonic()
    with pytest.raises(TemplateError) as refused:
        compile_template(source)
    assert str(refused.value).startswith(says)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("source", "says"),
    [
        (" {# nothing #}\n", "the text is empty"),
        ("🔥", "the text is empty"),
        ("{{ labels.nowhere }}", "the text is empty"),
        ("{{ labels.nowhere.at.all }}", "UndefinedError: 'dict object' has no attribute 'nowhere'"),
        ("{{ labels.instance.split(':')[7] + 'x' }}", "UndefinedError: "),
        ("{{ 1 / (number - 42) }}", "ZeroDivisionError: division by zero"),
        ("{{ labels.dc | int(base=99) + number.x }}", "UndefinedError"),
        ("{% for c in annotations.value %}{{ summary }}{% endfor %}", "more than 10000 characters written"),
        ("{{ summary | replace('', summary) }}", "replace makes the text too long"),
    ],
)
def test_a_template_that_fails_for_one_alert_says_so(source, says):
    """The caller then takes the composed text."""
    template = compile_template(source)
    with pytest.raises(TemplateError) as failed:
        render(template, replace(SUBJECT, summary="s" * 3_000), LABELS, ANNOTATIONS)
    assert str(failed.value).startswith(says)


def test_a_template_is_read_once():
    first = compile_template("{{ name }} once")
    assert isinstance(first, Template)
    assert compile_template("{{ name }} once") is first


def test_a_template_sees_no_more_of_a_label_than_it_can_use():
    huge = replace(SUBJECT, summary="x" * 1_000_000)
    assert render(compile_template("{{ summary | length }} {{ labels.a | length }}"), huge, {"a": "y" * 9999}, {}) == (
        "4000 4000"
    )
