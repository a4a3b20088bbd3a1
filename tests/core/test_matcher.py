from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertsms.core.routing.matcher import Matcher, MatcherError, Op, parse_matchers

EQ, NE, RE, NR = Op.EQUAL, Op.NOT_EQUAL, Op.MATCHES, Op.NOT_MATCHES

# text -> the matchers it stands for, each as (name, op, value)
READ = {
    "": [],
    "  ": [],
    "{}": [],
    " { } ": [],
    "team=db": [("team", EQ, "db")],
    "{team=db}": [("team", EQ, "db")],
    "{team=db,}": [("team", EQ, "db")],
    "team=db,": [("team", EQ, "db")],
    "team!=db": [("team", NE, "db")],
    "team=~[a-z]+": [("team", RE, "[a-z]+")],
    "{team!~db.*}": [("team", NR, "db.*")],
    "{team=🔥}": [("team", EQ, "🔥")],
    "team=équipe": [("team", EQ, "équipe")],
    "équipe🔥=db": [("équipe🔥", EQ, "db")],
    "node-name = web": [("node-name", EQ, "web")],
    "0day=yes": [("0day", EQ, "yes")],
    '"team"="db"': [("team", EQ, "db")],
    '{"team"="db",}': [("team", EQ, "db")],
    '{"the team"!="db one"}': [("the team", NE, "db one")],
    'team=""': [("team", EQ, "")],
    'code=~"5.."': [("code", RE, "5..")],
    r'"n"=~"\\d+"': [("n", RE, r"\d+")],
    r'a="\xf0\x9f\x94\xa5"': [("a", EQ, "🔥")],
    r'a="\303\251"': [("a", EQ, "é")],
    r'a="\u00e9\U0001f525"': [("a", EQ, "é🔥")],
    r'a="\a\b\f\n\r\t\v\\\""': [("a", EQ, '\a\b\f\n\r\t\v\\"')],
    'a="tab\there"': [("a", EQ, "tab\there")],
    'a="b,c}"': [("a", EQ, "b,c}")],
    'a=b,c!="d"': [("a", EQ, "b"), ("c", NE, "d")],
    "{a=b,c!=d}": [("a", EQ, "b"), ("c", NE, "d")],
    '{a="b", c!~".*d", e="f"}': [("a", EQ, "b"), ("c", NR, ".*d"), ("e", EQ, "f")],
    '{a = "b", c != "d", }': [("a", EQ, "b"), ("c", NE, "d")],
    'a != "\\"" , c !~ "d,e" , ': [("a", NE, '"'), ("c", NR, "d,e")],
    '{said="\\"No, it\'s fine…\\""}': [("said", EQ, '"No, it\'s fine…"')],
    "a\u2003=\xa0b": [("a", EQ, "b")],  # white space is Unicode's
    "a=b\x1cc": [("a", EQ, "b\x1cc")],  # Go does not count file separators as white space
    "a=5:c": [("a", EQ, "5:c")],
}


@pytest.mark.parametrize("text", READ)
def test_a_text_is_read_as_its_matchers(text):
    assert [(m.name, m.op, m.value) for m in parse_matchers(text)] == READ[text]


