"""What is decided: pure functions and frozen values, with no clock, no I/O and no logging."""
