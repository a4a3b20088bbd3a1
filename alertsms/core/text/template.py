"""A team's own text: a Jinja2 template in a sandbox that cannot reach out, nor run for long, nor write much.

A template is for one line of an SMS. What could make a short source run for ever or fill the memory is refused when the
configuration is read, or stops the rendering (see jinja.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import jinja2
from jinja2 import meta, nodes
from jinja2.exceptions import SecurityError

from alertsms.core.alerts.alert import Severity, references, references_text
from alertsms.core.messages.notification import NotificationKind
from alertsms.core.text.gsm7 import shorten
from alertsms.core.text.jinja import Spent, TemplateError, build, environment, weigh, write
from alertsms.core.text.subject import Subject, ended

VARIABLES = (
    *("status", "severity", "number", "name", "object", "place", "summary", "more", "link", "since", "after", "reason"),
    *("runbook", "dashboard", "source", "labels", "annotations"),
)
SOURCE_MOST = 4_000  # characters of a template
VALUE_MOST = 4_000  # characters of a label or annotation that a template sees
ASSIGNMENTS_MOST = 8  # each can double a text
COMPARED_MOST = 4  # comparisons in a row, such as a < b < c
_NODES = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.Getattr, nodes.Getitem),
    *(nodes.Slice, nodes.Call, nodes.Keyword, nodes.Pair, nodes.Filter, nodes.Test, nodes.FilterBlock, nodes.If),
    *(nodes.For, nodes.Assign, nodes.AssignBlock, nodes.With, nodes.List, nodes.Tuple, nodes.Dict, nodes.Add),
    *(nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.Not, nodes.And),
    *(nodes.Or, nodes.Compare, nodes.Operand, nodes.Concat, nodes.CondExpr),
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
    nodes.NSRef: "a namespace",
    nodes.Scope: "autoescape",
}


@lru_cache(maxsize=256)
def compile_template(source: str, spent: Spent) -> jinja2.Template:
    """Read a template once; raises TemplateError with the line and what is wrong: syntax, names, or what runs wild.

    Variables: `status` (firing or resolved), `severity` (CRITICAL, ERROR, WARNING, INFO), `number` (of the incident),
    `name`, `object` (what is broken, also called `place`), `summary`, `more` (what else is known), `link`, `since`
    (clock time, "" unless late), `after` (how long it lasted), `reason` (why it ended unmended), `runbook`,
    `dashboard`, `source` (addresses), and the mappings `labels` and `annotations`. What is missing reads as "".
    """
    if len(source) > SOURCE_MOST:
        raise TemplateError(f"{len(source)} characters are too many for the template of an SMS: at most {SOURCE_MOST}")
    try:
        tree = _parse(source)
        unknown = sorted(_undeclared(tree).difference(VARIABLES, environment().globals))
        compiled = build(tree)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"line {error.lineno}: {error.message}") from None
    except RecursionError:
        raise TemplateError("nested too deeply") from None
    if unknown:
        raise TemplateError(f"unknown name {', '.join(unknown)}: a template may use {', '.join(VARIABLES)}")
    _try_out(compiled, spent)
    return compiled


def _parse(source: str) -> nodes.Template:
    """Read a template, and refuse what has no place in one line of text. Raises TemplateError and Jinja2's errors."""
    tree = environment().parse(source)
    for node in [tree, *tree.find_all(nodes.Node)]:
        if type(node) not in _NODES:
            words = _REFUSED.get(type(node), type(node).__name__.lower())
            raise TemplateError(f"line {node.lineno or 1}: {words} has no place in the template of an SMS")
        if isinstance(node, nodes.Const):
            weigh(node.value)
        if isinstance(node, nodes.Compare) and len(node.ops) > COMPARED_MOST:
            raise TemplateError(f"line {node.lineno}: more than {COMPARED_MOST} comparisons in a row")
    for loop in tree.find_all(nodes.For):
        if loop.recursive or next(loop.find_all(nodes.For), None):
            raise TemplateError(f"line {loop.lineno}: a loop inside a loop could run for hours")
    if len(list(tree.find_all((nodes.Assign, nodes.AssignBlock, nodes.With)))) > ASSIGNMENTS_MOST:
        raise TemplateError(f"more than {ASSIGNMENTS_MOST} set or with blocks")
    return tree


def render(
    template: jinja2.Template,
    subject: Subject,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    *,
    max_segments: int = 1,
    spent: Spent,
) -> str:
    """Render one line for an SMS of at most `max_segments` segments, in its alphabet, ended at a word.

    Where it is too long its summary is ended first: what stands behind, such as the link, stays.

    Raises TemplateError when the template fails, takes or writes too much, or writes nothing at all; the composed text
    is then better.
    """
    try:
        written = write(template, _variables(subject, labels, annotations), spent)
    except TemplateError:
        raise
    except Exception as error:  # whatever a template does, the page has to go out
        raise TemplateError(f"{type(error).__name__}: {error}"[:300]) from error
    text = shorten(written, max_segments=max_segments, first=subject.summary[:VALUE_MOST])
    if not text:
        raise TemplateError("the text is empty")
    return text


def names_answer(source: str) -> bool:
    """Whether a good template shows what a page is answered by: its link, or its number."""
    return not _undeclared(_parse(source)).isdisjoint({"link", "number"})


class _Anything(dict[str, str]):
    """Labels of an alert that has every label, to try a template out."""

    def __missing__(self, name: str) -> str:
        return "web-01:9100"


_SAMPLE = Subject(kind=NotificationKind.PAGE, severity=Severity.CRITICAL, name="HighCPU", number=1, place="web-01:9100")


def _try_out(compiled: jinja2.Template, spent: Spent) -> None:
    """Render once for what the sandbox refuses; other errors may well be the sample's and not the template's."""
    variables = _variables(_SAMPLE, {}, {}) | {"labels": _Anything(), "annotations": _Anything()}
    try:
        write(compiled, variables, spent)
    except SecurityError as error:
        raise TemplateError(str(error)) from None
    except (jinja2.TemplateError, ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        if isinstance(error, TemplateError):
            raise


def _variables(subject: Subject, labels: Mapping[str, str], annotations: Mapping[str, str]) -> dict[str, object]:
    addresses = references(annotations)
    return {
        "status": "firing" if subject.kind is NotificationKind.PAGE else "resolved",
        "severity": subject.severity.name,
        "number": subject.number,
        "name": subject.name[:VALUE_MOST],
        "object": subject.place[:VALUE_MOST],
        "place": subject.place[:VALUE_MOST],
        "summary": subject.summary[:VALUE_MOST],
        "more": ". ".join(subject.more)[:VALUE_MOST],
        "link": subject.link,
        "since": subject.since,
        "after": subject.after,
        "reason": ended(subject),
        **{what: addresses.get(what, "") for what in ("runbook", "dashboard", "source")},
        "labels": {name: value[:VALUE_MOST] for name, value in labels.items()},
        "annotations": {name: value[:VALUE_MOST] for name, value in references_text(annotations).items()},
    }


def _undeclared(tree: nodes.Template) -> set[str]:
    """The names that a template takes from outside; Jinja2 gives it `self` unasked."""
    return meta.find_undeclared_variables(tree) | ({name.name for name in tree.find_all(nodes.Name)} & {"self"})
