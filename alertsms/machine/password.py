"""Passwords of logins: in clear, or as what `alertsms hash-password` makes of them."""

from __future__ import annotations

import re

# What werkzeug writes: the method with its cost, a salt and the digest. scrypt takes 128 * N * r bytes.
_METHOD = re.compile(r"(?:scrypt|pbkdf2):")
_SCRYPT = re.compile(r"scrypt:(\d{1,7}):(\d{1,2}):(\d)\$[^$\s]+\$[0-9a-f]{128}")
_PBKDF2 = re.compile(r"pbkdf2:sha(?:256:(\d{4,7})\$[^$\s]+\$[0-9a-f]{64}|512:(\d{4,7})\$[^$\s]+\$[0-9a-f]{128})")
MEMORY_MOST = 64 * 1024 * 1024  # bytes that one look at a password may take; two at a time do


def hashed(password: str) -> bool:
    """Whether this is no password but what was made of one."""
    return bool(_METHOD.match(password))


def unusable(password: str) -> str:
    """What is wrong with a hash, and what to write; "" for a good one and for a password in clear."""
    if not hashed(password):
        return ""
    if cost := _SCRYPT.fullmatch(password):
        n, r, p = map(int, cost.groups())
        good = n > 1 and n & (n - 1) == 0 and 128 * n * r <= MEMORY_MOST and r > 0 and p > 0
        return "" if good else "this hash costs too much at each login, write what `alertsms hash-password` prints"
    if _PBKDF2.fullmatch(password):
        return ""
    return "this hash is cut or damaged, write the whole line that `alertsms hash-password` prints, in quotes"


def make(password: str) -> str:
    """What to write into the file in place of a password: scrypt with a salt of its own."""
    from werkzeug.security import generate_password_hash

    return generate_password_hash(password)


def password_matches(password: str, written: str) -> bool:
    """Whether a password is the one that a hash was made of: some 60 ms and 32 MB."""
    from werkzeug.security import check_password_hash

    return check_password_hash(written, password)
