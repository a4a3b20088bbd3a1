"""Pages the person on call by SMS: from an Alertmanager or Grafana webhook through OVHcloud to a phone."""

from __future__ import annotations

__version__ = "1.0.0"
