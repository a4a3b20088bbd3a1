"""One YAML file becomes a Config of core values, or all its mistakes at once."""

from alertsms.config.error import ConfigError, Mistake, Secret
from alertsms.config.keys import LogFormat, LogLevel, schema
from alertsms.config.ovh import AccountConfig, Ovh
from alertsms.config.read import Config, Log, load, read
from alertsms.config.server import UNGUARDED, Hmac, ServerConfig

__all__ = [
    "UNGUARDED",
    "AccountConfig",
    "Config",
    "ConfigError",
    "Hmac",
    "Log",
    "LogFormat",
    "LogLevel",
    "Mistake",
    "Ovh",
    "Secret",
    "ServerConfig",
    "load",
    "read",
    "schema",
]
