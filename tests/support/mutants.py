"""A file with one place broken: what `tests.mutation` lets the tests look for."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import CodeType

PAIRS = ((ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.In, ast.NotIn), (ast.Is, ast.IsNot),
         (ast.And, ast.Or), (ast.Add, ast.Sub), (ast.Mult, ast.Div), (ast.BitOr, ast.BitAnd))  # fmt: skip
SWAPPED = dict(PAIRS) | {second: first for first, second in PAIRS} | {ast.FloorDiv: ast.Mult}
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any"}
Variant = tuple[str, Callable[[], object]]  # in words, and what makes the tree so


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """One place of a file, and what stands there instead."""

    path: Path
    tree: ast.Module
    words: str
    change: Callable[[], object]
    line: int  # of its statement
    inside: bool  # of a function
    name: str  # what the statement defines, or else is in the definition of

    def compiled(self) -> CodeType:
        """The file's code with it; the tree is not mended afterwards."""
        self.change()
        return compiled(self.tree, self.path)


def compiled(tree: ast.Module, path: Path) -> CodeType:
    """The code of a file that has become this tree."""
    return compile(ast.fix_missing_locations(tree), str(path), "exec", dont_inherit=True)


def mutants(path: Path) -> Iterator[Mutant]:
    """All of one file, in the order of its tree."""
    tree = ast.parse(path.read_text(encoding="utf-8"))

    def walk(parent: ast.AST, line: int, name: str, *, inside: bool) -> Iterator[Mutant]:
        for place, value in ast.iter_fields(parent):
            if place in ("annotation", "returns", "decorator_list", "bases"):
                continue
            within = inside or (place == "body" and isinstance(parent, ast.FunctionDef))
            for index, node in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(node, ast.AST) or _left_out(parent, node):
                    continue
                put = partial(value.__setitem__, index) if isinstance(value, list) else partial(setattr, parent, place)
                at, called = (node.lineno, _defined(node, name)) if isinstance(node, ast.stmt) else (line, name)
                for words, change in _variants(node, put, called=place == "func"):
                    told = f"{getattr(node, 'lineno', at)}: {words}"
                    yield Mutant(path=path, tree=tree, words=told, change=change, line=at, inside=within, name=called)
                yield from walk(node, at, called, inside=within)

    return walk(tree, 0, "", inside=False)


def _defined(node: ast.stmt, name: str) -> str:
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    return getattr(node, "name", None) or getattr(targets[0], "id", name)


def _left_out(parent: ast.AST, node: ast.AST) -> bool:
    """What says nothing when it runs: docstrings, imports, checks for the reader and mypy, what a log says."""
    match node:
        case ast.Import() | ast.ImportFrom() | ast.Assert() | ast.Expr(value=ast.Constant()):
            return True
        case ast.If():
            return "TYPE_CHECKING" in ast.unparse(node.test)
        case ast.Call():
            return ast.unparse(node.func) in ("TypeVar", "cast")
    return isinstance(parent, ast.Call) and ast.unparse(parent.func).startswith("log.")


def _variants(node: ast.AST, put: Callable[[ast.AST], object], *, called: bool) -> Iterator[Variant]:
    """What may stand in its place, or differ within."""
    text = _text(node)

    def instead(new: ast.AST) -> Variant:
        return f"{text} -> {_text(new)}", partial(put, ast.copy_location(new, node))

    def without(things: list[ast.AST], index: int) -> Variant:
        return f"{text} without {_text(things[index])}", partial(things.__delitem__, index)

    def swapped(old: ast.AST, put_operator: Callable[[ast.AST], object]) -> Variant:
        new = SWAPPED[type(old)]()
        return f"{type(old).__name__} -> {type(new).__name__} in {text}", partial(put_operator, new)

    match node:
        case ast.Compare(ops=operators):
            yield from (swapped(old, partial(operators.__setitem__, i)) for i, old in enumerate(operators))
        case ast.BoolOp(op=old) | ast.BinOp(op=old) | ast.AugAssign(op=old) if type(old) in SWAPPED:
            yield swapped(old, partial(setattr, node, "op"))
        case ast.UnaryOp(op=ast.Not()):
            yield instead(node.operand)
        case ast.Constant(value=bool() as value):
            yield instead(ast.Constant(not value))
        case ast.Constant(value=int() | float() as value):
            yield instead(ast.Constant(value + 1))
        case ast.Constant(value=str() | bytes() as value):
            yield instead(ast.Constant(value + ("XX" if isinstance(value, str) else b"XX")))
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield instead(ast.Return(ast.Constant(None)))
        case ast.Name(id=name) if called and name in NAMES:
            yield instead(ast.Name(NAMES[name], ast.Load()))
        case ast.Call(args=args, keywords=keywords):
            yield from (without(keywords, i) for i in range(len(keywords)))
            if ast.unparse(node.func).rpartition(".")[2] in ("where", "and_", "or_"):
                yield from (without(args, i) for i in range(len(args)))
        case ast.Slice():
            ends = [end for end in ("lower", "upper") if getattr(node, end)]
            yield from ((f"{text} without its {end}", partial(setattr, node, end, None)) for end in ends)
        case ast.Dict(keys=keys, values=values):
            for i in [i for i, key in enumerate(keys) if key is None]:
                yield f"{text} without {_text(values[i])}", partial(values.__setitem__, i, ast.Dict([], []))
    match node:
        case ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break() | ast.Expr(value=ast.Call()):
            yield instead(ast.Pass())
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) if _negatable(test):
            yield f"not ({_text(test)})", partial(setattr, node, "test", _negated(test))
        case ast.comprehension(ifs=tests):
            for i in [i for i, test in enumerate(tests) if _negatable(test)]:
                yield f"not ({_text(tests[i])})", partial(tests.__setitem__, i, _negated(tests[i]))


def _text(node: ast.AST) -> str:
    return re.sub(r"\s+", " ", ast.unparse(node))


def _negatable(test: ast.expr) -> bool:
    """Whether no other variant says the same."""
    opposite = ast.Eq | ast.NotEq | ast.In | ast.NotIn | ast.Is | ast.IsNot
    if isinstance(test, ast.Compare):
        return len(test.ops) > 1 or not isinstance(test.ops[0], opposite)
    return not isinstance(test, ast.UnaryOp)


def _negated(test: ast.expr) -> ast.expr:
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)
