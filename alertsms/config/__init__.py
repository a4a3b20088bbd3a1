"""One YAML file becomes a Config of core values, or all its mistakes at once."""

from alertsms.config.mistake import ConfigError, Mistake
from alertsms.config.ovh import Account, Ovh
from alertsms.config.read import Config, Limits, Log, Storm, load, read
from alertsms.config.schema import schema
from alertsms.config.secret import Secret
from alertsms.config.server import UNGUARDED, Hmac, Server
from alertsms.config.table import Level, LogFormat

__all__ = [
    "UNGUARDED",
    "Account",
    "Config",
    "ConfigError",
    "Hmac",
    "Level",
    "Limits",
    "Log",
    "LogFormat",
    "Mistake",
    "Ovh",
    "Secret",
    "Server",
    "Storm",
    "load",
    "read",
    "schema",
]
