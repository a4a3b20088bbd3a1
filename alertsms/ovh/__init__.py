"""OVHcloud's SMS API: signed calls, their errors, and the SMS calls with typed answers. Knows nothing of alerts."""

from alertsms.ovh.client import ENDPOINTS, Client, Credentials, base_url, sign
from alertsms.ovh.error import Certainty, OvhError, Scope
from alertsms.ovh.sms import Account, Job, Outgoing, PendingJob, Report, Sms

__all__ = [
    "ENDPOINTS",
    "Account",
    "Certainty",
    "Client",
    "Credentials",
    "Job",
    "Outgoing",
    "OvhError",
    "PendingJob",
    "Report",
    "Scope",
    "Sms",
    "base_url",
    "sign",
]
