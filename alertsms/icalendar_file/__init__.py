"""Reads the calendars of other tools."""
