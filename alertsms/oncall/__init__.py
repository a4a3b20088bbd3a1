"""People and timers: escalation, acknowledgements, replies, heartbeats, pauses, calendars."""
