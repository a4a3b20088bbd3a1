from __future__ import annotations

import time
import tracemalloc
from dataclasses import replace
from inspect import signature

import jinja2
import pytest
from jinja2.defaults import DEFAULT_FILTERS

from alertsms.core.alerts.alert import Severity
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.gsm7 import measure
from alertsms.core.text.jinja import _PATHS as PATHS_OF
from alertsms.core.text.jinja import FILTERS, METHODS, SECONDS_MOST, STEPS_MOST, TEXT_MOST, TemplateError, environment
from alertsms.core.text.subject import Subject
from alertsms.core.text.template import VALUE_MOST, compile_template, render

SUBJECT = Subject(
    kind=NotificationKind.PAGE,
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


def still() -> float:
    """No time passes: what is bounded is bounded by its steps."""
    return 0.0


def compiled(source: str) -> jinja2.Template:
    return compile_template(source, still)


def written(source: str, subject: Subject = SUBJECT, max_segments: int = 1) -> str:
    return render(compiled(source), subject, LABELS, ANNOTATIONS, max_segments=max_segments, spent=still)


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
        ("{{ range(1000) | length }}", "1000"),
        ("<{{ 'a&b' }}>", "<a&b>"),
    ],
)
def test_a_team_may_write_its_own_text(source, text):
    assert written(source) == (text or "alertname=HighCPU instance=web-01:9100 dc=par'1")


def test_a_resolution_is_told_by_its_status():
    assert written("{{ status }} {{ name }}", replace(SUBJECT, kind=NotificationKind.RESOLVED)) == "resolved HighCPU"


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
        ("{{ labels.instance() }}", "str is nothing to call in the template of an SMS"),
        ("{{ labels.clear() }}", "access to attribute 'clear' of"),
        ("{% for c in range(999) %}{{ 'a long piece of text' }}{% endfor %}", "more than 10000 characters written"),
        ("{{" + "(" * 1500 + "1" + ")" * 1500 + "}}", "nested too deeply"),
    ],
)
def test_a_template_that_cannot_work_is_refused_when_it_is_read(source, says):
    began = time.monotonic()
    with pytest.raises(TemplateError) as refused:
        compiled(source)
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
        ("{{ labels.instance.split(':')[7] * 3 }}", "UndefinedError: "),
    ],
)
def test_a_template_that_fails_for_one_alert_says_so(source, says):
    """The caller then takes the composed text."""
    template = compiled(source)
    with pytest.raises(TemplateError) as failed:
        render(template, replace(SUBJECT, summary="s" * 3_000), LABELS, ANNOTATIONS, spent=still)
    assert str(failed.value).startswith(says)


def test_a_template_is_read_once():
    first = compiled("{{ name }} once")
    assert isinstance(first, jinja2.Template)
    assert compiled("{{ name }} once") is first


def test_a_template_sees_no_more_of_a_label_than_it_can_use():
    huge = replace(SUBJECT, summary="x" * 1_000_000)
    template = compiled("{{ summary | length }} {{ labels.a | length }}")
    assert render(template, huge, {"a": "y" * 9999}, {}, spent=still) == "4000 4000"


# --- bombs: a sender decides what stands in a label ---

