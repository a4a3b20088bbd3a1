"""OVHcloud's SMS API: signed calls, their errors, and the SMS calls with typed answers. Knows nothing of alerts."""
