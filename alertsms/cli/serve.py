"""`alertsms serve`: everything, in one process, until it is stopped."""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, NoReturn

import click

from alertsms import __version__, apprise_channels, logs
from alertsms.app import App, reach
from alertsms.cli.server import recall, refuse_left_behind, store_of
from alertsms.cli.terminal import STOP, Signals, configured, taken
from alertsms.config import Config, ConfigError, load, read
from alertsms.core.messages.trouble import Hindrance, Trouble
from alertsms.delivery.alarm import ALARM_SECONDS, DEADLINE_SECONDS, TroubleNotifier
from alertsms.logs import event
from alertsms.machine.state import TOLD, Stamp, folder, good, good_path
from alertsms.store.error import StoreAway, StoreError, StoreHeld
from alertsms.store.tokens import CONFIG
from alertsms.web.guard import loopback
from alertsms.web.health import Front, Waiting
from alertsms.web.listener import Listener
from alertsms.worker import Places, Worker

log = logging.getLogger("alertsms")
ROUND_SECONDS = 1.0  # between two looks at whether the HTTP thread still runs
AGAIN_SECONDS = 2.0  # between two tries to use a store that is away
SAID_EVERY_SECONDS = 60.0  # that it still is


@click.command()
@configured
@click.option(
    "--only",
    type=click.Choice(["web", "worker"]),
    help="Take alerts in and show pages (web), or send and escalate (worker): for replicas on PostgreSQL.",
)
def serve(config: str, only: Literal["web", "worker"] | None) -> None:
    """Take webhooks and send SMS, until stopped.

    SIGTERM ends it within ten seconds (what is cut off is looked up at OVHcloud by the next start), SIGHUP reads the
    file again. A file with mistakes does not keep it from starting if the state folder has a last good one. A
    database that is away is waited for: meanwhile webhooks are answered 503, so that their senders try again.

    \b
    Example:  alertsms serve --config /etc/alertsms/config.yaml
    """  # noqa: D301
    chosen, good = choose(config)
    logs.setup(level=chosen.log.level, form=chosen.log.format)
    if not good:
        event(log, logging.ERROR, "the configuration has mistakes: started with the last good one", file=config)
    _warn(chosen)
    code, ends = _run(Start(chosen, config, good=good, only=only or ""))
    if not ends:
        logging.shutdown()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def choose(file: str) -> tuple[Config, bool]:
    """The configuration to start with, and whether it is the file's own.

    Every mistake of a bad file goes to stderr; then its last good text serves. Exits 1 without one.
    """
    try:
        return load(file), True
    except ConfigError as error:
        click.echo(error, err=True)
    try:
        kept = _recalled(file)
        if kept is not None:
            return read(kept, file=file, environ=os.environ, lenient=True), False
    except StoreError as error:
        raise click.ClickException(str(error)) from error
    except ConfigError as error:
        raise click.ClickException(f"the last good configuration does not work any more either:\n{error}") from error
    raise click.ClickException("nothing was started: no last good configuration was kept.")


def _recalled(file: str) -> str | None:
    """The last good configuration: of the state folder, or of a store that an older version used. Raises StoreError."""
    store = store_of(file)
    try:
        kept = good(store, file)
    except (OSError, ValueError) as error:
        click.echo(f"{good_path(store, file)} cannot be read: {getattr(error, 'strerror', None) or error}", err=True)
        kept = None
    return kept or _of_before(store)


def _of_before(store: str) -> str | None:
    """What version 0 kept in its store; one that is away is waited for. Raises StoreError."""
    logged_at = float("-inf")
    while True:
        try:
            return recall(store, CONFIG)
        except StoreAway as error:
            if time.monotonic() - logged_at >= SAID_EVERY_SECONDS:
                logged_at = time.monotonic()
                click.echo(f"the last good configuration is waited for: {error}", err=True)
            _show_life()
            time.sleep(AGAIN_SECONDS)


def _warn(config: Config) -> None:
    for warning in config.warnings:
        event(log, logging.WARNING, "configuration warning", warning=str(warning))
    for note in config.notes:
        event(log, logging.INFO, "configuration note", note=note)


def _reread(file: str) -> Config:
    config = load(file)
    logs.setup(level=config.log.level, form=config.log.format)
    _warn(config)
    return config