HOSTILE = {
    "n": "900000000",
    "a": "a" * VALUE_MOST,
    "ab": "ab c" * (VALUE_MOST // 4),
    "wide": "\u0390" * VALUE_MOST,  # three letters each in capitals
    "digits": "9" * VALUE_MOST,
    "comments": "<!--" * (VALUE_MOST // 4),
    "spaces": " " * VALUE_MOST,
}
BYTES_MOST = 4_000_000  # of memory that a template may take


def exploded(source: str) -> str:
    """What is said of a bomb, wherever it is stopped; by its steps alone, for this processor's time stands still."""
    try:
        template = compiled(source)
    except TemplateError as refused:
        return str(refused)
    tracemalloc.start()
    try:
        with pytest.raises(TemplateError) as stopped:
            render(template, SUBJECT, HOSTILE, HOSTILE, spent=still)
        assert tracemalloc.get_traced_memory()[1] < BYTES_MOST
    finally:
        tracemalloc.stop()
    return str(stopped.value)


@pytest.mark.parametrize(
    "source",
    [
        *(f"{{{{ name.{method}(labels.n | int) }}}}" for method in ("ljust", "rjust", "center", "zfill", "expandtabs")),
        "{{ number.to_bytes(900000000, 'big') }}",
        "{{ name.encode().ljust(900000000) }}",
        "{{ name.join(labels.a) }}",
        "{{ name.replace('', labels.a) }}",
        "{{ name.translate({97: labels.a}) }}",
        "{{ name['ljust'](labels.n | int) }}",
        "{{ (name | e).ljust(labels.n | int) }}",
        "{{ ([name] | map(attribute='ljust') | first)(labels.n | int) }}",
        "{{ [name] | map(attribute='upper') | first }}",
        "{{ '{:>999999999}'.format_map(labels) }}",
        "{{ labels.pop('n') }}",
        "{{ [].append(1) }}",
        "{{ self }}",
        "{{ self._TemplateReference__context }}",
        "{{ name | attr('__class__') }}",
        "{{ labels | map('attr', 'pop') | list }}",
        "{{ labels | map('(unknown)') | list }}",
        "{{ cycler(1) }}{{ joiner() }}{{ namespace() }}{{ dict() }}",
        "{% set labels.n = 1 %}",
        "{% autoescape true %}{% endautoescape %}",
    ],
)
def test_a_template_reaches_named_filters_methods_and_nothing_else(source):
    said = exploded(source)
    assert any(words in said for words in ("unsafe", "no use for", "unknown name", "No filter named", "has no place"))


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("{{ '*' * labels.n | int }}", "* is for numbers"),
        ("{{ [0] * 900000000 }}", "* is for numbers"),
        ("{{ '%*d' % (999999999, 1) }}", "% is for numbers"),
        ("{{ labels.a | join(labels.a) | join(labels.a) }}", "join makes the text too long"),
        ("{{ [labels.a, labels.a] | map('join', labels.a) | list }}", "join makes the text too long"),
        ("{{ labels.a | map('replace', '', 'aaaa') | join | map('replace', '', 'aaaa') | join }}", "join makes the"),
        ("{{ name" + " | replace('', 'aaaa')" * 60 + " }}", "replace makes the text too long"),
        ("{{ " + " * ".join(["number"] * 60) + " }}", "a number of more than 128 bits"),
        ("{{ " + "9" * 3_900 + " }}", "a number of more than 128 bits"),
        ("{{ 0x" + "f" * 3_900 + " }}", "a number of more than 128 bits"),
        ("{{ labels.digits | int }}", "a number of more than 128 bits"),
        ("{{ labels.digits | int(base=36) }}", "a number of more than 128 bits"),
        ("{{ number | round(0 - labels.n | int) }}", "round to -900000000 digits: at most 15"),
        ("{% set x = [1, 2] %}" + "{% set x = x + x + x + x + x + x + x + x %}" * 7, "a list of more than 10000"),
        ("{% set x = [1, 2] %}" + "{% set x = [x, x, x, x, x, x, x, x] %}" * 7 + "{{ x == x }}", "a list of more than"),
        ("{% set x = labels.a %}" + "{% set x = x ~ x ~ x ~ x %}" * 7, "a text of more than 10000 characters"),
        ("{{ [" + "labels.a, " * 300 + "] | sort | string }}", "a list of more than 10000 values or 400000 characters"),
        ("{{ labels.wide.upper() }}", "a text of more than 10000 characters"),
        ("{{ labels.wide | upper | title }}", "a text of more than 10000 characters"),
        (
            "{% filter upper %}{% for c in labels.a %}" + "z" * 3_000 + "{% endfor %}{% endfilter %}",
            "more than 10000 c",
        ),
        ("{% set x %}{% for c in labels.a %}" + "z" * 3_000 + "{% endfor %}{% endset %}", "more than 10000 characters"),
        (
            "{% for c in labels.a %}" + "{% if labels.a in labels.a %}{% endif %}" * 80 + "{% endfor %}",
            "more than 50000",
        ),
        (
            "{% for c in labels.a %}{% if labels.a | select('in', c) | list %}{% endif %}{% endfor %}",
            "more than 50000 s",
        ),
        ("{% for c in labels.a if labels.a | map('upper') | list %}{% endfor %}", "more than 50000 steps"),
        ("{{ " + "labels.a in " * 5 + "labels.a }}", "line 1: more than 4 comparisons in a row"),
        ("{{ labels" + ".x" * 1_500 + " }}", "nested too deeply"),
        ("{{ labels.a" + " | list" * 500 + " }}", "nested too deeply"),
        ("{{ " + "not " * 900 + "1 }}", "nested too deeply"),
        ("{% if 1 %}" * 110 + "{% endif %}" * 110, "nested too deeply"),
    ],
)
def test_a_bomb_stops_by_its_size_or_its_steps(source, says):
    assert exploded(source).startswith(says)


PATHS = [
    "map(attribute={})",
    "sort(attribute={})",
    "sort(false, false, {})",
    "unique(attribute={})",
    "unique(true, {})",
    "max(attribute={})",
    "max(true, {})",
    "min(attribute={})",
    "min(true, {})",
    "join('', attribute={})",
    "join('', {})",
    "selectattr({})",
    "rejectattr({}, 'none')",
    "map('join', '', {})",
    "map('sort', attribute={})",
]


