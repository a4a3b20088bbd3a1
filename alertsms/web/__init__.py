"""The HTTP door: the table of URLs, and who may use which."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from alertsms.logs import event
from alertsms.pulse import Intake
from alertsms.store.engine import StoreError
from alertsms.web import html
from alertsms.web.answer import Refused, answer
from alertsms.web.answers import Answers
from alertsms.web.api import Api
from alertsms.web.api_tokens import PATH as TOKENS
from alertsms.web.connection import BROKEN, FAULT, MAX_BODY, Broken
from alertsms.web.health import Health
from alertsms.web.heartbeat import PATH as HEARTBEAT
from alertsms.web.heartbeat import Heartbeat
from alertsms.web.incidents import Incidents
from alertsms.web.oncall import OnCall
from alertsms.web.pauses import Pausing
from alertsms.web.people import OPEN, People
from alertsms.web.receipt import PATH as RECEIPT
from alertsms.web.receipt import Receipt
from alertsms.web.webhook import Webhook

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("alertsms.web")

WEBHOOKS = ("/webhook", "/webhook/<name>", "/alert")
INTAKE = ("/webhook", "/alert", HEARTBEAT)  # what is posted here is to be stored
# What answers on an address beyond loopback, where anybody may knock.
KNOWN_DOORS = ("/webhook", "/alert", HEARTBEAT)  # whatever is refused there is counted
# What stands there is no webhook, however it is posted to.
NO_WEBHOOK = ("/api/v1/", "/-/", "/a/", "/incidents", "/login", "/logout", "/on-call", RECEIPT, HEARTBEAT)
LOCKED = (
    "{path} wants a token as `Authorization: Bearer`: `alertsms token NAME` makes one that reads,"
    " `alertsms token NAME --full` one that acts too."
)
OPEN_TO_ALL = ("/webhook", "/alert", "/-/healthy", "/-/ready", RECEIPT, HEARTBEAT)


def create_app(  # noqa: PLR0913 - one for each door
    *, webhook: Webhook, receipt: Receipt, heartbeat: Heartbeat, health: Health, api: Api, incidents: Incidents,
    on_call: OnCall, pausing: Pausing, answers: Answers, people: People, exposed: bool, public_metrics: bool,
    intake: Intake,
) -> Flask:  # fmt: skip
    """Build the WSGI app. `exposed`: it listens beyond loopback; `public_metrics`: /metrics answers there too."""
    app = Flask("alertsms", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = None  # the webhook refuses with a sentence, and pages
    app.url_map.strict_slashes = False  # /webhook/ is what somebody meant, and a 404 would be a page lost
    app.url_map.merge_slashes = False  # werkzeug would redirect //, to whatever host the request names
    app.wsgi_app = _merging_slashes(app.wsgi_app)  # type: ignore[assignment,method-assign]
    for number, rule in enumerate(WEBHOOKS):
        app.add_url_rule(rule, f"webhook{number}", webhook.post, methods=["POST", "PUT"])
    app.add_url_rule(f"{RECEIPT}/<secret>", "receipt", receipt.called, methods=["GET", "POST"])
    app.add_url_rule(f"{HEARTBEAT}/<name>", "heartbeat", heartbeat.heard, methods=["GET", "POST", "PUT"])
    app.add_url_rule("/-/healthy", "healthy", health.healthy)
    app.add_url_rule("/-/ready", "ready", health.ready)
    app.add_url_rule("/metrics", "metrics", health.metrics)
    app.add_url_rule("/-/reload", "reload", api.reload, methods=["POST", "PUT"])
    app.add_url_rule("/api/v1/send", "send", api.send, methods=["POST"])
    app.add_url_rule(TOKENS, "tokens", api.tokens.listing)
    app.add_url_rule(TOKENS, "make_token", api.tokens.make, methods=["POST"])
    app.add_url_rule(TOKENS, "revoke_token", api.tokens.revoke, methods=["DELETE"])
    app.add_url_rule("/api/v1/incidents", "incidents", incidents.latest)
    app.add_url_rule("/api/v1/incidents/<int:number>", "incident", incidents.one)
    for act, view in (("ack", answers.acknowledge), ("snooze", answers.snooze), ("resolve", answers.resolve)):
        app.add_url_rule(f"/api/v1/incidents/{act}", act, view, methods=["POST"])
        app.add_url_rule(f"/api/v1/incidents/<int:number>/{act}", f"{act}_one", view, methods=["POST"])
    app.add_url_rule("/api/v1/incidents/<int:number>/silence", "silence", answers.silence, methods=["POST"])
    app.add_url_rule("/api/v1/messages", "messages", incidents.messages)
    app.add_url_rule("/api/v1/on-call", "on_call", on_call.show)
    app.add_url_rule("/api/v1/pauses", "pauses", pausing.running)
    app.add_url_rule("/api/v1/pauses", "pause", pausing.begin, methods=["POST"])
    app.add_url_rule("/api/v1/pauses", "resume", pausing.end, methods=["DELETE"])
    app.add_url_rule("/api/v1/heartbeats", "heartbeats", heartbeat.listing)
    app.add_url_rule("/api/v1/openapi.json", "openapi", incidents.openapi)
    people.register(app)
    open_to_all = OPEN_TO_ALL + (("/metrics",) if public_metrics else ())

    @app.before_request
    def guard() -> Response | None:
        path = request.path
        broken: Broken | None = request.environ.get(BROKEN)
        if broken and not (str(request.endpoint).startswith("webhook") or _stray()):
            return webhook.unreadable(broken)
        if any(path == each or path.startswith(f"{each}/") for each in open_to_all) or api.knows(request) or _stray():
            return None
        if people.asked():
            return people.admit()
        return _kept_from(exposed=exposed)

    app.after_request(html.guarded)
    app.after_request(lambda answered: _noted(answered, intake))
    _answer_errors(app, people, webhook)
    return app


def _noted(answered: Response, intake: Intake) -> Response:
    """Remember whether what was posted could be stored, by whichever door and whatever went wrong."""
    door = next((each for each in INTAKE if request.path == each or request.path.startswith(f"{each}/")), "")
    if door and answered.status_code >= 500:
        intake.refused(door, str((answered.get_json(silent=True) or {}).get("error", answered.status)))
    elif door and answered.status_code < 300:
        intake.stored(door)
    return answered


def _stray() -> bool:
    """Whether somebody posts to where nothing is, and perhaps believes that it pages people. A browser does not."""
    posts = request.method in ("POST", "PUT", "PATCH") and "Origin" not in request.headers
    return posts and request.url_rule is None and not request.path.startswith(NO_WEBHOOK)


def _merging_slashes(inner: WSGIApplication) -> WSGIApplication:
    """Take https://pager.example.org//webhook for what its sender meant; for all else a path is what was written."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = re.sub("/{2,}", "/", environ.get("PATH_INFO", ""))
        if any(path == each or path.startswith(f"{each}/") for each in OPEN_TO_ALL):
            environ["PATH_INFO"] = path
        return inner(environ, start_response)

    return app


