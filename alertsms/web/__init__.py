"""The HTTP door: the table of URLs, and who may use which."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from alertsms.logs import event
from alertsms.store.engine import StoreError
from alertsms.web.api import openapi
from alertsms.web.api.actions import IncidentActions
from alertsms.web.api.admin import Api
from alertsms.web.api.oncall import OnCallView
from alertsms.web.api.pauses import PauseView
from alertsms.web.api.read import Incidents
from alertsms.web.connection import BROKEN, FAULT, MAX_BODY, STRANGE, Broken
from alertsms.web.guard import Guard
from alertsms.web.health import Health
from alertsms.web.heartbeat import HeartbeatView
from alertsms.web.json_response import STORED, Refused, answer
from alertsms.web.paths import HEARTBEAT, RECEIPT, TOKENS, WEBHOOKS, PathAccess, beginnings, below, shown
from alertsms.web.receipt import ReceiptCallback
from alertsms.web.site import html
from alertsms.web.site.site import OPEN, Site
from alertsms.web.webhook import Webhook
from alertsms.worker import IntakeWatch

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("alertsms.web")

INTAKE = beginnings(PathAccess.SENDER)  # what is posted here is to be stored; whatever is refused there is counted
# What answers anybody who knocks, if only to ask for a secret; slashes too many are taken for what was meant.
OPEN_TO_ALL = beginnings(PathAccess.SENDER, PathAccess.ALL, PathAccess.RECEIPT)
KNOWN = OPEN_TO_ALL + beginnings(PathAccess.LINK)  # who asks there for what is not there is told so
# What stands there is no webhook, however it is posted to.
NO_WEBHOOK = ("/api/v1/", "/-/", "/a/", "/incidents", "/login", "/logout", "/on-call", RECEIPT, HEARTBEAT)


def create_app(  # noqa: PLR0913 - one for each door
    *,
    webhook: Webhook,
    receipt: ReceiptCallback,
    heartbeat: HeartbeatView,
    health: Health,
    api: Api,
    incidents: Incidents,
    on_call: OnCallView,
    pausing: PauseView,
    answers: IncidentActions,
    people: Site,
    guard: Guard,
    intake: IntakeWatch,
) -> Flask:
    """Build the WSGI app."""
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
    app.add_url_rule("/api/v1/confirmations", "confirmed", api.confirmed, methods=["POST"])
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
    app.add_url_rule("/api/v1/openapi.json", "openapi", openapi.show)
    people.register(app)

    @app.before_request
    def guarded() -> Response | None:
        broken: Broken | None = request.environ.get(BROKEN)
        if broken and broken.status == 503 and people.asked():
            return html.later(503, "Not just now", Webhook.odd(*broken).sentence, 1)
        if broken and not (str(request.endpoint).startswith("webhook") or _stray()):
            return webhook.unreadable(broken)
        return _admitted(guard, people)

    app.after_request(html.guarded)
    app.after_request(lambda answered: _noted(answered, intake))
    _answer_errors(app, people, webhook)
    return app


def _noted(answered: Response, intake: IntakeWatch) -> Response:
    """Remember whether what was posted could be stored, by whichever door and whatever went wrong."""
    if request.environ.get(BROKEN) and request.environ.get(STRANGE):
        return answered  # a stranger may fill what strangers have, and that hinders nobody else
    door = next((each for each in INTAKE if below(request.path, [each])), "")
    if door and answered.status_code >= 500:
        intake.refused(door, str((answered.get_json(silent=True) or {}).get("error", answered.status)))
    elif door and request.environ.get(STORED):
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
        if below(path, OPEN_TO_ALL):
            environ["PATH_INFO"] = path
        return inner(environ, start_response)

    return app


def _admitted(guard: Guard, people: Site) -> Response | None:
    """What a request gets in the place of what it asks for; None lets it through."""
    if people.asked():
        return people.admit()
    if request.url_rule:
        why = guard.refuses(request.url_rule.rule)
        return answer(403, {"error": why}) if why else None
    if _stray() or below(request.path, KNOWN) or guard.knows:
        return None  # to be told that nothing is there
    return answer(403, {"error": f"{request.path} does not answer from outside: POST alerts to /webhook."})


def _answer_errors(app: Flask, people: Site, webhook: Webhook) -> None:
    """Programs get a sentence as JSON, people a page."""

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        status = error.code or 500
        if status == 500:  # raised while an error was being answered
            return fault(error)
        here = shown(request.path)  # the sentence goes into the log and an incident
        sentence = {
            404: f"There is nothing at {here}: POST alerts to /webhook.",
            405: f"{request.method} does not work on {here}: POST alerts to /webhook.",
        }
        words = sentence.get(status, error.description or error.name)
        if _stray():
            return webhook.stray(status, words)
        if request.path.startswith(INTAKE):
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
