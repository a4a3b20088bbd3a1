"""`alertsms serve`: everything, in one process, until it is stopped."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time

import click

from alertsms import __version__, logs
from alertsms.app import App
from alertsms.cli.kept import recall, store_of
from alertsms.cli.option import configured, taken
from alertsms.cli.signals import STOP, Signals
from alertsms.config import Config, ConfigError, load, read
from alertsms.logs import event
from alertsms.store.engine import StoreError
from alertsms.web.listener import Listener

log = logging.getLogger("alertsms")
ROUND_SECONDS = 1.0  # between two looks at whether the HTTP thread still runs


@click.command()
@configured
def serve(config: str) -> None:
    """Take webhooks and send SMS, until stopped.

    SIGTERM ends it within ten seconds (what is cut off is looked up at OVHcloud by the next start), SIGHUP reads the
    file again. A file with mistakes does not keep it from starting if its store has a last good configuration.

    \b
    Example:  alertsms serve --config /etc/alertsms/config.yaml
    """  # noqa: D301
    chosen, good = choose(config)
    logs.setup(level=chosen.log.level, form=chosen.log.format)
    if not good:
        event(log, logging.ERROR, "the configuration has mistakes: started with the last good one", file=config)
    _warn(chosen)
    app = _build(chosen, config)
    code = _run(app, good=good)
    if app.throttle.flying:  # their threads would hold the end up; the next start asks OVH about them
        logging.shutdown()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def choose(file: str) -> tuple[Config, bool]:
    """The configuration to start with, and whether it is the file's own.

    Every mistake of a bad file goes to stderr; then the last good one of its store serves. Exits 1 without one.
    """
    try:
        return load(file), True
    except ConfigError as error:
        click.echo(error, err=True)
    try:
        kept = recall(store_of(file), "config")
        if kept is not None:
            return read(kept, file=file, environ=os.environ, lenient=True), False
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    except ConfigError as error:
        raise click.ClickException(f"the last good configuration does not work any more either:\n{error}") from error
    raise click.ClickException("nothing was started: no store keeps a last good configuration.")


def _warn(config: Config) -> None:
    for warning in config.warnings:
        event(log, logging.WARNING, "configuration warning", warning=str(warning))


def _reread(file: str) -> Config:
    config = load(file)
    logs.setup(level=config.log.level, form=config.log.format)
    _warn(config)
    return config


def _build(config: Config, file: str) -> App:
    try:
        return App(config, reread=lambda: _reread(file))
    except StoreError as error:
        raise click.ClickException(str(error)) from error


def _run(app: App, *, good: bool) -> int:
    """Serve until a signal says to stop (0), or the HTTP thread ended by itself (1)."""
    server = app.config.server
    with Signals(signal.SIGHUP) as signals:
        app.comparison.before_all(time.sleep)
        try:
            listener = Listener(app.wsgi, server.host, server.port)
        except OSError as problem:
            app.stop()
            raise taken(server.host, server.port, problem) from problem
        try:
            app.start(fallback=not good)
            event(log, logging.INFO, "alertsms listens", address=f"{server.host}:{listener.port}", version=__version__)
            return _until_stopped(app, listener, signals)
        finally:
            listener.close()
            app.stop()


def _until_stopped(app: App, listener: Listener, signals: Signals) -> int:
    while listener.alive:
        came = signals.wait(ROUND_SECONDS)
        if came in STOP:
            event(log, logging.INFO, "alertsms stops", why=came.name if came else "")
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C ends it at once
            return 0
        if came is signal.SIGHUP:
            app.reload()
    event(log, logging.CRITICAL, "the HTTP thread ended: alertsms ends too, its supervisor starts it again")
    return 1
