"""One OVHcloud account looked over, in the order in which things break: each finding says what is so, and the fix.

`alertsms doctor` prints them, `serve` logs them once when it starts. The Alertmanagers are looked over beside them.
"""

from alertsms.doctor.account import examine
from alertsms.doctor.alertmanager import check_alertmanagers
from alertsms.doctor.finding import CheckedAccount, Finding, FindingLevel, phones

__all__ = ["CheckedAccount", "Finding", "FindingLevel", "check_alertmanagers", "examine", "phones"]
