"""What replicas on one PostgreSQL share beside the pages: who runs, who has which duty, and what was said already."""

from __future__ import annotations

from sqlalchemy.schema import Column, Index, Table, UniqueConstraint
from sqlalchemy.types import BigInteger, Boolean, Float, Integer, String, Text

from alertsms.store.schema import Key, Time, metadata

replica_table = Table(  # who runs, by a random id of each process: a host's name is no identity
    "replicas",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("host", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("config_seq", BigInteger, nullable=False),  # the sequence of the file that it runs by; 0: none yet
    Column("web", Boolean, nullable=False),  # it takes alerts in
    Column("worker", Boolean, nullable=False),  # it sends
    Column("ovh_ok", Boolean, nullable=False),  # it has a way out
    Column("started_at", Time, nullable=False),
    Column("seen_at", Time, nullable=False),
    Column("ended", Boolean, nullable=False),  # it was told to stop, and did
    Column("timed_at", Time),  # when its clock last agreed with the database's
    Index("replicas_seen", "seen_at"),
)

lease_table = Table(  # a duty that one replica does for all; `term` counts its holders
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", String(16), nullable=False),
    Column("term", BigInteger, nullable=False),
    Column("until", Time, nullable=False),
)

config_table = Table(  # the files that were in force, never their text
    "configs",
    metadata,
    Column("seq", Key, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("host", Text, nullable=False),  # who brought it
    Column("at", Time, nullable=False),
    sqlite_autoincrement=True,
)

reply_table = Table(  # answers by SMS whose deed is done, in the transaction that did it
    "replies",
    metadata,
    Column("id", Key, primary_key=True),
    Column("inbox", Text, nullable=False),  # the account and service that it came to
    Column("reply_id", BigInteger, nullable=False),
    Column("at", Time, nullable=False),
    UniqueConstraint("inbox", "reply_id", name="replies_once"),
    Index("replies_at", "at"),
)

account_table = Table(  # what an account said of itself to any replica
    "account_states",
    metadata,
    Column("account", Text, primary_key=True),  # its name and identity, hashed
    Column("cause", String(16), nullable=False),  # "" while it works
    Column("why", Text, nullable=False),
    Column("fix", Text, nullable=False),
    Column("slowed_at", Time),  # when a 429 came last
    Column("credits", Float),  # that are left
    Column("at", Time, nullable=False),
)

miss_table = Table(  # wrong passwords and tokens, by where they came from
    "login_misses",
    metadata,
    Column("place", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("first_at", Time, nullable=False),
    Column("last_at", Time, nullable=False),
    Index("login_misses_last", "last_at"),
)

api_tokens = Table(  # tokens for the API that people made: whoever shows one whose hash stands here may read, or act
    "api_tokens",
    metadata,
    Column("name", Text, primary_key=True),
    Column("hash", String(64), nullable=False),  # SHA-256 of 32 random bytes, in hexadecimal
    Column("full", Boolean, nullable=False),
    Column("created_at", Time, nullable=False),
)
