"""A team's own text: a Jinja2 template in a sandbox that cannot reach out, nor run for long, nor write much.

A template is for one line of an SMS. What could make a short source run for ever or fill the memory (macros, loops in
loops, `range` without end, padding to a width) is refused when the configuration is read, or stops the rendering.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import jinja2
from jinja2 import meta, nodes
from jinja2.exceptions import SecurityError
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from alertsms.core.alert import Severity
from alertsms.core.page import Kind
from alertsms.core.subject import Subject
from alertsms.core.text import shorten

VARIABLES = ("status", "severity", "number", "name", "place", "summary", "link", "since", "labels", "annotations")
SOURCE_MOST = 4_000  # characters of a template
VALUE_MOST = 4_000  # characters of a label or annotation that a template sees
OUTPUT_MOST = 10_000  # characters written before the rendering is stopped
RANGE_MOST = 1_000
ASSIGNMENTS_MOST = 8  # each can double a text

_FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "int"),
    *("items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace"),
    *("reverse", "select", "selectattr", "sort", "string", "striptags", "title", "trim"),
    *("truncate", "unique", "upper", "wordcount"),
)
_PADDING = frozenset(
    ("center", "expandtabs", "format", "format_map", "join", "ljust", "replace", "rjust", "translate", "zfill")
)
_REFUSED: Mapping[type[nodes.Node], str] = {
    nodes.Macro: "a macro",
    nodes.CallBlock: "a call block",
    nodes.Include: "an include",
    nodes.Import: "an import",
    nodes.FromImport: "an import",
    nodes.Extends: "extends",
    nodes.Block: "a block",
    nodes.Pow: "a power (**)",
}


class TemplateError(ValueError):
    """A template that cannot be used, or gave no text for this alert; the sentence says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Template:
    """A template that was read and found good."""

    source: str
    compiled: jinja2.Template


@lru_cache(maxsize=256)
def compile_template(source: str) -> Template:
    """Read a template once; raises TemplateError with the line and what is wrong: syntax, names, or what runs wild.

    Variables: `status` (firing or resolved), `severity` (CRITICAL, ERROR, WARNING, INFO), `number` (of the incident),
    `name`, `place`, `summary`, `link`, `since` (clock time, "" unless late), and the mappings `labels` and
    `annotations`, where a missing one reads as "".
    """
    if len(source) > SOURCE_MOST:
        raise TemplateError(f"{len(source)} characters are too many for the template of an SMS: at most {SOURCE_MOST}")
    environment = _environment()
    try:
        tree = environment.parse(source)
        _refuse_wild(tree)
        unknown = sorted(meta.find_undeclared_variables(tree).difference(VARIABLES, environment.globals))
        compiled = environment.from_string(source)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"line {error.lineno}: {error.message}") from None
    except RecursionError:
        raise TemplateError("nested too deeply") from None
    if unknown:
        raise TemplateError(f"unknown name {', '.join(unknown)}: a template may use {', '.join(VARIABLES)}")
    _try_out(compiled)
    return Template(source=source, compiled=compiled)


def render(
    template: Template,
    subject: Subject,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    *,
    max_segments: int = 1,
) -> str:
    """Render one line for an SMS of at most `max_segments` segments, in its alphabet, ended at a word.

    Raises TemplateError when the template fails, writes too much or nothing at all; the composed text is then better.
    """
    try:
        written = _write(template.compiled, _variables(subject, labels, annotations))
    except TemplateError:
        raise
    except Exception as error:  # whatever a template does, the page has to go out
        raise TemplateError(f"{type(error).__name__}: {error}"[:300]) from error
    text = shorten(written, max_segments=max_segments)
    if not text:
        raise TemplateError("the text is empty")
    return text


def _write(compiled: jinja2.Template, variables: Mapping[str, object]) -> str:
    """Render part by part, to stop a template that does not stop by itself."""
    written, length = [], 0
    for part in compiled.generate(variables):
        written.append(part)
        length += len(part)
        if length > OUTPUT_MOST:
            raise TemplateError(f"more than {OUTPUT_MOST} characters written")
    return "".join(written)