REFUSED = {
    ",": "column 1: found `,`, a label name is expected",
    "{,}": "column 2: found `,`, a label name is expected",
    "a=b,,": "column 5: found `,`, a label name is expected",
    "=b": "column 1: found `=`, a label name is expected",
    "{{a=b}": "column 2: found `{`, a label name is expected",
    "'a'=b": "column 1: found `'`, a label name is expected",
    '""=b': "column 1: a label name cannot be empty",
    "{": "column 2: found the end, the closing } is expected",
    "}": "column 1: found `}`, there is no { before it",
    "a=b}": "column 4: found `}`, there is no { before it",
    "{a=b": "column 5: found the end, the closing } is expected",
    "{a=b}}": "column 6: found `}`, nothing may follow the }",
    "{a=b},": "column 6: found `,`, nothing may follow the }",
    "{}{": "column 3: found `{`, nothing may follow the }",
    "a": "column 2: found the end, one of = != =~ !~ is expected",
    "a!b": "column 2: found `!`, one of = != =~ !~ is expected",
    '"a="b""': "column 5: found `b`, one of = != =~ !~ is expected",
    "a=": 'column 3: found the end, a value is expected; write a=""',
    "a=,": 'column 3: found `,`, a value is expected; write a=""',
    "a==b": 'column 3: found `=`, a value is expected; write a="=b"',
    "a='b c', d=e": 'column 3: found `\'`, a value is expected; write a="b c"',
    "{a=~`b{2}`}": 'column 5: found ```, a value is expected; write a=~"b{2}"',
    "a=b c": 'column 5: found `c`, a comma is expected; write a="b c"',
    "{a=b c}": 'column 6: found `c`, a comma or the closing } is expected; write a="b c"',
    "a=~b{2}": 'column 5: found `{`, a comma is expected; write a=~"b{2}"',
    r"{a=b\n}": r'column 5: found `\`, a comma or the closing } is expected; write a="b\\n"',
    'a=:"b"': r'column 4: found `"b"`, a comma is expected; '
    r"put the whole value in double quotes, with \" for one inside",
    'a=b"': 'column 4: found `"`, this double quote is never closed',
    'a="b\\"': 'column 3: found `"`, this double quote is never closed',
    r'a="\d+"': r'column 3: found `"\d+"`, \d is no escape inside double quotes, write \\d',
    r"""a="\'" """: r"""column 3: found `"\'"`, \' is no escape inside double quotes, write \\'""",
    r'a="\x4"': r'column 3: found `"\x4"`, \x is no escape inside double quotes, write \\x',
    r'a="\400"': r'column 3: found `"\400"`, \4 is no escape inside double quotes, write \\4',
    r'a="\ud800"': r'column 3: found `"\ud800"`, \ud800 is no escape inside double quotes, write \\ud800',
    r'a="\U00110000"': r'column 3: found `"\U00110000"`, '
    r"\U00110000 is no escape inside double quotes, write \\U00110000",
    r'a="\xf0\x9f"': r'column 3: found `"\xf0\x9f"`, its bytes are no UTF-8 text',
    'a="b\nc"': 'column 3: found `"b\nc"`, a value in double quotes stays on one line, write \\n for a new one',
    'x=y, a=~"[b"': 'column 6: "[b" is no regular expression (RE2): missing ]: [b',
}


def only(text: str) -> Matcher:
    (matcher,) = parse_matchers(text)
    return matcher


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_matcher_is_answered_with_the_place_and_what_to_write(text):
    with pytest.raises(MatcherError) as refused:
        parse_matchers(text)
    assert str(refused.value) == REFUSED[text]


def test_a_matcher_may_stand_in_braces():
    assert parse_matchers("{a!~b,}") == (Matcher(name="a", op=NR, value="b"),)


# op, pattern, value, does it match
MATCHED = [
    (EQ, "db", "db", True),
    (EQ, "db", "db-1", False),
    (EQ, "a\nb", "a\nb", True),
    (EQ, '~!="', '~!="', True),
    (EQ, "d.", "db", False),
    (NE, "db", "db", False),
    (NE, "db", "db-1", True),
    (RE, "db", "db", True),
    (RE, "db", "db-1", False),
    (RE, "db", "my-db", False),
    (RE, ".*db", "my-db", True),
    (NR, "db", "db", False),
    (NR, "db", "my-db", True),
    (NR, ".*db", "my-db", False),
    (RE, r"a\.b", "a-b", False),
    (RE, r"a\.b", "a.b", True),
]


