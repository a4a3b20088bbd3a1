"""People, teams, and who is on call when."""
