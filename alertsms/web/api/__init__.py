"""The HTTP API: JSON in and out, and its description."""
