"""Where OVHcloud's API is, and which of its regions sell SMS at all."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

# Only these three have /sms in their schema; Kimsufi and So you Start share OVHcloud Europe's.
ENDPOINTS: Mapping[str, str] = {
    "ovh-eu": "https://eu.api.ovh.com/1.0",
    "kimsufi-eu": "https://eu.api.kimsufi.com/1.0",
    "soyoustart-eu": "https://eu.api.soyoustart.com/1.0",
}
# OVHcloud moves its API from the first name to the second (pull requests of May and June 2026 in its five libraries, no
# date). A signature covers the whole URL, so neither may lead a call to the other.
NAMES = ("eu.api.ovh.com", "api.eu.ovhcloud.com")
CREATE_TOKEN: Mapping[str, str] = {"api.eu.ovhcloud.com": "https://auth.eu.ovhcloud.com/api/createToken/"}
WITHOUT_SMS: Mapping[str, str] = {
    "ovh-ca": "ca.api.ovh.com",
    "ovh-us": "api.us.ovhcloud.com",
    "kimsufi-ca": "ca.api.kimsufi.com",
    "soyoustart-ca": "ca.api.soyoustart.com",
}


def is_ovhcloud(host: str) -> bool:
    """Whether a host is under one of the names that OVHcloud's API has, or moves to."""
    return host.lower().rstrip(".").endswith((".ovh.com", ".ovhcloud.com", ".kimsufi.com", ".soyoustart.com"))


def other_name(url: str) -> str:
    """The base URL under the other name that OVHcloud's API has; "" for one that has no other."""
    parts = urlsplit(url)
    if parts.hostname not in NAMES:
        return ""
    return f"https://{NAMES[1 - NAMES.index(parts.hostname)]}{parts.path}"


def url_of(endpoint: str) -> str:
    """The base URL, without a slash at its end, of an endpoint given by its name or as an http(s) URL.

    ValueError, with a sentence for the operator, when it is neither, or names a region whose API has no /sms.
    """
    if endpoint in ENDPOINTS:
        return ENDPOINTS[endpoint]
    if endpoint in WITHOUT_SMS:
        raise ValueError(_no_sms(endpoint))
    if not endpoint.startswith(("http://", "https://")):
        raise ValueError(f"unknown endpoint {endpoint!r}: write {', '.join(ENDPOINTS)}, or an http(s) URL")
    return _checked(endpoint)


def _checked(url: str) -> str:
    # Raises ValueError by itself for a port that is none.
    parts = urlsplit(url)
    if not parts.hostname or parts.port == 0:
        raise ValueError(f"endpoint {url!r} names no host")
    if parts.hostname in WITHOUT_SMS.values():
        raise ValueError(_no_sms(parts.hostname))
    # They would be part of the signed URL without being sent as written.
    if parts.username is not None or parts.query or parts.fragment:
        raise ValueError("an endpoint URL has no user name, query or fragment: write https://HOST/1.0")
    return url.rstrip("/")


def _no_sms(endpoint: str) -> str:
    return f"{endpoint}: this region's API has no /sms; SMS are sold by ovh-eu only, write endpoint: ovh-eu"
