"""OVHcloud's SMS API: signed calls, their errors, and the SMS calls with typed answers. Knows nothing of alerts."""

from alertsms.ovh.client import ENDPOINTS, Client, Credentials, sign, url_of
from alertsms.ovh.error import Certainty, OvhError, Scope
from alertsms.ovh.sms import AccountStatus, Job, JobReport, OutgoingSms, PendingJob, SmsApi

__all__ = [
    "ENDPOINTS",
    "AccountStatus",
    "Certainty",
    "Client",
    "Credentials",
    "Job",
    "JobReport",
    "OutgoingSms",
    "OvhError",
    "PendingJob",
    "Scope",
    "SmsApi",
    "sign",
    "url_of",
]
