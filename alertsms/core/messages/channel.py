"""Other destinations than SMS: Apprise URLs, which hold passwords and so show themselves nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from hashlib import blake2b

GLOBAL = "global"  # the recipient where the channels of the top level's `fallback` are meant
MOST_ATTEMPTS = 12  # to give a channel one notification; the last one more than an hour after the first
_DELAYS = (10, 30, 60, 120, 300, 600)  # seconds: a mail server that restarts, then one that is down


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One Apprise URL, such as `ntfy://topic` or `mailto://user:secret@example.org`."""

    url: str = field(repr=False)

    @property
    def scheme(self) -> str:
        """All that logs may show of it."""
        return self.url.partition("://")[0][:20]

    @cached_property
    def mark(self) -> str:
        """What stands for it in the store, which is to hold no password: 16 hexadecimal digits."""
        return blake2b(self.url.encode(errors="surrogatepass"), digest_size=8).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Fallback:
    """Who is told when SMS fails or reaches nobody.

    A team's is what counts for it: its own keys, the top level's where it has none.
    """

    team: str = ""  # by its name, since two teams may name each other; "" for none
    channels: tuple[Channel, ...] = ()
    target: str = GLOBAL  # whose channels these are


NO_FALLBACK = Fallback()


def team_target(name: str) -> str:
    """How notifications name the channels of a team's own fallback."""
    return f"team:{name}"


def person_target(name: str) -> str:
    """How notifications name the channels that a person has beside the phone."""
    return f"person:{name}"


def chat_target(name: str) -> str:
    """How notifications name the channels that a team has for what its people get."""
    return f"chat:{name}"


def target_in_words(target: str) -> str:
    """Whose channels a target's are, for people: "the fallback", "the fallback of ops", "the chat of ops", "alice"."""
    kind, _, name = target.partition(":")
    words = {"team": f"the fallback of {name}", "chat": f"the chat of {name}", "person": name}
    return words.get(kind, "the fallback")


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts in vain; None: give up."""
    if attempts >= MOST_ATTEMPTS:
        return None
    return timedelta(seconds=_DELAYS[min(max(attempts, 1), len(_DELAYS)) - 1])
