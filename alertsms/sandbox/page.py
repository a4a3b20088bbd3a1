"""The phone page, and the page behind a validation link; neither can load or run anything from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from importlib.resources import files

from alertsms.sandbox.exchange import HTML, Response

VALIDATED = "<!doctype html><title>Sandbox</title><p>The key is validated. You may close this page."


@cache
def phone() -> Response:
    """Return the page that shows messages as they arrive."""
    text = files("alertsms.sandbox").joinpath("phone.html").read_text(encoding="utf-8")
    policy = f"default-src 'none'; connect-src 'self'; img-src data:; {_allow(text, 'style')}; {_allow(text, 'script')}"
    return _page(text, policy)


def validated() -> Response:
    """Return what an account's owner sees after opening a validation link."""
    return _page(VALIDATED, "default-src 'none'")


def _page(text: str, policy: str) -> Response:
    policy += "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    safe = {"content-security-policy": policy, "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
    return Response(status=200, headers={**HTML, **safe, "cache-control": "no-store"}, body=text.encode())


def _allow(text: str, element: str) -> str:
    """Return the directive that lets this very element of the page through, by its hash (CSP level 2, 4.2.5)."""
    inside = re.search(f"<{element}>(.*?)</{element}>", text, re.DOTALL)
    assert inside is not None  # noqa: S101 - the page ships with the package
    digest = base64.b64encode(hashlib.sha256(inside[1].encode()).digest()).decode()
    return f"{element}-src 'sha256-{digest}'"
