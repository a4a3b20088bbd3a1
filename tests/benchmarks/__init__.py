"""How fast and how small alertsms is, against floors taken on the same machine in the same run."""
