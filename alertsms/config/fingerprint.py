"""What a configuration says, as a hash: replicas compare theirs by it, and nobody reads a secret out of it.

It is made of what is written and not of what was read: so a comment, an order of keys, or another version of alertsms
with other defaults, changes nothing.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from alertsms.config.fields import Reading
from alertsms.config.scalars import REFERENCE
from alertsms.config.yaml import Mapping, Node, Sequence

# What may differ from one replica to the next: where it listens, who may bring requests, what it logs, who watches it.
OWN = frozenset(
    {("store",), ("store_file",), ("log",), ("ping_url",)}
    | {("server", key) for key in ("listen", "key_file", "trusted_proxies", "public_metrics")}
)
PATH_OF = "_file"  # the end of a key whose value is the path of a secret: what counts is what the file holds


def fingerprint(node: Node, reading: Reading) -> str:
    """64 hexadecimal digits: the same for two files that say the same, with what their secrets and variables hold."""
    said = json.dumps(_plain(node, (), reading), ensure_ascii=True, separators=(",", ":"))
    return sha256(said.encode()).hexdigest()


def _plain(node: Node, path: tuple[str, ...], reading: Reading) -> Any:  # noqa: ANN401 - whatever JSON can hold
    if isinstance(node, Sequence):
        return [_plain(item, path, reading) for item in node.items]
    if isinstance(node, Mapping):
        below = ((key, (*path, key), value) for key, (_, value) in sorted(node.entries.items()))
        return {key: _plain(value, at, reading) for key, at, value in below if at not in OWN}
    if node.null:
        return None
    text = REFERENCE.sub(lambda named: reading.environ.get(named[1] or "", named[0]), node.text)
    return _held(text, reading) if path and path[-1].endswith(PATH_OF) else text


def _held(name: str, reading: Reading) -> str:
    """What the file of a secret holds, without the line feeds that editors put at its end."""
    try:
        return reading.open_file(reading.folder / name).strip()
    except (OSError, ValueError):  # a last good configuration starts without it
        return ""
