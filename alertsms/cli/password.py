"""`alertsms hash-password`: what to write into the file in place of a password."""

from __future__ import annotations

import sys

import click

from alertsms.machine.password import make

SHORTEST = 8  # characters; a shorter one is found by trying, however it is kept


@click.command()
def hash_password() -> None:
    """Print what to write as a login's password, so that who reads the file cannot log in.

    The password is asked for, or read from a pipe; never written on the command line.

    \b
    Example:  alertsms hash-password
    """  # noqa: D301
    if sys.stdin.isatty():
        given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        given = sys.stdin.read(4096).rstrip("\r\n")
    if len(given) < SHORTEST:
        raise click.ClickException(f"{len(given)} characters are found by trying: give at least {SHORTEST}.")
    click.echo(make(given))
