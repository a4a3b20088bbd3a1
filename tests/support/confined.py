"""Run a command behind the kernel's doors that a unit of systemd names, where systemd itself does not run.

`python -m tests.support.confined UNIT COMMAND…`: SystemCallFilter, SystemCallErrorNumber, NoNewPrivileges and
MemoryDenyWriteExecute are kept as systemd keeps them, by libseccomp and prctl(2); whoever is killed is killed for it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import subprocess
import sys
from pathlib import Path

ALLOW, REFUSE = 0x7FFF0000, 0x00050000  # SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(0)
PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 38, 65  # the latter from Linux 6.3 on


def settings(unit: str) -> dict[str, list[str]]:
    """Each key of a unit with its values, in order."""
    got: dict[str, list[str]] = {}
    for line in unit.splitlines():
        key, found, value = line.partition("=")
        if found and not line.startswith("#"):
            got.setdefault(key, []).append(value)
    return got


def sets() -> dict[str, list[str]]:
    """What stands in each set of system calls, such as @system-service: calls, and other sets."""
    words = ["systemd-analyze", "syscall-filter"]
    printed = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    found: dict[str, list[str]] = {}
    for line in printed.splitlines():
        if line.startswith("@"):
            found[line.strip()] = inside = []
        elif line.startswith("    ") and not line.lstrip().startswith("#"):
            inside.append(line.strip())
    return found


def calls(name: str, known: dict[str, list[str]]) -> set[str]:
    """The system calls of a set, sets in it entered; of a call that one."""
    return {call for one in known[name] for call in calls(one, known)} if name.startswith("@") else {name}


def allowed(filters: list[str]) -> set[str]:
    """What the lines of SystemCallFilter leave."""
    known, left = sets(), set[str]()
    for line in filters:
        named = {call for name in line.removeprefix("~").split() for call in calls(name, known)}
        left = left - named if line.startswith("~") else left | named
    return left


def confine(unit: str) -> None:
    """Shut the doors of this process, and of all that it begins. Raises OSError where the kernel has none."""
    got = settings(unit)
    libc, seccomp = ctypes.CDLL(None, use_errno=True), ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    refused = REFUSE | getattr(errno, got["SystemCallErrorNumber"][0])
    context = ctypes.c_void_p(seccomp.seccomp_init(refused))
    for call in sorted(allowed(got["SystemCallFilter"])):
        number = seccomp.seccomp_syscall_resolve_name(call.encode())
        if number >= 0:  # else it is none of this machine's
            seccomp.seccomp_rule_add(context, ALLOW, number, 0)
    for wanted, option in (("NoNewPrivileges", PR_SET_NO_NEW_PRIVS), ("MemoryDenyWriteExecute", PR_SET_MDWE)):
        if got[wanted] == ["yes"] and libc.prctl(option, 1, 0, 0, 0):
            raise OSError(ctypes.get_errno(), f"prctl: {wanted}")
    if status := seccomp.seccomp_load(context):
        raise OSError(-status, "seccomp_load")


if __name__ == "__main__":
    confine(Path(sys.argv[1]).read_text(encoding="utf-8"))
    os.execvp(sys.argv[2], sys.argv[2:])
