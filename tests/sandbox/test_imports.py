from __future__ import annotations

import subprocess
import sys


def test_the_sandbox_knows_nothing_of_the_program_it_tests():
    code = (
        "import sys, alertsms.sandbox, alertsms.sandbox.server, alertsms.sandbox.adapter\n"
        "print(sorted(name for name in sys.modules if name.startswith('alertsms.') and 'sandbox' not in name))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
