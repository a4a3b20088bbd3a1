"""Where whoever was woken can look: how it is mended, what it looks like, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping

LONGEST = 2_000  # characters of an address
# What an entry says beside its labels, kept among the annotations of its incident; no sender's own are called so.
_KEPT = {"dashboardURL": "__dashboard_url__", "panelURL": "__panel_url__", "generatorURL": "__source_url__"}
_NAMES = {
    "runbook": ("runbook_url", "runbookurl", "runbook", "playbook_url", "playbook"),
    "dashboard": ("dashboard_url", "dashboardurl", "dashboard", "grafana_url", "__dashboard_url__"),
    "panel": ("panel_url", "panelurl", "__panel_url__"),
    "source": ("__source_url__",),
}


def kept(entry: Mapping[str, object]) -> dict[str, str]:
    """The addresses of an entry, as annotations; what no browser opens is none."""
    found = {name: entry.get(key) for key, name in _KEPT.items() if key in entry}
    return {name: url for name, url in found.items() if isinstance(url, str) and _opens(url)}


def references_text(annotations: Mapping[str, str]) -> dict[str, str]:
    """Annotations without the addresses that we keep among them."""
    return {name: text for name, text in annotations.items() if name not in _KEPT.values()}


def references(annotations: Mapping[str, str]) -> dict[str, str]:
    """The addresses by what they are: runbook, dashboard, panel, source; each once, and only what a browser opens."""
    lowered = {name.lower(): text.strip() for name, text in annotations.items()}
    found: dict[str, str] = {}
    for what, names in _NAMES.items():
        url = next((lowered[name] for name in names if _opens(lowered.get(name, ""))), "")
        if url and url not in found.values():
            found[what] = url
    return found


def _opens(url: str) -> bool:
    plain = len(url) <= LONGEST and url.isprintable() and " " not in url
    return plain and url.lower().startswith(("http://", "https://"))