class _Anything(dict[str, str]):
    """Labels of an alert that has every label, to try a template out."""

    def __missing__(self, name: str) -> str:
        return "web-01:9100"


_SAMPLE = Subject(kind=Kind.PAGE, severity=Severity.CRITICAL, name="HighCPU", number=1, place="web-01:9100")


def _try_out(compiled: jinja2.Template) -> None:
    """Render once for what the sandbox refuses; other errors may well be the sample's and not the template's."""
    variables = _variables(_SAMPLE, {}, {}) | {"labels": _Anything(), "annotations": _Anything()}
    try:
        _write(compiled, variables)
    except SecurityError as error:
        raise TemplateError(str(error)) from None
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError) as error:
        if isinstance(error, TemplateError):
            raise


def _variables(subject: Subject, labels: Mapping[str, str], annotations: Mapping[str, str]) -> dict[str, object]:
    return {
        "status": "firing" if subject.kind is Kind.PAGE else "resolved",
        "severity": subject.severity.name,
        "number": subject.number,
        "name": subject.name[:VALUE_MOST],
        "place": subject.place[:VALUE_MOST],
        "summary": subject.summary[:VALUE_MOST],
        "link": subject.link,
        "since": subject.since,
        "labels": {name: value[:VALUE_MOST] for name, value in labels.items()},
        "annotations": {name: value[:VALUE_MOST] for name, value in annotations.items()},
    }


def _refuse_wild(tree: nodes.Template) -> None:
    for kind, words in _REFUSED.items():
        if found := next(tree.find_all(kind), None):
            raise TemplateError(f"line {found.lineno}: {words} has no place in the template of an SMS")
    for loop in tree.find_all(nodes.For):
        if loop.recursive or next(loop.find_all(nodes.For), None):
            raise TemplateError(f"line {loop.lineno}: a loop inside a loop could run for hours")
    if len(list(tree.find_all((nodes.Assign, nodes.AssignBlock, nodes.With)))) > ASSIGNMENTS_MOST:
        raise TemplateError(f"more than {ASSIGNMENTS_MOST} set or with blocks")


@lru_cache(maxsize=1)
def _environment() -> _Sandbox:
    environment = _Sandbox(autoescape=False, trim_blocks=True)  # an SMS is not HTML
    environment.filters = {name: environment.filters[name] for name in _FILTERS} | {
        "replace": _replace,
        "round": _round,
    }
    environment.globals = {"range": _range}
    return environment


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, which guards attributes; here also what a few characters can blow up."""

    intercepted_binops = frozenset({"*", "%"})

    def wrap_str_format(self, value: object) -> None:
        """Give `format` no guarded stand-in: it pads too, so that is_safe_attribute has to see it."""

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Refuse text methods that pad or multiply; `replace` is there as a filter that counts."""
        return not (isinstance(obj, str) and attr in _PADDING) and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Context, operator: str, left: object, right: object) -> object:
        """Take `*` and `%` for numbers only: `"x" * 1000000000` and `"%999999999d" % 1` are a gigabyte each."""
        if not (isinstance(left, int | float) and isinstance(right, int | float)):
            raise TemplateError(f"{operator} is for numbers")
        return super().call_binop(context, operator, left, right)


def _range(*bounds: int) -> range:
    counted = range(*bounds)
    if len(counted) > RANGE_MOST:
        raise TemplateError(f"a range of {len(counted)}: at most {RANGE_MOST}")
    return counted


def _replace(text: object, old: str, new: str) -> str:
    value = str(text)
    if len(value) + value.count(old) * len(new) > OUTPUT_MOST:
        raise TemplateError("replace makes the text too long")
    return value.replace(old, new)


def _round(value: float, digits: int = 0) -> float:
    """Round without Jinja2's methods, which take ten to any power."""
    return round(value, digits)
