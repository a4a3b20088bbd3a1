"""One YAML file becomes a Config of core values, or all its mistakes at once."""

from alertsms.config.error import ConfigError, Mistake, Secret
from alertsms.config.keys import LogFormat, LogLevel, schema
from alertsms.config.ovh import AccountConfig, Ovh
from alertsms.config.read import Config, Limits, Log, Storm, load, read
from alertsms.config.server import UNGUARDED, Hmac, ServerConfig

__all__ = [
    "UNGUARDED",
    "AccountConfig",
    "Config",
    "ConfigError",
    "Hmac",
    "Limits",
    "Log",
    "LogFormat",
    "LogLevel",
    "Mistake",
    "Ovh",
    "Secret",
    "ServerConfig",
    "Storm",
    "load",
    "read",
    "schema",
]