class Start:
    """Brings an App into being as soon as its store can be used."""

    def __init__(self, config: Config, file: str, *, good: bool, only: Literal["", "web", "worker"] = "") -> None:
        """`good`: the configuration is the file's own; `only`: what this replica does, else everything."""
        self.config, self.good, self._file, self._only = config, good, file, only
        self.places = Places()
        self.waiting = Waiting(
            config, self.places, good=good, reach=reach(config, listens_beyond=not loopback(config.server.host))
        )
        self._stamp = Stamp(folder(config.store, file) / TOLD)
        self._alarm = TroubleNotifier(
            troubles=self.waiting.troubles,
            roster=lambda: self.config.roster,
            stamp=self._stamp,
            post=apprise_channels.post,
        )
        self._built: App | Exception | None = None
        self._said_at = float("-inf")

    def until_open(self, signals: Signals) -> App | None:
        """The App; None where a signal says to stop first. Raises ClickException where waiting would not help."""
        telling = Worker("alarm", self._alarm.step, pause=ALARM_SECONDS)
        telling.start()
        try:
            while self._attempt(signals):
                if isinstance(self._built, App):
                    return self._built
                self._failed(self._built)
                if self._stopped(signals, AGAIN_SECONDS):
                    break
            return None
        finally:
            telling.stop(0.1)

    def _attempt(self, signals: Signals) -> bool:
        """Try once, in a thread of its own: a database may hang, and signals must be noticed all the same.

        False where one of them said to stop.
        """
        attempt = threading.Thread(target=self._build, name="start", daemon=True)
        attempt.start()
        while attempt.is_alive():
            if self._stopped(signals, 0.02):
                return False
        return True

    def _build(self) -> None:
        try:
            refuse_left_behind(self.config)
            app = App(
                self.config,
                reread=lambda: _reread(self._file),
                stamp=self._stamp,
                places=self.places,
                only=self._only,
            )
            try:
                if self._only != "web":
                    app.delivery.comparison.before_all()
            except BaseException:
                app.store.close()  # else the next attempt would find it in use
                raise
            self._built = app
        except Exception as error:  # noqa: BLE001 - the main thread raises it
            self._built = error

    def _stopped(self, signals: Signals, seconds: float) -> bool:
        """Whether a signal says to stop within so long; SIGHUP reads the file again."""
        came = signals.wait(seconds)
        _show_life()
        if came is signal.SIGHUP:
            self._reload()
        return came in STOP

    def _reload(self) -> None:
        try:
            self.config, self.good = _reread(self._file), True
        except ConfigError as error:
            for mistake in error.mistakes:
                event(
                    log,
                    logging.WARNING if mistake.warning else logging.ERROR,
                    "configuration not taken",
                    mistake=str(mistake),
                )

    def _failed(self, error: Exception | None) -> None:
        """Log the error and go on waiting; or end, and notify the channels at most once an hour over all starts."""
        if not isinstance(error, StoreError):
            raise error or RuntimeError("the start came to no end")
        if not isinstance(error, StoreAway):
            self._give_up(error)
        self.waiting.why = str(error)
        if time.monotonic() - self._said_at >= SAID_EVERY_SECONDS:
            self._said_at = time.monotonic()
            event(log, logging.ERROR, "waits for its store, webhooks are answered 503", why=str(error))

    def _give_up(self, error: StoreError) -> NoReturn:
        if not isinstance(error, StoreHeld):  # else another alertsms runs
            self._alarm.say(
                Trouble(
                    key="start",
                    hinders=Hindrance.INTAKE,
                    says=f"alertsms does not start: {error}",
                    fix="no alert is taken until it starts: `alertsms doctor` on its machine says more, then start it",
                ),
                DEADLINE_SECONDS,
            )
        raise click.ClickException(str(error)) from error


def _run(start: Start) -> tuple[int, bool]:
    """Serve until a signal says to stop (0), or the HTTP thread ended by itself (1).

    Also returns whether no thread is left that would hold the end of the process up.
    """
    server, front = start.config.server, Front(start.waiting.wsgi)
    with Signals(signal.SIGHUP) as signals:
        try:
            listener = Listener(front, server.host, server.port, judge=lambda: front.judge, places=start.places)
        except OSError as problem:
            raise taken(server.host, server.port, problem) from problem
        try:
            app = start.until_open(signals)
            return _serve(app, front, listener, signals, good=start.good) if app else (0, False)
        finally:
            listener.close()


def _serve(app: App, front: Front, listener: Listener, signals: Signals, *, good: bool) -> tuple[int, bool]:
    host = app.config.server.host
    try:
        app.start(fallback=not good)
        front.wsgi, front.judge = app.wsgi, app.judge
        event(log, logging.INFO, "alertsms listens", address=f"{host}:{listener.port}", version=__version__)
        code = _until_stopped(app, listener, signals)
    finally:
        listener.close()
        app.stop()
    return code, not app.delivery.rate_limiter.in_flight  # the next start asks OVH about what is under way


def _until_stopped(app: App, listener: Listener, signals: Signals) -> int:
    while listener.alive:
        came = signals.wait(ROUND_SECONDS)
        _show_life(app.watch.readiness.sick)
        if came in STOP:
            event(log, logging.INFO, "alertsms stops", why=came.name if came else "")
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a second Ctrl-C ends it at once
            return 0
        if came is signal.SIGHUP:
            # In a thread of its own: this thread must notice SIGTERM although the file lies on a share that hangs.
            threading.Thread(target=app.reload, name="reload", daemon=True).start()
    event(log, logging.CRITICAL, "the HTTP thread ended: alertsms ends too, its supervisor starts it again")
    return 1


def _show_life(sick: Callable[[], list[str]] = list) -> None:
    """Tell systemd that all is well, where a unit has WatchdogSec: it restarts what /-/healthy would have restarted."""
    place = os.environ.get("NOTIFY_SOCKET", "")
    if place and not sick():
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            out.settimeout(0)  # who does not read holds nobody up
            out.sendto(b"WATCHDOG=1", f"\0{place[1:]}" if place.startswith("@") else place)
