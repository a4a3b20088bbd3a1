"""The account that stands by: its keys, its sender, and what it must not share with the first."""

from __future__ import annotations

from alertsms.config import AccountConfig, Secret
from alertsms.ovh.connection import Credentials
from tests.config.sample import KEYS, accepted, changed, refusal

OWN = {
    "OVH_STANDBY_APPLICATION_KEY": "ak2",
    "OVH_STANDBY_APPLICATION_SECRET": "as2",
    "OVH_STANDBY_CONSUMER_KEY": "ck2",
}
SPARE = changed(3, "  sender: ACME\n  standby: {service_name: sms-zz98765-1, sender_for_response: true}")


def standby(text: str, environ: dict[str, str]) -> AccountConfig:
    found = accepted(text, KEYS | environ).ovh.standby
    assert found
    return found


def test_without_one_there_is_none():
    assert accepted(changed(3, "  sender: ACME")).ovh.standby is None


def test_its_keys_come_from_their_own_variables_and_its_endpoint_from_the_first():
    keys = Credentials(application_key="ak2", application_secret="as2", consumer_key="ck2")
    assert standby(SPARE, OWN) == AccountConfig(
        base_url="https://eu.api.ovh.com/1.0", credentials=keys, service_name="sms-zz98765-1", sender_for_response=True
    )
    assert standby(SPARE, OWN | {"OVH_ENDPOINT": "soyoustart-eu"}).base_url == "https://eu.api.soyoustart.com/1.0"
    assert standby(SPARE, OWN | {"OVH_STANDBY_ENDPOINT": "http://127.0.0.1:1/1.0"}).base_url == "http://127.0.0.1:1/1.0"


def test_its_keys_may_stand_in_the_file_and_in_files():
    written = "application_key: k1, application_secret: '${MINE}', consumer_key_file: secrets/one"
    text = SPARE.replace("sender_for_response: true", f"sender: SPARE, endpoint: 'http://spare.test/1.0', {written}")
    found = standby(text, {"MINE": "k2"})
    assert found.credentials == Credentials(
        application_key=Secret("k1"), application_secret=Secret("k2"), consumer_key=Secret("s3cret")
    )
    assert (found.base_url, found.sender) == ("http://spare.test/1.0", "SPARE")
    assert "k2" not in repr(found)


def test_the_keys_of_the_first_are_not_taken_for_it_in_silence():
    said = refusal(SPARE, KEYS)
    assert (
        "config.yaml line 4, ovh.standby: consumer_key is missing, write consumer_key: ${OVH_STANDBY_CONSUMER_KEY}"
        in said
    )


def test_the_same_account_is_no_stand_by():
    assert refusal(SPARE.replace("sms-zz98765-1", "sms-ab12345-1"), KEYS | OWN) == (
        'config.yaml line 4, ovh.standby.service_name: "sms-ab12345-1" is the first account too, a stand-by needs '
        "another one"
    )


def test_the_same_keys_are_warned_of():
    shared = {name.replace("OVH_", "OVH_STANDBY_"): key for name, key in KEYS.items()}
    (said,) = [str(each) for each in accepted(SPARE, KEYS | shared).warnings if "standby" in each.path]
    assert said == (
        "config.yaml line 4, ovh.standby: warning: these are the keys of the first account: when they die, both do; "
        "make others for the stand-by"
    )


def test_it_needs_one_sender_too():
    assert refusal(SPARE.replace(", sender_for_response: true", ""), KEYS | OWN) == (
        "config.yaml line 4, ovh.standby: the sender is missing, write one of sender, sender_for_response, "
        "virtual_number"
    )


def test_without_secrets_it_is_read_all_the_same():
    assert accepted(SPARE, {}, secrets=False).ovh.standby


def test_the_senders_of_both_accounts_are_compared_with_the_phones():
    """A short number passed with phones of elsewhere, and a name with numbers of countries that know no names."""
    spare = "  sender_for_response: true\n  standby: {service_name: sms-xx00000-2, sender: INFO}"
    text = changed(3, spare).replace('"+33612345678"', '{phones: ["+33612345678", "+4915123456789"]}')
    said = "\n".join(one.message for one in accepted(text, KEYS | OWN).warnings if "reach" in one.message)
    assert said == (
        "a short number reaches phones of metropolitan France only, not alice (+49*********89): write a validated"
        ' sender, or virtual_number\n"INFO" may not reach alice (+33*******78): operators of France block or replace'
        " names that anybody could have since 2025-03-10, and receipts say delivered all the same: write one that is"
        " yours, such as a company's"
    )
