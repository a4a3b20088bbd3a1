"""What senders post, as alerts: which formats there are, and what an alert is about."""
