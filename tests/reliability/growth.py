"""A store that has grown: old incidents with all that is kept of them, and pages that wait; on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from alertsms.store.schema import EPOCH, MICROSECOND

DAY = timedelta(days=1)
PEOPLE = 4  # p0 to p3, each the one person of a team: t0 to t3
# Of the pages that wait, one in so many ...
POSTPONED = 2  # waits for a digest
POSTED = 10  # has a row for a channel beside it
RETRIED = 100  # was composed, and is tried again


def fill(tx: Connection, *, old: int, waiting: int, now: datetime) -> None:
    """Add closed incidents of the last 80 days, each with a page, an SMS and a timeline, and open ones behind them."""
    postgresql = tx.dialect.name == "postgresql"
    at, total = (now - EPOCH) // MICROSECOND, old + waiting
    first, apart = at - 80 * DAY // MICROSECOND, 79 * DAY // MICROSECOND // max(old, 1)
    values = {
        "key": "decode(md5('k' || n), 'hex')" if postgresql else "randomblob(16)",
        "yes": "true" if postgresql else "1",
        "no": "false" if postgresql else "0",
        "even": "n % 2 = 0",
        # The old ones began one after the other, the newest a day ago; a storm of the rest began ten minutes ago.
        "began": f"(CASE WHEN n <= {old} THEN {first} + n * {apart} ELSE {at} - 600000000 + n END)",
        "closed": f"n <= {old}",
        "minute": "CAST(60000000 AS BIGINT)",
        "at": str(at),
        "total": str(total),
        # As those of messages are made: the time in front.
        "message": "(n + (CAST(1700000000000 AS BIGINT) * 1048576))",
    }
    for statement in _STATEMENTS:
        body = statement
        for name, value in values.items():
            body = body.replace(f"<{name}>", value)
        into, _, chosen = body.partition("::")
        tx.execute(
            text(
                f"{into} {'' if postgresql else _MANY.format(total=total)}{chosen.strip()}".replace(
                    "<many>", f"generate_series(CAST(1 AS BIGINT), {total}) AS many(n)" if postgresql else "many"
                )
            )
        )
    if postgresql:
        for table in ("incidents", "pages", "events"):
            tx.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) + 1 FROM {table}))")
            )


_MANY = "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {total}) "
_LABELS = (
    """'{"alertname":"Load' || n || '","instance":"web-01.example.org:9100","job":"node","severity":"critical","""
    """"team":"t' || (n % 4) || '"}'"""
)
_NOTES = """'{"summary":"The processor has been more than 90 % busy for five minutes"}'"""
_STATEMENTS = (
    (
        "INSERT INTO incidents (id, key, team, state, reason, current, severity, labels, annotations, place, truncated,"
        " receiver, source, starts_at, opened_at, begun_at, closed_at, last_seen_at, acked_by, episode, round, paged,"
        " step_due_at) :: SELECT n, <key>, 't' || (n % 4), CASE WHEN <closed> THEN 'closed' ELSE 'open' END,"
        " CASE WHEN <closed> THEN 'resolved' ELSE 'firing' END, NOT (<closed> AND <even>), n % 3,"
        f" {_LABELS}, {_NOTES}, 'web-01', 0, 'sms', 'alertmanager', <began>, <began>, <began>,"
        " CASE WHEN <closed> THEN <began> + 10 * <minute> END, <began>, '', 0, 1, 1,"
        " CASE WHEN NOT (<closed>) THEN <at> + 60 * <minute> + n END FROM <many>"
    ),
    (
        "INSERT INTO pages (id, incident_id, person, team, kind, priority, due_at, created_at, state,"
        " episode, nth, phone,"
        " plain, note, message_id) :: SELECT n, n, 'p' || (n % 4), 't' || (n % 4), 'page', n % 3,"
        f" <began> + CASE WHEN NOT (<closed>) AND n / 4 % {POSTPONED} = 0 THEN 20 * <minute> ELSE 0 END, <began>,"
        f" CASE WHEN <closed> OR n % {RETRIED} = 1 THEN 'claimed' ELSE 'queued' END, 0, 0, 0, <no>, '',"
        f" CASE WHEN <closed> OR n % {RETRIED} = 1 THEN <message> END FROM <many>"
    ),
    (
        "INSERT INTO messages (id, tag, person, team, number, text, segments, kind, priority, state, attempts, resends,"
        " due_at, lease_owner, ovh_id, asked_at, created_at, sent_at, credits, error, account, streak, polls, dlr,"
        " delivered_at) :: SELECT <message>, 'bench' || n, 'p' || (n % 4), 't' || (n % 4), '+3360000000' || (n % 4),"
        " 'CRITICAL Load' || n || ' web-01: The processor has been more than 90 % busy for five minutes #'"
        " || n, 1, 'page',"
        " n % 3, CASE WHEN NOT (<closed>) THEN 'queued' WHEN n % 10 = 0 THEN 'failed' ELSE 'delivered' END, 1, 0,"
        " <began>, '', n, <began>, <began>, CASE WHEN <closed> AND n % 10 <> 0 THEN <began> + 1000000 END, 1.0,"
        " '', 'first', 0, 1, 1, CASE WHEN <closed> AND n % 10 <> 0 THEN <began> + 3000000 END"
        f" FROM <many> WHERE <closed> OR n % {RETRIED} = 1"
    ),
    (
        "INSERT INTO pages (id, incident_id, person, team, kind, priority, due_at, created_at, state,"
        " episode, nth, phone,"
        " plain, note, destination) :: SELECT <total> + n, n, 'team:t' || (n % 4), 't' || (n % 4), 'page',"
        " 0, <began>, <began>,"
        " CASE WHEN <closed> THEN 'sent' ELSE 'queued' END, 0, 0, 0, <no>, '', 'channel' || (n % 2)"
        f" FROM <many> WHERE n % {POSTED} = 0"
    ),
    (
        "INSERT INTO events (incident_id, episode, kind, reason, detail, at, last_at, count) :: SELECT n, 0, 'paged',"
        " 'firing', 'team ops: p0', <began>, <began>, 1 FROM <many>"
    ),
    (
        "INSERT INTO events (incident_id, episode, kind, reason, detail, at, last_at, count) :: SELECT n, 0, 'attempt',"
        " 'accepted', 'SMS to p' || (n % 4) || ' (+33…00): OVH id ' || n, <began> + 1000000, <began> + 1000000, 1"
        " FROM <many> WHERE <closed>"
    ),
    (
        "INSERT INTO tokens (token, person, incident_id, created_at) :: SELECT 'T' || n, 'p' || (n % 4), n, <began>"
        " FROM <many> WHERE NOT (<closed>) AND n % 10 = 0"
    ),
)
