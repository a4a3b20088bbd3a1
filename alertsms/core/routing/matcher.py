"""Label matchers: Alertmanager's grammar for UTF-8 names, and regular expressions that mean what they mean in Go."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import re2

# White space as Go's unicode.IsSpace has it: Python's own \s would take four control characters more.
_SPACE = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_RESERVED = re.compile(rf"""[{_SPACE}{{}}!=~,\\"'`]""")
_TOKEN = re.compile(
    rf"""[{_SPACE}]*(?:
        (?P<sign>[{{}},])
      | (?P<operator>=~|!~|!=|=)
      | (?P<quoted>"(?:[^"\\]|\\.)*")
      | (?P<bare>[^{_SPACE}{{}}!=~,\\"'`]+)
      | (?P<end>\Z)
      | (?P<stray>.)
    )""",
    re.DOTALL | re.VERBOSE,
)

# The escapes of a Go string literal in double quotes (Go language specification, "Rune literals").
_ESCAPE = re.compile(
    r"""\\(?:
        (?P<sign>[abfnrtv\\"])
      | x(?P<byte>[0-9a-fA-F]{2})
      | (?P<octal>[0-3][0-7]{2})
      | u(?P<rune>[0-9a-fA-F]{4})
      | U(?P<long_rune>[0-9a-fA-F]{8})
      | (?P<unknown>.)
    )""",
    re.DOTALL | re.VERBOSE,
)
_SIGNS = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", '"': '"'}
_SHORT = {sign: f"\\{letter}" for letter, sign in _SIGNS.items()}

# What RE2 lets pass and Go refuses can stand only outside of \Q...\E, of other escapes and of classes.
_REGEXP_PARTS = re.compile(
    r"""\\Q.*?(?:\\E|\Z)
      | (?P<any_byte>\\C)
      | \\.
      | \[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]
      | \(\?P?<(?P<name>[^>]*)>
    """,
    re.DOTALL | re.VERBOSE,
)
_OPTIONS = re2.Options()
_OPTIONS.log_errors = False  # RE2 would write them to stderr; they are in the exception too
_OPTIONS.never_capture = True  # groups are never asked for, and without them RE2 needs one pass less

# Answers kept per regular expression: labels that routes test take few values, and RE2 costs ten times a look-up.
_REMEMBERED = 512
_LONGEST_REMEMBERED = 128  # characters


class MatcherError(ValueError):
    """A text that is no matcher; the message says where, what was found and what to write."""


class Op(StrEnum):
    """How a matcher compares."""

    EQUAL = "="
    NOT_EQUAL = "!="
    MATCHES = "=~"
    NOT_MATCHES = "!~"


@dataclass(frozen=True, kw_only=True, slots=True)
class Matcher:
    """One condition on one label. Raises MatcherError for an empty name or a bad regular expression."""

    name: str
    op: Op
    value: str
    _positive: bool = field(init=False, repr=False, compare=False)
    _fits: Callable[[str], bool] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.name:
            raise MatcherError("a label name cannot be empty")
        regexp = self.op in (Op.MATCHES, Op.NOT_MATCHES)
        object.__setattr__(self, "_positive", self.op in (Op.EQUAL, Op.MATCHES))
        object.__setattr__(self, "_fits", _compile(self.value) if regexp else None)

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether `labels` meet the condition; an absent label counts as the empty string."""
        value = labels.get(self.name, "")
        met = value == self.value if self._fits is None else self._fits(value)
        return met is self._positive

    def requires(self, label: str) -> bool:
        """Whether the condition asks for some values of `label`: a = or =~ that neither none nor just any meets."""
        asks = self.name == label and self._positive
        return asks and not self.matches({}) and not self.matches({label: "\ue000 no value of anything"})

    def __str__(self) -> str:
        """The text that Alertmanager prints, which parse_matchers() reads back."""
        if _RESERVED.search(self.name):
            return f"{_quote(self.name)}{self.op}{_quote(self.value)}"
        value = self.value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
        return f'{self.name}{self.op}"{value}"'


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """The matchers of a text such as `{severity="critical", team=~"db|web"}`; none of an empty one.

    The grammar is that of the UTF-8 parser of Alertmanager 0.27 and later. Raises MatcherError.
    """
    return _Parser(text).matchers()


class _Parser:
    """Reads one text token by token; `kind`, `lexeme` and `start` tell of the token that is next."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = 0
        self.braces = False
        self.value_of = ""  # name and operator before the value that is being read, for advice
        self.value_start = 0
        self._advance()

    def matchers(self) -> tuple[Matcher, ...]:
        self.braces = self._take("{")
        matchers = []
        while self.kind != "end" and self.lexeme != "}":
            matchers.append(self._matcher())
            if not self._take(","):
                break
        self._close()
        return tuple(matchers)

    def _close(self) -> None:
        if self.braces and self.kind == "end":
            raise self._error("the closing } is expected")
        if self.braces and not self._take("}"):
            raise self._error("a comma or the closing } is expected", self._advice())
        if self.kind == "end":
            return
        if self.braces:
            raise self._error("nothing may follow the }")
        if self.lexeme == "}":
            raise self._error("there is no { before it")
        raise self._error("a comma is expected", self._advice())

    def _matcher(self) -> Matcher:
        start = self.start
        name = self._word("a label name is expected")
        operator = self.lexeme
        if self.kind != "operator":
            raise self._error("one of = != =~ !~ is expected")
        self.value_of, self.value_start = self.text[start : self.end], self.end
        self._advance()
        value = self._word("a value is expected", self._advice())
        try:
            return Matcher(name=name, op=Op(operator), value=value)
        except MatcherError as error:
            raise MatcherError(f"column {start + 1}: {error}") from None

    def _word(self, expected: str, advice: str = "") -> str:
        if self.kind not in ("quoted", "bare"):
            raise self._error(expected, advice)
        lexeme, start = self.lexeme, self.start
        try:
            word = _unquote(lexeme) if self.kind == "quoted" else lexeme
        except MatcherError as error:
            raise MatcherError(f"column {start + 1}: found `{lexeme}`, {error}") from None
        self._advance()
        return word

    def _take(self, sign: str) -> bool:
        taken = self.kind == "sign" and self.lexeme == sign
        if taken:
            self._advance()
        return taken

    def _advance(self) -> None:
        token = _TOKEN.match(self.text, self.end)
        assert token and token.lastgroup  # noqa: S101, PT018 - the last alternatives of _TOKEN take whatever comes
        self.kind, self.lexeme = token.lastgroup, token[token.lastgroup]
        self.start, self.end = token.span(token.lastgroup)

    def _error(self, expected: str, advice: str = "") -> MatcherError:
        lexeme = f"`{self.lexeme}`" if self.lexeme else "the end"
        if self.lexeme == '"':
            expected, advice = "this double quote is never closed", ""
        return MatcherError(f"column {self.start + 1}: found {lexeme}, {expected}{advice}")

    def _advice(self) -> str:
        """How the value at hand would be written in quotes, as far as one can tell where it was meant to end."""
        value = self.text[self.value_start :].partition(",")[0].strip()
        if self.braces:
            value = value.removesuffix("}")
        if value[:1] in ("'", "`"):
            value = value.strip(value[0])
        if '"' in value:
            return '; put the whole value in double quotes, with \\" for one inside'
        return f"; write {self.value_of}{_quote(value)}"


