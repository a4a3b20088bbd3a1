from __future__ import annotations

import pytest

from alertsms.sandbox.message import BASIC, EXTENDED, measure


def test_the_tables_have_the_standards_sizes():
    assert (len(BASIC), len(EXTENDED)) == (127, 10)


@pytest.mark.parametrize(
    ("text", "unicode", "units", "parts"),
    [
        ("", False, 0, 1),
        ("x" * 160, False, 160, 1),
        ("x" * 161, False, 161, 2),
        ("x" * 306, False, 306, 2),
        ("x" * 307, False, 307, 3),
        ("€" * 80, False, 160, 1),
        ("x" * 152 + "€" + "x" * 152, False, 306, 3),  # the escape does not fit into the first part
        ("Ç" * 160, False, 160, 1),
        ("ç", True, 1, 1),
        ("`", True, 1, 1),
        ("’" * 70, True, 70, 1),
        ("’" * 71, True, 71, 2),
        ("🔥" * 35, True, 70, 1),
        ("’" * 66 + "🔥" + "’" * 66, True, 134, 3),  # nor does a pair
    ],
)
def test_a_text_is_measured_as_the_air_carries_it(text, unicode, units, parts):
    size = measure(text)
    assert (size.unicode, size.units, size.parts) == (unicode, units, parts)
