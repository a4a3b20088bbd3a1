from __future__ import annotations

import pytest

from alertsms.core.text.subject import readable


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("CPU  above\n90%", "CPU above 90%"),
        ("**CPU** is `97%` on __web-01__ ~~now~~", "CPU is 97% on web-01 now"),
        ("# Disk full\n> on *web-01*\n* first\n+ second", "Disk full on web-01 first second"),
        ("see [the runbook](https://r.example.org/x_(y)) now", "see the runbook now"),
        (
            "![graph](https://g.example.org/1.png) <https://g.example.org|Grafana> <https://g.example.org>",
            "graph Grafana",
        ),
        ("```sh\ndf -h\n```", "df -h"),
        ("<b>Down</b><br/>now", "Down now"),
        (
            "_really_ node_filesystem_avail_bytes a*b*c 2 * 3 * 4 ** 5",
            "really node_filesystem_avail_bytes a*b*c 2 * 3 * 4 ** 5",
        ),
        ("/var/_tmp_/x #42 > 90 < 3 `", "/var/_tmp_/x #42 > 90 < 3 `"),
    ],
)
def test_marks_go_and_words_stay(text, plain):
    assert readable(text, {}) == plain