@pytest.mark.parametrize("names", ["0.0.0.0.0", "0,0,0,0,0", ".".join("0" * 2_000)])
@pytest.mark.parametrize("taken", PATHS)
def test_no_filter_looks_up_a_long_path_of_each_value(taken, names):
    """It is one step, however many names a label writes into it."""
    template = compiled("{{ [labels.a] | %s | string | length }}" % taken.format("labels.by"))  # noqa: UP031
    with pytest.raises(TemplateError, match="an attribute of more than 4 names"):
        render(template, SUBJECT, {"a": "a", "by": names}, {}, spent=still)


def test_a_filter_looks_up_a_short_path():
    source = "{{ [labels, labels] | map(attribute='a') | join('. . . . . ,') }} {{ [labels] | join('', 'a.0') }}"
    assert render(compiled(source), SUBJECT, {"a": "here"}, {}, spent=still) == "here. . . . . ,here h"


def test_every_filter_that_takes_a_path_is_held_to_that():
    """A new version of Jinja2 may have one more."""
    known = {name: signature(DEFAULT_FILTERS[name]) for name in FILTERS if name not in ("abs", "count", "length")}
    places = {
        name: list(each.parameters).index("attribute") for name, each in known.items() if "attribute" in each.parameters
    }
    before = {"join": 2, "max": 2, "min": 2, "sort": 2, "unique": 2}  # the environment or context, and the value
    assert {name: place - before[name] for name, place in places.items()} == {
        name: place for name, place in PATHS_OF.items() if name in before
    }
    assert set(PATHS_OF) - set(before) == {"map", "rejectattr", "selectattr"}  # which take what they are given


def test_a_template_that_takes_its_time_is_stopped_at_its_next_step():
    """However slow a step is, no more of them are taken once half a second of the processor is gone."""
    asked = iter(range(10 * STEPS_MOST))
    template = compiled("{% for c in labels.a %}{{ c }}{% endfor %}")
    with pytest.raises(TemplateError, match=r"more than 0\.5 s of the processor"):
        render(template, SUBJECT, HOSTILE, {}, spent=lambda: next(asked) * SECONDS_MOST / 10)
    assert next(asked) < 13


def test_no_filter_of_jinja_is_there_by_chance():
    assert set(environment().filters) == {*FILTERS, "(each)", "(held)", "(written)"}
    assert not {
        "attr",
        "batch",
        "center",
        "format",
        "indent",
        "pprint",
        "random",
        "slice",
        "sum",
        "tojson",
        "urlize",
        "wordwrap",
        "xmlattr",
    } & set(FILTERS)
    assert set(environment().globals) == {"range"}


@pytest.mark.parametrize("method", sorted(METHODS[str]))
def test_each_named_method_gives_back_no_more_than_it_is_given(method):
    """At most thrice as much, for capitals; so the sum of all steps is bounded by their number."""
    for text in HOSTILE.values():
        for given in ((), (text,), ("a", 900_000_000), (900_000_000,)):
            try:
                got = getattr(text, method)(*given)
            except (TypeError, ValueError):
                continue
            assert len(str(got)) < 6 * TEXT_MOST


def test_what_templates_use_still_works_in_its_bounds():
    assert written("{{ labels.items() | list | length }} {{ labels | dictsort | first | join('=') }}") == (
        "3 alertname=HighCPU"
    )
    assert (
        written("{{ labels.instance.rsplit(':', 1) | last }} {{ name | lower | truncate(5, true, '.', 0) }}")
        == "9100 high."
    )
    assert written("{% for k in labels if k != 'dc' %}{{ loop.index }}/{{ loop.length }}{{ k }},{% endfor %}") == (
        "1/2alertname,2/2instance,"
    )
    assert written("{{ [place, labels.nowhere, name] | select | join(' / ') }}") == "web-01 / HighCPU"
    assert written("{{ 'x' if labels.instance is defined and '9100' in labels.instance else 'y' }}") == "x"
    assert written("{% set a, b = labels.instance.split(':') %}{{ b ~ a }}") == "9100web-01"
    assert written("{{ (annotations.value | float * 100) | round | int }} {{ -number }}") == "9346 -42"
    assert written("{% set x %}{{ name }}!{% endset %}{{ x | upper }}") == "HIGHCPU!"


def test_a_template_has_the_parts_of_the_composed_text():
    subject = replace(SUBJECT, more=("For an hour",), place="shop/web")
    links = {"runbook_url": "https://r.example.org/x", "__source_url__": "http://p.example.org/g"}
    source = "{{ object }} {{ place }}|{{ more }}|{{ runbook }}|{{ dashboard }}|{{ source }}|{{ annotations | length }}"
    assert render(compiled(source), subject, LABELS, links, spent=still) == (
        "shop/web shop/web|For an hour|https://r.example.org/x||http://p.example.org/g|1"
    )
    over = replace(SUBJECT, kind=NotificationKind.RESOLVED, after="12 min", reason="MissingSeries")
    assert written("{{ status }} {{ after }}, {{ reason }}", over) == "resolved 12 min, not fixed: series gone"
