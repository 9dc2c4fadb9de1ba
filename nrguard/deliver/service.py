"""A channel as an Apprise service, or why it can never be one. Imports Apprise: only the child imports this.

Apprise accepts much that can't work without a word: `ntfy://` without a topic, a priority that no service knows, a
host where a topic was meant. Each is found here, before an alert is lost to it.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any, cast

from apprise import Apprise, AppriseAsset, NotificationManager, NotifyBase, PersistentStoreMode

from nrguard.deliver.address import Unusable, address
from nrguard.policy import Channel

# Apprise loads all of its 190 plug-ins to find one. Where its file is known, only that is loaded: 19 MB and half of the
# time less, measured. Any other address goes the long way.
PLUGINS = {
    "hassio": ("home_assistant", "NotifyHomeAssistant"),
    "hassios": ("home_assistant", "NotifyHomeAssistant"),
    "json": ("custom_json", "NotifyJSON"),
    "jsons": ("custom_json", "NotifyJSON"),
    "mailto": ("email", "NotifyEmail"),
    "mailtos": ("email", "NotifyEmail"),
    "ntfy": ("ntfy", "NotifyNtfy"),
    "ntfys": ("ntfy", "NotifyNtfy"),
    "pover": ("pushover", "NotifyPushover"),
    "tgram": ("telegram", "NotifyTelegram"),
}
_PAUSE = 0.2  # seconds between two messages of a channel; Apprise's 5.5 let a summary after an outage take minutes

_ASSET = AppriseAsset(
    app_id="nrguard",
    app_desc="nrguard",
    app_url="",
    image_url_mask="",  # else phones fetch an icon from somebody's server at every alert
    image_url_logo="",
    interpret_escapes=False,
    interpret_emojis=False,
    async_mode=False,
    http_redirects=False,  # a redirected POST becomes a GET: the login page of a hotel would count as delivery
    storage_mode=PersistentStoreMode.MEMORY.value,
    pgp_autogen=False,
    pem_autogen=False,
)


def check_channel(channel: Channel) -> str | None:
    """Return why `channel` can never work, without its address; None where nothing stands against it. Sends nothing."""
    found = service(channel)
    return found.why if isinstance(found, Unusable) else None


def service(channel: Channel) -> NotifyBase | Unusable:
    """Return the Apprise service that `channel` names."""
    url = address(channel, os.environ)
    if isinstance(url, Unusable):
        return url
    schema = url.partition("://")[0].lower()
    plugin = _plugin(schema)
    if plugin is not None and not plugin.enabled:
        return Unusable(_missing(schema, plugin))
    if plugin is None and schema not in ("http", "https"):  # some services are known by the address of their web hook
        return Unusable(f"no service is called {schema}://")
    built = _built(url, plugin)
    if built is None:
        return Unusable(f"the {schema}:// address is not complete, or not one of this service")
    built.request_rate_per_sec = min(
        built.request_rate_per_sec, _PAUSE
    )  # a service that minds answers 429: then we wait
    return _pitfall(built, url) or built


def _plugin(schema: str) -> type[NotifyBase] | None:
    if schema in PLUGINS:
        file, name = PLUGINS[schema]
        try:
            found: type[NotifyBase] = getattr(import_module(f"apprise.plugins.{file}"), name)
        except (ImportError, AttributeError):  # Apprise has moved it: the long way finds it
            pass
        else:
            return found
    plugins = NotificationManager()  # type: ignore[no-untyped-call]
    if schema not in plugins:
        return None
    return cast("type[NotifyBase]", plugins[schema])


def _missing(schema: str, plugin: type[NotifyBase]) -> str:
    needed = plugin.requirements.get("packages_required") or ()
    packages = [needed] if isinstance(needed, str) else [str(each) for each in needed]
    return f"{schema}:// needs {', '.join(packages) or 'something that this system lacks'}, which is not installed"


def _built(url: str, plugin: type[NotifyBase] | None) -> NotifyBase | None:
    if plugin is None or url.partition("://")[0].lower() not in PLUGINS:
        return Apprise.instantiate(url, asset=_ASSET)
    parts: Any = plugin.parse_url(url.replace("/#", "/%23"))  # as Apprise itself reads tags
    if not parts:
        return None
    try:
        return plugin(**parts, asset=_ASSET)
    except TypeError:  # AppriseImproperlyConfigured is one
        return None


def _pitfall(built: NotifyBase, url: str) -> Unusable | None:
    """Return why a service that Apprise accepts still can't work."""
    schema = url.partition("://")[0].lower()
    if getattr(built, "topics", None) == []:
        return Unusable(f"the {schema}:// address names no topic that is one: {schema}://HOST/TOPIC")
    if built.port is not None and not 0 < built.port < 65536:
        return Unusable(f"there is no port {built.port}")
    asked = (built.parse_url(url) or {}).get("qsd", {}).get("priority", "")
    if asked and not _knows_priority(built, asked):
        return Unusable(f"{schema}:// knows no such priority; it has {', '.join(_priorities(built))}")
    return None


def _knows_priority(built: NotifyBase, asked: str) -> bool:
    """Was `asked` understood? Apprise quietly takes the usual priority where it was not."""
    argument = built.template_args.get("priority", {})
    if "default" not in argument or getattr(built, "priority", None) != argument["default"]:
        return True
    usual = {"normal", "default", str(argument["default"]).lower(), *(("3",) if hasattr(built, "topics") else ())}
    return any(name.startswith(asked.lower()) for name in usual)


def _priorities(built: NotifyBase) -> list[str]:
    values: Any = built.template_args["priority"].get("values", ())
    return [str(name) for name in (values.values() if isinstance(values, dict) else values)]
