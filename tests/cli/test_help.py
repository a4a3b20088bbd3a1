"""What every command has: a line in the list, a help text with an example, and a start without the others' needs."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from alertsms import __version__
from alertsms.cli import COMMANDS, main


def commands() -> list[list[str]]:
    """Every command, groups entered."""
    context = click.Context(main)
    found = []
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        inner = sorted(command.commands) if isinstance(command, click.Group) else [""]
        found += [[name, each] if each else [name] for each in inner]
    return found


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_each_command_shows_an_example_of_itself(run, words):
    shown = run(*words, "--help")
    assert shown.exit_code == 0
    assert f"Example:  alertsms {' '.join(words)}" in shown.output


@pytest.mark.parametrize("name", ["config", "db"])
def test_a_group_shows_an_example_and_cuts_no_line_of_its_list(run, name):
    shown = run(name, "--help").output
    assert f"Example:  alertsms {name} " in shown
    assert "..." not in shown.partition("Commands:")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_a_command_what_its_help_says(run, name):
    line = COMMANDS[name][1].rstrip(".").lower()
    first = " ".join(run(name, "--help").output.split()).lower()
    assert all(word in first for word in line.split()[:3])


def test_the_list_has_every_command(run):
    shown = run("--help").output
    assert [name for name in COMMANDS if f"\n  {name} " not in shown] == []
    assert "alertsms demo" in shown


def test_version(run):
    assert run("--version").output == f"alertsms {__version__}\n"


def test_a_command_that_is_not_there_is_a_mistake_of_writing(run):
    assert run("page").exit_code == 2


@pytest.mark.parametrize(
    ("words", "spared"),
    [
        (["--help"], ["alertsms.config", "alertsms.app", "alertsms.store", "flask", "requests", "sqlalchemy"]),
        (["serve", "--help"], ["alertsms.sandbox", "alembic", "alertsms.cli.send", "alertsms.cli.account"]),
        (["check", "--help"], ["flask", "sqlalchemy", "alertsms.app", "alertsms.sandbox"]),
        (["hash-password", "--help"], ["alertsms.config", "alertsms.cli.server", "flask", "requests", "sqlalchemy"]),
    ],
    ids=" ".join,
)
def test_a_start_imports_only_what_it_needs(words, spared):
    program = f"import sys; from alertsms.cli import main; main({words!r}, standalone_mode=False); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    loaded = set(done.stdout.split())
    assert [name for name in spared if name in loaded] == []


def test_python_dash_m_is_the_same_command():
    words = [sys.executable, "-m", "alertsms", "--version"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == f"alertsms {__version__}\n"


@pytest.mark.parametrize(("words", "found"), [("do", "doctor"), ("config pro", "proxy")])
def test_a_shell_completes_commands(run, words, found):
    """README says how: the first word is what click calls the program by."""
    environ = {
        "_ALERTSMS_COMPLETE": "bash_complete",
        "COMP_WORDS": f"alertsms {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    assert f"plain,{found}" in run(env=environ).stdout.splitlines()
