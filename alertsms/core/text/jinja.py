"""Jinja2 for strangers: named filters, tests and methods only, each step counted, each value small.

A rendering cannot be stopped from outside: a thread cannot be killed, and while one step of it runs in C nothing else
does. So every step is bounded by the size of what it is given and gives back, and every step is counted: when too many
were taken, or too much of the processor, the next one raises.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import BuiltinMethodType, MethodType
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import make_attrgetter
from jinja2.runtime import Context, LoopContext, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import pass_context, pass_environment
from jinja2.visitor import NodeTransformer
from markupsafe import escape

from alertsms.core.text.render_budget import TEXT_MOST, RenderBudget, Spent, TemplateError, weigh

RANGE_MOST = 1_000
DIGITS_MOST = 15  # that a number is rounded to
COMPARED_MOST = 4  # comparisons in a row, such as a < b < c
PATH_MOST = 4  # names in what a filter takes of each value, as in map(attribute="labels.instance")


_BUDGET = "(budget)"  # no template can write such a name
FILTERS = (
    *("abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "int"),
    *("items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace"),
    *("reverse", "round", "select", "selectattr", "sort", "string", "striptags", "title", "trim"),
    *("truncate", "unique", "upper", "wordcount"),
)
# Filters that look up an attribute of each value, and where it stands behind the value; by its name in all of them.
_PATHS = {"join": 1, "map": 9, "max": 1, "min": 1, "rejectattr": 0, "selectattr": 0, "sort": 2, "unique": 1}
TESTS = (
    *("!=", "<", "<=", "==", ">", ">=", "boolean", "defined", "divisibleby", "eq", "equalto", "even", "false", "float"),
    *("ge", "greaterthan", "gt", "in", "integer", "iterable", "le", "lessthan", "lower", "lt", "mapping", "ne", "none"),
    *("number", "odd", "sameas", "sequence", "string", "true", "undefined", "upper"),
)
METHODS: Mapping[type, frozenset[str]] = {
    str: frozenset(
        (
            *(
                "capitalize",
                "casefold",
                "count",
                "endswith",
                "find",
                "index",
                "isalnum",
                "isalpha",
                "isascii",
                "isdecimal",
            ),
            *("isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "lower", "lstrip", "partition"),
            *(
                "removeprefix",
                "removesuffix",
                "rfind",
                "rindex",
                "rpartition",
                "rsplit",
                "rstrip",
                "split",
                "splitlines",
            ),
            *("startswith", "strip", "swapcase", "title", "upper"),
        )
    ),
    dict: frozenset(("get", "items", "keys", "values")),
    list: frozenset(("count", "index")),
    tuple: frozenset(("count", "index")),
    LoopContext: frozenset(
        (
            *("changed", "cycle", "first", "index", "index0", "last", "length", "nextitem", "previtem", "revindex"),
            "revindex0",
        )
    ),
}
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


def parse(source: str) -> nodes.Template:
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
    return tree


def build(tree: nodes.Template) -> jinja2.Template:
    """Make a template that counts its steps. Raises TemplateError where it is nested too deeply."""
    _Counting().visit(tree)
    tree.set_environment(environment())
    try:
        return environment().from_string(tree)
    except (SyntaxError, MemoryError) as error:  # Python's own bounds: 100 blocks, 200 brackets
        raise TemplateError("nested too deeply") from error


def write(template: jinja2.Template, variables: Mapping[str, object], spent: Spent) -> str:
    """Render. Raises TemplateError where it takes too much, and whatever the template raises."""
    return "".join(template.generate({**variables, _BUDGET: RenderBudget(spent)}))


class _Counting(NodeTransformer):
    """Counts what Jinja2 has no hook for: rounds of loops, what is written, lists, comparisons and joined texts."""

    def visit(self, node: nodes.Node, *_args: object, **_kwargs: object) -> nodes.Node:
        """Wrap an expression, or what a statement takes, in a filter that counts."""
        self.generic_visit(node)
        match node:
            case nodes.Output():
                node.nodes = [_counted(_text(written), "(written)") for written in node.nodes]
            case nodes.For():
                node.iter = _counted(node.iter, "(each)")
            case nodes.Tuple(ctx="store"):  # what is assigned to
                pass
            case nodes.List() | nodes.Tuple() | nodes.Dict() | nodes.Concat() | nodes.Compare():
                return _counted(node, "(held)")
        return node


def _text(node: nodes.Expr) -> nodes.Expr:
    return nodes.Const(node.data, lineno=node.lineno) if isinstance(node, nodes.TemplateData) else node


def _counted(node: nodes.Node, how: str) -> nodes.Filter:
    return nodes.Filter(node, how, [], [], None, None, lineno=node.lineno)


@lru_cache(maxsize=1)
def environment() -> _Sandbox:
    """The sandbox of all templates."""
    made = _Sandbox(autoescape=False, trim_blocks=True)  # an SMS is not HTML
    plain = _Sandbox()
    plain.filters |= {"replace": _replace, "round": _round, "join": _join, "escape": _escape, "e": _escape}
    named = {name: _guarded(plain.call_filter, name) for name in FILTERS}
    made.filters = named | {"(each)": _each, "(held)": _held, "(written)": _written}
    made.tests = {name: _guarded(plain.call_test, name) for name in TESTS}
    made.globals = {"range": _range}
    return made


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox, which guards attributes; here also what a few characters can blow up."""

    intercepted_binops = frozenset(ImmutableSandboxedEnvironment.default_binop_table)
    intercepted_unops = frozenset(ImmutableSandboxedEnvironment.default_unop_table)

    def wrap_str_format(self, value: object) -> None:
        """Give `format` no guarded stand-in: it pads too, so that is_safe_attribute has to see it."""

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Let named attributes of named kinds through."""
        named = next((names for kind, names in METHODS.items() if isinstance(obj, kind)), frozenset())
        return attr in named and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> object:  # noqa: ANN401
        """Take `*` and `%` for numbers only: `"x" * 1000000000` and `"%999999999d" % 1` are a gigabyte each."""
        if operator in ("*", "%") and not (isinstance(left, int | float) and isinstance(right, int | float)):
            if isinstance(left, Undefined) or isinstance(right, Undefined):
                return super().call_binop(context, operator, left, right)  # which says what is missing
            raise TemplateError(f"{operator} is for numbers")
        return _budget(context).hold(super().call_binop(context, operator, left, right))

    def call_unop(self, context: Context, operator: str, arg: object) -> object:
        """Count it."""
        return _budget(context).hold(super().call_unop(context, operator, arg))

    def call(__self, __context: Context, __obj: Any, *args: object, **kwargs: object) -> object:  # noqa: ANN401, N805, PYI063
        """Call a named method; its attribute was looked at, and is again, whatever way it came here."""
        whose, name = getattr(__obj, "__self__", None), getattr(__obj, "__name__", "")
        method = isinstance(__obj, BuiltinMethodType | MethodType) and __self.is_safe_attribute(whose, name, __obj)
        if not (method or __obj is _range or isinstance(__obj, Undefined)):
            raise SecurityError(f"{type(__obj).__name__} is nothing to call in the template of an SMS")
        return _budget(__context).hold(super().call(__context, __obj, *args, **kwargs))


def _budget(context: Context) -> RenderBudget:
    budget: RenderBudget = context[_BUDGET]
    return budget


def _guarded(call: Callable[..., object], name: str) -> Callable[..., object]:
    """One of Jinja2's filters or tests, its steps counted and its result bounded.

    With the context it is not run while a template is compiled, where nothing counts.
    """

    @pass_context
    def guarded(context: Context, value: object, *args: object, **kwargs: object) -> object:
        budget = _budget(context)
        budget.step()
        if name in _PATHS:
            _short(kwargs.get("attribute", next(iter(args[_PATHS[name] :]), "")))
        return budget.hold(call(name, value, args, kwargs, context=context, eval_ctx=context.eval_ctx))

    return guarded


def _short(path: object) -> None:
    """Raise TemplateError for a path of many names: all of them are looked up, of all values, in one step."""
    if isinstance(path, str) and path.count(".") + path.count(",") >= PATH_MOST:
        raise TemplateError(f"an attribute of more than {PATH_MOST} names")


@pass_context
def _each(context: Context, values: object) -> Iterator[object]:
    return _budget(context).each(values)


@pass_context
def _held(context: Context, value: object) -> object:
    return _budget(context).hold(value)


@pass_context
def _written(context: Context, value: object) -> str:
    return _budget(context).written(value)


def _range(*bounds: int) -> list[int]:
    counted = range(*bounds)
    if len(counted) > RANGE_MOST:
        raise TemplateError(f"a range of {len(counted)}: at most {RANGE_MOST}")
    return list(counted)


def _replace(text: object, old: str, new: str) -> str:
    value = str(text)
    if len(value) + value.count(old) * len(new) > TEXT_MOST:
        raise TemplateError("replace makes the text too long")
    return value.replace(old, new)


@pass_environment
def _join(environment: jinja2.Environment, value: Any, d: str = "", attribute: str | int | None = None) -> str:  # noqa: ANN401
    texts = [
        str(item) for item in (value if attribute is None else map(make_attrgetter(environment, attribute), value))
    ]
    if sum(map(len, texts)) + len(d) * len(texts) > TEXT_MOST:
        raise TemplateError("join makes the text too long")
    return d.join(texts)


def _escape(value: object) -> str:
    """Escape as for HTML, into plain text: Jinja2's own kind of text has methods of its own."""
    return str(escape(value))


def _round(value: float, digits: int = 0) -> float:
    """Round without Jinja2's methods; of whole numbers Python takes ten to any power."""
    if abs(digits) > DIGITS_MOST:
        raise TemplateError(f"round to {digits} digits: at most {DIGITS_MOST}")
    return round(value, digits)
