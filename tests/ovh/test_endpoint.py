from __future__ import annotations

import re

import pytest

from alertsms.ovh.endpoint import ENDPOINTS, other_name, url_of


@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ("ovh-eu", "https://eu.api.ovh.com/1.0"),
        ("kimsufi-eu", "https://eu.api.kimsufi.com/1.0"),
        ("soyoustart-eu", "https://eu.api.soyoustart.com/1.0"),
        ("http://127.0.0.1:9096/1.0", "http://127.0.0.1:9096/1.0"),
        ("https://eu.api.ovh.com/v1/", "https://eu.api.ovh.com/v1"),
    ],
)
def test_an_endpoint_is_a_name_or_a_url(endpoint, url):
    assert url_of(endpoint) == url


@pytest.mark.parametrize("endpoint", ["ovh-ca", "ovh-us", "kimsufi-ca", "soyoustart-ca", "https://ca.api.ovh.com/1.0"])
def test_a_region_without_sms_is_refused_with_that_sentence(endpoint):
    with pytest.raises(ValueError, match=r"this region's API has no /sms; SMS are sold by ovh-eu only"):
        url_of(endpoint)


def test_an_unknown_name_is_answered_with_the_known_ones():
    with pytest.raises(ValueError, match=re.escape("unknown endpoint 'ovh'")) as caught:
        url_of("ovh")
    assert all(name in str(caught.value) for name in ENDPOINTS)


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http://:80/1.0",
        "http://host:99999/",
        "http://host:0/",
        "https://me:pw@host/1.0",
        "https://host/1.0?a=b",
        "https://host/1.0#x",
        "ftp://host",
    ],
)
def test_a_url_that_could_not_be_signed_as_sent_is_refused(url):
    with pytest.raises(ValueError, match=r".") as caught:
        url_of(url)
    assert "pw" not in str(caught.value)


def test_ovhclouds_api_has_two_names():
    old, new = "https://eu.api.ovh.com/1.0", "https://api.eu.ovhcloud.com/1.0"
    assert (other_name(old), other_name(new)) == (new, old)
    assert other_name("http://127.0.0.1:9096/1.0") == other_name("https://eu.api.kimsufi.com/1.0") == ""
