"""The HTTP door: the table of URLs, and who may use which."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from alertsms.logs import event
from alertsms.store.error import StoreError
from alertsms.web.api import openapi
from alertsms.web.api.admin import AdminView
from alertsms.web.api.incidents import IncidentApi
from alertsms.web.guard import (
    HEARTBEAT,
    INTAKE,
    KNOWN,
    NO_WEBHOOK,
    OLDER,
    OPEN_TO_ALL,
    RECEIPT,
    STORED,
    TOKENS,
    WEBHOOKS,
    Guard,
    Refused,
    answer,
    below,
    shown,
)
from alertsms.web.health import Health
from alertsms.web.heartbeat import HeartbeatView
from alertsms.web.receipt import ReceiptCallback
from alertsms.web.request_parser import BROKEN, FAULT, STRANGE, Broken
from alertsms.web.site import html
from alertsms.web.site.site import OPEN, PAGES, Site, UrlRule
from alertsms.web.webhook import Webhook
from alertsms.worker import IntakeWatch

log = logging.getLogger("alertsms.web")
# Every answer has them, errors too: a browser is to run, sniff and keep none of it.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    # With no-referrer a browser names no Origin with a form either ("null"): ours could not be told from another's.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Views:
    """What answers: a view, or several, for each part of the table of URLs."""

    webhook: Webhook
    receipt: ReceiptCallback
    heartbeat: HeartbeatView
    health: Health
    admin: AdminView
    incidents: IncidentApi
    site: Site


class _App(Flask):
    def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Take https://pager.example.org//webhook for what was meant; for all else a path is what was written."""
        path = re.sub("/{2,}", "/", environ.get("PATH_INFO", ""))
        if below(path, OPEN_TO_ALL):
            environ["PATH_INFO"] = path
        return super().wsgi_app(environ, start_response)


