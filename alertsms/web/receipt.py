"""The door that OVHcloud calls at each delivery receipt: its secret is in the URL, since nobody signs the call."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

from flask import Response, abort, request

from alertsms.logs import event
from alertsms.ovh.client import whole_number
from alertsms.web.guard import RECEIPT
from alertsms.web.json_request import sent_object

log = logging.getLogger("alertsms.receipts")

MAX_BODY = 64 * 1024  # bytes; a receipt has a hundred
PLACES = 6  # calls that wait for the store at once, of the eight threads that bodies leave to health and metrics


def callback_url(external_url: str, secret: str) -> str:
    """What the account's callBack is to be set to."""
    return f"{external_url.rstrip('/')}{RECEIPT}/{secret}"


class ReceiptCallback:
    """GET and POST /ovh/receipt/SECRET."""

    def __init__(self, *, accepts: Callable[[str], bool], called_back: Callable[[int], None]) -> None:
        """`accepts` knows the secret; `called_back` is given the id of each message that is called about."""
        self._accepts, self._called_back = accepts, called_back
        self._places = threading.BoundedSemaphore(PLACES)

    def called(self, secret: str) -> Response:
        """200 for all values of a query, a form or a JSON object, unknown ids too: OVHcloud wants no other answer.

        404 for a wrong secret.
        """
        if not self._accepts(secret):
            abort(404)
        values: dict[str, Any] = dict(request.args)
        if request.method == "POST" and (request.content_length or 0) <= MAX_BODY:
            values = (sent_object() if not request.form else {}) | dict(request.form) | values
        ovh_id = whole_number(values.get("id"))
        if ovh_id is not None and self._places.acquire(blocking=False):  # else its next poll reads the receipt
            try:
                self._called_back(ovh_id)
            finally:
                self._places.release()
        # The values are not trusted: the receipt itself is read from the API.
        dlr = whole_number(values.get("dlr", values.get("description")))
        event(log, logging.DEBUG, "receipt called back", ovh_id=ovh_id, dlr=dlr)
        return Response("ok\n", content_type="text/plain; charset=utf-8")
