"""OVHcloud's SMS API: signed calls, their errors, and the SMS calls with typed answers. Knows nothing of alerts."""

from alertsms.ovh.client import Client
from alertsms.ovh.connection import Credentials, sign
from alertsms.ovh.endpoint import ENDPOINTS, url_of
from alertsms.ovh.error import Certainty, OvhError, Scope
from alertsms.ovh.models import AccountStatus, JobReport, OutgoingSms, PendingJob
from alertsms.ovh.sms import Job, SmsApi

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
