"""What becomes of an incident: opened, repeated, escalated, acknowledged, over."""
