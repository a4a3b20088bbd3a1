"""The API of the server that runs, for the commands that ask it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click
import requests

from alertsms.cli.options import bundled, checked, loaded, own_url
from alertsms.cli.store_reader import elsewhere, mismatch, own_key
from alertsms.machine.bounded import BoundedSession
from alertsms.machine.key import Purpose

TIMEOUT = 10.0
served_at = click.option("--url", default="", help="The server; else where the configuration says it listens.")


class RunningServer:
    """The API of the running server."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url
        self._session = BoundedSession()
        self._session.trust_env = False  # a proxy of the environment does not lead to this machine
        self._session.headers["Authorization"] = f"Bearer {token}"

    def ask(self, method: str, path: str, body: object = None, *, timeout: float = TIMEOUT) -> Any:  # noqa: ANN401
        """One answer, waited for so many seconds. Raises ClickException, with the server's own sentence if refused."""
        try:
            answer = self._session.request(method, self.url + path, json=body, timeout=timeout, allow_redirects=False)
            value = answer.json()
        except requests.exceptions.JSONDecodeError as problem:
            raise self.foreign() from problem
        except requests.RequestException as problem:
            raise click.ClickException(
                f"no alertsms answers at {self.url}: start `alertsms serve`, or write --url."
            ) from problem
        if answer.ok:
            return value
        error = value.get("error") if isinstance(value, dict) else None
        raise click.ClickException(str(error)) if error else self.foreign()

    def foreign(self) -> click.ClickException:
        """The error for an answer that alertsms does not give."""
        return click.ClickException(f"what answers at {self.url} is no alertsms: write --url.")


class ServerAt:
    """What --config and --url say of the server: it is looked for with the first question."""

    def __init__(self, config: str, url: str) -> None:
        self.config, self._url = config, url

    @functools.cached_property
    def ask(self) -> Callable[..., Any]:
        """What asks the server: `RunningServer.ask`."""
        listens = loaded(self.config).server
        url = checked(self._url) if self._url else own_url(listens.host, listens.port)
        return RunningServer(url, token(self.config)).ask


asks_server = bundled("server", ServerAt, "config", "url")


def token(file: str) -> str:
    """The secret by which the server knows a command: who may read the key may command it. Raises ClickException."""
    try:
        secret = own_key(loaded(file)).derive(Purpose.COMMAND)
    except click.ClickException as error:
        raise click.ClickException(elsewhere(file, error.message)) from error
    if wrong := mismatch(file):  # it has another key
        raise click.ClickException(wrong)
    return secret
