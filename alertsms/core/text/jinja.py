"""Jinja2 for strangers: named filters, tests and methods only, each step counted, each value small.

A rendering cannot be stopped from outside: a thread cannot be killed, and while one step of it runs in C nothing else
does. So every step is bounded by the size of what it is given and gives back, and every step is counted: when too many
were taken, or too much of the processor, the next one raises.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from functools import lru_cache
from itertools import islice
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

TEXT_MOST = 10_000  # characters of one text
ITEMS_MOST = 10_000  # values in a list, those in its lists counted too
WEIGHT_MOST = 400_000  # characters in a list
BITS_MOST = 128  # of a whole number
WRITTEN_MOST = 10_000  # characters written before the rendering is stopped
STEPS_MOST = 50_000  # a text of an SMS takes a hundred
SECONDS_MOST = 0.5  # of this thread's processor time: a busy machine changes no text
RANGE_MOST = 1_000
DIGITS_MOST = 15  # that a number is rounded to
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
            *("capitalize", "casefold", "count", "endswith", "find", "index", "isalnum", "isalpha", "isascii"),
            *("isdecimal", "isdigit", "islower", "isnumeric", "isspace", "istitle", "isupper", "lower", "lstrip"),
            *("partition", "removeprefix", "removesuffix", "rfind", "rindex", "rpartition", "rsplit", "rstrip"),
            *("split", "splitlines", "startswith", "strip", "swapcase", "title", "upper"),
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
Spent = Callable[[], float]  # seconds of the processor that this thread has had: `time.thread_time`


class TemplateError(ValueError):
    """A template that cannot be used, or gave no text for this alert; the sentence says why."""


class RenderBudget:
    """What one rendering may still take."""

    def __init__(self, spent: Spent) -> None:
        self._spent, self._until = spent, spent() + SECONDS_MOST
        self._steps, self._characters = STEPS_MOST, WRITTEN_MOST

    def step(self) -> None:
        """Count a step. Raises TemplateError when it is one too many, or too late."""
        self._steps -= 1
        if self._steps < 0:
            raise TemplateError(f"more than {STEPS_MOST} steps: it would run for too long")
        if self._spent() > self._until:
            raise TemplateError(f"more than {SECONDS_MOST} s of the processor: it would run for too long")

    def hold(self, value: object) -> object:
        """Count a step and its result, which must be small and of a kind that a text can be made of."""
        self.step()
        if isinstance(value, Iterator | KeysView | ValuesView | ItemsView):
            value = list(islice(value, ITEMS_MOST + 1))
        weigh(value)
        return value

    def each(self, values: Any) -> Iterator[object]:  # noqa: ANN401
        """Count each round of a loop."""
        for value in values:
            self.step()
            yield value

    def written(self, value: object) -> str:
        """Count what is written."""
        self.step()
        text = str(value)
        self._characters -= len(text)
        if self._characters < 0:
            raise TemplateError(f"more than {WRITTEN_MOST} characters written")
        return text


def weigh(value: object) -> None:
    """Raise TemplateError for a value that is too large: a list in lists is counted as often as it is shown."""
    items, weight, waiting = 0, 0, [value]
    while waiting:
        part = waiting.pop()
        size = _size(part)
        if isinstance(part, list | tuple | dict):
            items += size
            waiting += [*part, *part.values()] if isinstance(part, dict) else part
        else:
            weight += size
        if items > ITEMS_MOST or weight > WEIGHT_MOST:
            raise TemplateError(f"a list of more than {ITEMS_MOST} values or {WEIGHT_MOST} characters")


def _size(value: object) -> int:
    """How much of a text or list there is. Raises TemplateError for what is too large by itself, or neither."""
    match value:
        case int():
            if value.bit_length() > BITS_MOST:
                raise TemplateError(f"a number of more than {BITS_MOST} bits")
            return 1
        case str():
            if len(value) > TEXT_MOST:
                raise TemplateError(f"a text of more than {TEXT_MOST} characters")
            return len(value)
        case list() | tuple() | dict():
            if len(value) > ITEMS_MOST:
                raise TemplateError(f"a list of more than {ITEMS_MOST} values")
            return len(value)
        case float() | None | Undefined():
            return 1
    raise TemplateError(f"a template of an SMS has no use for {type(value).__name__}")


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
                plain = [
                    nodes.Const(text.data, lineno=text.lineno) if isinstance(text, nodes.TemplateData) else text
                    for text in node.nodes
                ]
                node.nodes = [_counted(text, "(written)") for text in plain]
            case nodes.For():
                node.iter = _counted(node.iter, "(each)")
            case nodes.Tuple(ctx="store"):  # what is assigned to
                pass
            case nodes.List() | nodes.Tuple() | nodes.Dict() | nodes.Concat() | nodes.Compare():
                return _counted(node, "(held)")
        return node


def _counted(node: nodes.Node, how: str) -> nodes.Filter:
    return nodes.Filter(node, how, [], [], None, None, lineno=node.lineno)


@lru_cache(maxsize=1)
def environment() -> _Sandbox:
    """The sandbox of all templates."""
    made = _Sandbox(autoescape=False, trim_blocks=True)  # an SMS is not HTML
    plain = _Sandbox()
    plain.filters |= {"replace": _replace, "round": _round, "join": _join, "escape": _escape, "e": _escape}
    made.filters = {name: _guarded(plain.call_filter, name) for name in FILTERS} | {
        "(each)": _counting(RenderBudget.each),
        "(held)": _counting(RenderBudget.hold),
        "(written)": _counting(RenderBudget.written),
    }
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
        path = kwargs.get("attribute", next(iter(args[_PATHS[name] :]), "")) if name in _PATHS else ""
        if isinstance(path, str) and path.count(".") + path.count(",") >= PATH_MOST:  # all looked up in one step
            raise TemplateError(f"an attribute of more than {PATH_MOST} names")
        return budget.hold(call(name, value, args, kwargs, context=context, eval_ctx=context.eval_ctx))

    return guarded


def _counting(how: Callable[[RenderBudget, object], object]) -> Callable[..., object]:
    @pass_context
    def counting(context: Context, value: object) -> object:
        return how(_budget(context), value)

    return counting


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
