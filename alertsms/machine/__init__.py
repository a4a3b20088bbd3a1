"""This machine: its files, the state folder, the root key, and answers read within bounds."""