@pytest.mark.parametrize(("op", "pattern", "value", "expected"), MATCHED)
def test_a_matcher_compares_the_whole_value(op, pattern, value, expected):
    assert Matcher(name="a", op=op, value=pattern).matches({"a": value, "b": "db"}) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [('team!="x"', True), ('team=~".*"', True), ('team=""', True), ('team=~".+"', False), ("team=x", False)],
)
def test_an_absent_label_counts_as_the_empty_string(text, expected):
    assert only(text).matches({"job": "node"}) is expected
    assert only(text).matches({"team": ""}) is expected


def test_a_matcher_requires_a_label_when_it_asks_for_some_of_its_values():
    asking = ["team=x", 'team=~"x|y"', "team=~x.*"]
    not_asking = ['team=""', "team!=x", "team=~.*", "team=~.+", 'team=~"(x|)"', "team!~.+", 'team!=""', "job=x"]
    assert [text for text in asking + not_asking if only(text).requires("team")] == asking


# pattern, value, whether it matches in Go as ^(?:pattern)$
AS_IN_GO = [
    # the ends are the very ends, and the dot stops at a new line
    ("up", "up\n", False),
    ("up$", "up", True),
    ("(?m)^up$", "up", True),
    ("(?m)up$", "up\nup", False),
    (r"\Aup", "up", True),
    (r"up\z", "up", True),
    ("u$p", "u$p", False),
    ("^a|b$", "b", True),
    ("a|ab", "ab", True),
    ("a.b", "a\nb", False),
    (".*", "a\nb", False),
    ("(?s)a.b", "a\nb", True),
    ("[^a]", "\n", True),
    (")|(", "anything", True),  # the wrapper closes it: AM takes it too
    ("", "", True),
    ("", "a", False),
    ("db|", "", True),
    # classes are ASCII, by name Unicode
    (r"\d+", "٣", False),
    (r"\w+", "é", False),
    (r"\s", "\v", False),
    (r"\s", "\xa0", False),
    (r"\bup\b.*", "up-é", True),
    (r"\pL+", "Ωm", True),
    (r"\p{Greek}+", "Ω", True),
    ("[[:alpha:]]+", "up", True),
    ("[[:digit:]]", "d", False),
    ("[[:word:]]+", "a_1", True),
    (r"[\w-.]+", "a-b.", True),
    (r"[\d\-x]+", "1-x", True),
    ("[]a]", "]", True),
    ("[a&&b]", "&", True),
    # flags anywhere
    ("(?i)warn.*", "WARNING", True),
    ("a(?i)b", "aB", True),
    ("a(?i)b", "AB", False),
    ("(?-i)a", "a", True),
    ("(?i-s:A.)", "ab", True),
    ("(?U)a+", "aa", True),
    ("(?i)straße", "STRASSE", False),
    ("(?i)k", "\u212a", True),  # the Kelvin sign folds
    ("(?i)ſ", "s", True),
    # escapes and counts
    (r"\Qa.b\E", "a.b", True),
    (r"\Qa.b\E", "axb", False),
    (r"\Q\C\E", r"\C", True),
    (r"\\C", r"\C", True),
    (r"\x{1f525}", "🔥", True),
    (r"\012", "\n", True),
    (r"\07", "\a", True),
    (r"\_\-\/\<\$", "_-/<$", True),
    ("a{,3}", "a{,3}", True),
    ("a{,3}", "aa", False),
    ("a{1000}", "a" * 1000, True),
    ("5..", "503", True),
    (".", "🔥", True),
    ("(?P<n>a)(?P<m>b)", "ab", True),
    ("(?<n>a)", "a", True),  # Go 1.22 and later
    ("[(?P<é>]+", "é", True),  # a class, no group
]


@pytest.mark.parametrize(("pattern", "value", "expected"), AS_IN_GO)
def test_a_regular_expression_means_what_it_means_in_go(pattern, value, expected):
    assert Matcher(name="a", op=RE, value=pattern).matches({"a": value}) is expected
    assert Matcher(name="a", op=NR, value=pattern).matches({"a": value}) is not expected


