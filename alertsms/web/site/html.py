"""Pages for people: templates filled in, with headers under which a browser runs nothing and loads nothing else."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path

from flask import Response, request
from jinja2 import Environment, PackageLoader, StrictUndefined

NOT_OURS = "This page is old, or not ours: look again."  # of a form without the time that its page was drawn


@cache
def _templates() -> Environment:
    """Read and compiled when the first page is asked for: a start does not wait for them."""
    return Environment(
        loader=PackageLoader("alertsms.web.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def root() -> str:
    """The way from this request to `/`. Links are relative, so that they also work below a path of somebody's proxy."""
    return "../" * (request.path.count("/") - 1) or "./"


def page(template: str, status: int = 200, **values: object) -> Response:
    """A page of a template."""
    text = _templates().get_template(f"{template}.html").render(root=root(), **values)
    return Response(text, status, content_type="text/html; charset=utf-8")


def message(status: int, title: str, *sentences: str, again: bool = False) -> Response:
    """A page that says one thing; `again`: and offers to open it anew."""
    return page("message", status, title=title, sentences=sentences, again=again)


def later(status: int, title: str, sentence: str, seconds: float) -> Response:
    """A page that says to try it again, and after how long."""
    response = message(status, title, sentence, again=True)
    response.headers["Retry-After"] = str(math.ceil(seconds))
    return response


def see(path: str) -> Response:
    """Go to another page, below `/`: after a form was taken, loading that one again repeats nothing."""
    return Response(status=303, headers={"Location": f"{root()}{path}"})


def style() -> Response:
    """GET /style.css."""
    return Response(_style(), headers={"Cache-Control": "max-age=300"}, content_type="text/css")


@cache
def _style() -> bytes:
    return (Path(__file__).parent / "templates" / "style.css").read_bytes()
