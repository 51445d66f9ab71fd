"""Messages out of the house: one notifier a channel, each in its own file, all behind one Protocol."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from monitor.errors import ConfigError
from monitor.notifiers import apprise, chat, command, mail, webhook
from monitor.notifiers.base import Notifier, Poster
from monitor.notifiers.pacing import DEFAULT_RATES, Pacer
from monitor.telemetry import protect

__all__ = ["DEFAULT_RATES", "NOTIFIERS", "Factory", "Notifier", "Pacer", "Poster", "build"]

Factory = Callable[[str, Mapping[str, Any], Poster], Notifier]

NOTIFIERS: Mapping[str, Factory] = {
    "email": mail.make,
    "webhook": webhook.make,
    "slack": chat.maker("slack"),
    "discord": chat.maker("discord"),
    "teams": chat.maker("teams"),
    "mattermost": chat.maker("mattermost"),
    "command": command.make,
    "apprise": apprise.make,
}


_WORD = re.compile(r"[a-z/-]{1,11}")
"""No token but a word, such as ``hook``: it would be struck out of every line that names the channel ``hook``."""


def build(name: str, kind: str, settings: Mapping[str, Any], secrets: Mapping[str, str], poster: Poster) -> Notifier:
    """The notifier of ``channels.NAME``. ``settings`` is its table; ``secrets`` are the values of its secret fields.

    From here on no secret appears in a log.
    """
    if kind not in NOTIFIERS:
        raise ConfigError(f"channels.{name}: there is no channel of type {kind!r}; there are {', '.join(NOTIFIERS)}")
    for secret in secrets.values():
        path = secret.partition("://")[2].partition("/")[2]
        for form in (secret, quote(secret, safe=""), "" if _WORD.fullmatch(path) else path):
            protect(form)
    others = {"type", "enabled", "rate"}
    own = {key: value for key, value in settings.items() if key not in others and value is not None}
    return NOTIFIERS[kind](name, {**own, **secrets}, poster)