def _unquote(quoted: str) -> str:
    if "\n" in quoted:
        raise MatcherError(r"a value in double quotes stays on one line, write \n for a new one")
    if "\\" not in quoted:
        return quoted[1:-1]
    # Single bytes (\xHH, octal) travel as surrogates: only together do they make a character.
    text = _ESCAPE.sub(_unescape, quoted[1:-1])
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8")
    except UnicodeDecodeError:
        raise MatcherError("its bytes are no UTF-8 text") from None


def _unescape(escape: re.Match[str]) -> str:
    kind = str(escape.lastgroup)
    digits = escape[kind]
    if kind == "sign":
        return _SIGNS[digits]
    code = int(digits, 8 if kind == "octal" else 16) if kind != "unknown" else -1
    if kind in ("byte", "octal"):
        return chr(code) if code < 0x80 else chr(0xDC00 + code)
    if 0 <= code < 0xD800 or 0xDFFF < code <= 0x10FFFF:
        return chr(code)
    raise MatcherError(f"{escape[0]} is no escape inside double quotes, write \\{escape[0]}")


def _quote(text: str) -> str:
    """`text` as Go's strconv.Quote writes it: what cannot be printed is escaped."""
    return (
        '"' + "".join(_SHORT.get(sign) or (sign if sign.isprintable() else _escape(ord(sign))) for sign in text) + '"'
    )


def _escape(code: int) -> str:
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _compile(pattern: str) -> Callable[[str], bool]:
    """A test of whole values by `pattern`, wrapped as Alertmanager wraps it: `)|(` is a valid pattern there too."""
    try:
        search = re2.compile(f"^(?:{pattern})$".encode(), _OPTIONS).search
    except (re2.error, UnicodeEncodeError) as error:
        raise MatcherError(f'"{pattern}" is no regular expression (RE2): {_reason(pattern, error)}') from None
    _refuse_what_go_refuses(pattern)

    def fits(value: str) -> bool:
        try:
            written = value.encode()
        except UnicodeEncodeError:  # half a surrogate pair, which Go replaces while it reads JSON
            written = re.sub("[\ud800-\udfff]", "\ufffd", value).encode()
        return search(written) is not None

    remembered = lru_cache(_REMEMBERED)(fits)
    return lambda value: remembered(value) if len(value) <= _LONGEST_REMEMBERED else fits(value)


def _reason(pattern: str, error: Exception) -> str:
    """What is wrong, preferably without the wrapper that the author did not write."""
    try:
        re2.compile(pattern.encode(), _OPTIONS)
    except (re2.error, UnicodeEncodeError) as bare:
        error = bare
    reason = error.args[0]
    return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else "not UTF-8 text"


def _refuse_what_go_refuses(pattern: str) -> None:
    names = set()
    for part in _REGEXP_PARTS.finditer(pattern):
        if part["any_byte"]:
            raise MatcherError(rf'"{pattern}" is no regular expression in Alertmanager: \C is unknown there')
        name = part["name"]
        if name is not None and (not name.isascii() or name in names):
            raise MatcherError(f'"{pattern}" is no regular expression in Alertmanager: group name {name}')
        names.add(name)