def _kept_from(*, exposed: bool) -> Response | None:
    """What a request gets that has no token, for what only the command and programs of this machine use."""
    path = request.path
    if exposed:
        there = "reload with kill -HUP" if path == "/-/reload" else "ask with the alertsms command"
        sentence = (
            f"{path} does not answer on an address beyond loopback: {there} on the machine itself, or set"
            " server.listen to 127.0.0.1 behind a proxy that asks for a login."
        )
        return answer(403, {"error": sentence})
    # A page in somebody's browser reaches loopback too: it may neither read texts nor have SMS sent.
    if (request.url_rule and path.startswith("/api/")) or (request.method != "GET" and "Origin" in request.headers):
        return answer(403, {"error": LOCKED.format(path=path)})
    return None


def _answer_errors(app: Flask, people: People, webhook: Webhook) -> None:
    """Programs get a sentence as JSON, people a page."""

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status == 500:  # raised while an error was being answered
            return fault(error)
        sentence = {404: f"There is nothing at {request.path}: POST alerts to /webhook.",
                    405: f"{request.method} does not work on {request.path}: POST alerts to /webhook."}  # fmt: skip
        words = sentence.get(status, error.description or error.name)
        if _stray():
            return webhook.stray(status, words)
        if request.path.startswith(KNOWN_DOORS):
            return webhook.unreadable(Broken(status, words))
        return answer(status, {"error": words})

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return error.answer()

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        # Our own fault is never a 4xx: a sender that gets 5xx comes again within seconds.
        app.logger.error("a request failed in a way nobody foresaw", exc_info=error)
        if people.asked():
            return html.message(503, "That failed", "The log of alertsms says why. Try it again.", again=True)
        return answer(503, {"error": FAULT})

    @app.errorhandler(StoreError)
    def store_fault(error: StoreError) -> Response:
        # The rule and not the path, which may hold the token of a link.
        event(log, logging.ERROR, "a request needs the store", path=str(request.url_rule), why=str(error))
        if people.asked() or request.endpoint in OPEN:
            return html.message(503, "Not just now", _unanswered(error), again=True)
        return answer(503, {"error": f"Not just now, ask again: {error}."})


def _unanswered(error: StoreError) -> str:
    """The words for people; where the store lies is not for whoever has a link."""
    return "The store does not answer." if request.endpoint in OPEN else f"The store does not answer: {error}."


__all__ = ["MAX_BODY", "create_app"]
