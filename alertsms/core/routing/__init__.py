"""Whom an alert pages: matchers, routes, time intervals, and the roster they are read from."""