REFUSED_IN_GO = [
    *("*", "a**", "a++", "x{2}{3}", "a{1001}", "a{2,1}", "(a{500}){500}"),
    *("(?=a)a", "(?!a)b", "(?<=a)b", "(?>a)b", "(?#c)a", "(?x)a", "(?a)a", "(?P<n>a)(?P=n)", r"(a)\1"),
    *(r"a\Z", r"\u263a", r"\N{DIGIT ONE}", r"\h", r"\C", r"a\C*", r"\Qa\E\C", "a\\", r"\8", r"\p{Nope}", "[[:nope:]]"),
    *("[a", "[a--b]", "a)", "(?:a", "(?P<é>a)", "(?P<n>a)(?P<n>b)", "(?<n>a)|(?P<n>b)", "a\ud800"),
]


@pytest.mark.parametrize("pattern", REFUSED_IN_GO, ids=repr)
def test_a_regular_expression_that_go_refuses_is_refused(pattern, capfd):
    with pytest.raises(MatcherError, match="is no regular expression"):
        Matcher(name="a", op=RE, value=pattern)
    assert capfd.readouterr().err == ""


def test_a_regular_expression_that_only_the_wrapper_saves_or_breaks_is_told_as_its_author_wrote_it():
    with pytest.raises(MatcherError) as refused:
        Matcher(name="a", op=RE, value="a)")
    assert str(refused.value) == '"a)" is no regular expression (RE2): unexpected ): a)'
    with pytest.raises(MatcherError, match="missing"):
        Matcher(name="a", op=RE, value=r"\Qa")


def test_a_pattern_that_would_take_much_memory_is_refused():
    with pytest.raises(MatcherError, match="pattern too large"):
        Matcher(name="a", op=RE, value=r"\pL{1000}")


def test_a_pattern_made_to_backtrack_answers_a_long_value_at_once():
    assert not only('a=~"(a+)+b"').matches({"a": "a" * 100_000})


def test_half_a_surrogate_pair_in_a_value_is_one_strange_character():
    assert only("a=~x.y").matches({"a": "x\ud83dy"})


def test_an_answer_stays_right_when_it_was_remembered():
    matcher = only('a=~"x+"')
    for value in ("x", "y", "x", "x" * 500, "y" * 500, "x" * 500, "y"):
        assert matcher.matches({"a": value}) is ("x" in value)


PRINTED = [
    (EQ, "a", "b", 'a="b"'),
    (NE, "a", "b", 'a!="b"'),
    (RE, "a", "b", 'a=~"b"'),
    (NR, "a", "b", 'a!~"b"'),
    (EQ, "a", "back\\slash", r'a="back\\slash"'),
    (EQ, "a", 'quo"te', r'a="quo\"te"'),
    (EQ, "a", "new\nline", r'a="new\nline"'),
    (EQ, "a", "tab\there", 'a="tab\there"'),
    (EQ, "a🔥", "b", 'a🔥="b"'),
    (NE, "a!", "b", '"a!"!="b"'),
    (EQ, "the team", "é\t\x01\u200b\U000e0001", r'"the team"="é\t\x01\u200b\U000e0001"'),
]


@pytest.mark.parametrize(("op", "name", "value", "text"), PRINTED)
def test_a_matcher_is_printed_as_alertmanager_prints_it(op, name, value, text):
    assert str(Matcher(name=name, op=op, value=value)) == text


@given(st.text(min_size=1), st.sampled_from([EQ, NE]), st.text())
@settings(max_examples=200)
def test_what_is_printed_reads_back(name, op, value):
    matcher = Matcher(name=name, op=op, value=value)
    assert only(str(matcher)) == matcher


@given(st.text(alphabet="ab={}!~,\\\"'` \n1x"))
@settings(max_examples=200)
def test_any_text_gives_matchers_or_a_reason(text):
    try:
        matchers = parse_matchers(text)
    except MatcherError as error:
        reason = str(error)
    else:
        reason = "column "
        assert parse_matchers("{" + ",".join(map(str, matchers)) + "}") == matchers
    assert reason.startswith("column ")