def create_app(views: Views, *, guard: Guard, intake: IntakeWatch, takes_in: bool = True) -> Flask:
    """Build the WSGI app; one that does not take alerts in answers 503, so that they are posted to another replica."""
    app = _App("alertsms", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = None  # the webhook refuses with a sentence, and pages
    app.url_map.strict_slashes = False  # /webhook/ is what somebody meant, and a 404 would be a page lost
    app.url_map.merge_slashes = False  # werkzeug would redirect //, to whatever host the request names
    for rule, endpoint, view, methods in [*_rules(views), *views.site.rules()]:
        app.add_url_rule(rule, endpoint, view, methods=methods)
    if not takes_in:
        app.before_request(_elsewhere)
    app.before_request(partial(_guarded, views, guard))
    app.after_request(partial(_noted, intake))
    app.register_error_handler(Refused, Refused.answer)
    _answer_errors(app, views.webhook)
    return app


def _rules(views: Views) -> Sequence[UrlRule]:
    admin, incidents, health, path = views.admin, views.incidents, views.health, "/api/v1/incidents"
    acts: dict[str, Callable[..., Response]] = {
        "ack": incidents.act,
        "snooze": partial(incidents.act, snoozes=True),
        "resolve": partial(incidents.act, resolves=True),
    }
    return [
        *((rule, f"webhook{number}", views.webhook.post, ["POST", "PUT"]) for number, rule in enumerate(WEBHOOKS)),
        (f"{RECEIPT}/<secret>", "receipt", views.receipt.called, ["GET", "POST"]),
        (f"{HEARTBEAT}/<name>", "heartbeat", views.heartbeat.beat, ["GET", "POST", "PUT"]),
        ("/-/healthy", "healthy", health.healthy, ["GET"]),
        ("/-/ready", "ready", health.ready, ["GET"]),
        ("/metrics", "metrics", health.metrics, ["GET"]),
        ("/-/reload", "reload", admin.reload, ["POST", "PUT"]),
        ("/api/v1/send", "send", admin.send, ["POST"]),
        ("/api/v1/confirmations", "confirmed", admin.confirmed, ["POST"]),
        (TOKENS, "tokens", admin.tokens.listing, ["GET"]),
        (TOKENS, "make_token", admin.tokens.make, ["POST"]),
        (TOKENS, "revoke_token", admin.tokens.revoke, ["DELETE"]),
        (path, "incidents", incidents.latest, ["GET"]),
        (f"{path}/<int:number>", "incident", incidents.story, ["GET"]),
        *((f"{path}/{name}", name, view, ["POST"]) for name, view in acts.items()),
        *((f"{path}/<int:number>/{name}", f"{name}_one", view, ["POST"]) for name, view in acts.items()),
        (f"{path}/<int:number>/silence", "silence", incidents.silence, ["POST"]),
        ("/api/v1/messages", "messages", incidents.messages, ["GET"]),
        ("/api/v1/on-call", "on_call", incidents.on_call, ["GET"]),
        ("/api/v1/pauses", "pauses", admin.pauses, ["GET"]),
        ("/api/v1/pauses", "pause", admin.pause, ["POST"]),
        ("/api/v1/pauses", "resume", admin.resume, ["DELETE"]),
        ("/api/v1/heartbeats", "heartbeats", views.heartbeat.listing, ["GET"]),
        ("/api/v1/openapi.json", "openapi", openapi.show, ["GET"]),
    ]


def _elsewhere() -> Response | None:
    if below(request.path, INTAKE):
        return answer(503, {"error": "This replica only sends (--only worker): post to one that takes alerts in."})
    return None


def _guarded(views: Views, guard: Guard) -> Response | None:
    """What a request gets in the place of what it asks for; None lets it through."""
    broken: Broken | None = request.environ.get(BROKEN)
    page = request.endpoint in PAGES
    if broken and broken.status == 503 and page:
        return html.later(503, "Not just now", Webhook.odd(*broken).sentence, 1)
    if broken and not (str(request.endpoint).startswith("webhook") or _stray()):
        return views.webhook.unreadable(broken)
    if page:
        return views.site.admit()
    if request.url_rule:
        refusal = guard.refuses(request.url_rule.rule)
    else:
        admitted = _stray() or below(request.path, KNOWN) or guard.knows  # to read that nothing is there
        refusal = "" if admitted else f"{request.path} does not answer from outside: POST alerts to /webhook."
    return answer(403, {"error": refusal}) if refusal else None


def _noted(intake: IntakeWatch, response: Response) -> Response:
    """Remember whether what was posted could be stored, whatever went wrong, and add the headers for browsers."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.environ.get(BROKEN) and request.environ.get(STRANGE):
        return response  # a stranger may fill what strangers have, and that hinders nobody else
    door = below(request.path, INTAKE)
    if door and response.status_code >= 500:
        why = str((response.get_json(silent=True) or {}).get("error", response.status))
        if why != OLDER:  # a trouble of its own, which is over at once when the file is there
            intake.refused(door, why)
    elif door and request.environ.get(STORED):
        intake.stored_at[door] = intake.monotonic()
    return response


def _stray() -> bool:
    """Whether somebody posts to where nothing is, and perhaps believes that it pages people. A browser does not."""
    posts = request.method in ("POST", "PUT", "PATCH") and "Origin" not in request.headers
    return posts and request.url_rule is None and not request.path.startswith(NO_WEBHOOK)


def _answer_errors(app: Flask, webhook: Webhook) -> None:
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

    @app.errorhandler(Exception)
    def fault(error: Exception) -> Response:
        # Our own fault is never a 4xx: a sender that gets 5xx comes again within seconds.
        app.logger.error("a request failed in a way nobody foresaw", exc_info=error)
        if request.endpoint in PAGES:
            return html.message(503, "That failed", "The log of alertsms says why. Try it again.", again=True)
        return answer(503, {"error": FAULT})

    @app.errorhandler(StoreError)
    def store_fault(error: StoreError) -> Response:
        # The rule and not the path, which may hold the token of a link.
        event(log, logging.ERROR, "a request needs the store", path=str(request.url_rule), why=str(error))
        if request.endpoint in PAGES:
            where = "" if request.endpoint in OPEN else f": {error}"  # which is not for whoever has a link
            return html.message(503, "Not just now", f"The store does not answer{where}.", again=True)
        return answer(503, {"error": f"Not just now, ask again: {error}."})
