"""A change of a setting that is not protected, but loads code or moves trust."""

from __future__ import annotations

from nrguard.model import PROTECTABLE, Setting, SettingState, Severity, Verdict
from nrguard.settingsjs.verdicts import Finding

_CRITICAL = {
    "nodesDir": "code is loaded from there",
    "userDir": "flows, nodes and sessions are kept there",
    "storageModule": "code that stores the flows",
    "httpAdminMiddleware": "code that answers before the login",
    "httpServerOptions": "options of the web server",
    "httpStatic": "files are published from there",
    "httpAdminAuth": "a login of the editor",
    "httpAuth": "a login",
    "httpAdminCors": "other web sites may use the admin API",
    "webSocketNodeVerifyClient": "code that lets web sockets in",
}
_WARNING = {
    "httpNodeMiddleware": "code that answers before the flows",
    "httpNodeCors": "other web sites may use the endpoints",
    "httpStaticCors": "other web sites may read the published files",
    "httpStaticRoot": "where files are published",
    "httpRoot": "where Node-RED is found",
    "httpAdminRoot": "where the editor is found",
    "httpNodeRoot": "where the endpoints are found",
    "disableEditor": "whether there is an editor",
    "functionExternalModules": "what function nodes may load",
    "credentialSecret": "what the stored credentials are encrypted with",
    "httpAdminCookieOptions": "the cookies of the editor",
}
_SHUT = {"httpAdminRoot": False, "httpNodeRoot": False, "httpRoot": False, "disableEditor": True}
_OWN_STORES = ("memory", "localfilesystem", None)
_RISKY_WHEN_ON = {
    "externalModules": "what may be installed",
    "runtimeState": "who may stop the flows",
    "diagnostics": "what the runtime tells about itself",
}


def adjacent_change(name: str, now: Setting, before: Setting) -> Finding:
    """Return what the change of an unprotected setting is worth. A note: nothing that moves trust."""
    if name in PROTECTABLE:
        return Finding(Verdict.EQUAL, Severity.NOTE, "not protected here")
    if name in _CRITICAL:
        gone = now.state is SettingState.ABSENT
        lost_login = gone and name in ("httpAdminAuth", "httpAuth")
        worse = lost_login or not gone
        return Finding(Verdict.CHANGED, Severity.CRITICAL if worse else Severity.WARNING, _CRITICAL[name])
    if name in _SHUT and before.value == _SHUT[name] and now.value != _SHUT[name]:
        return Finding(Verdict.WEAKENED, Severity.CRITICAL, "it was shut before")
    if name == "contextStorage":
        return _context_storage(now)
    if name == "credentialSecret" and now.value is False:
        return Finding(Verdict.CHANGED, Severity.CRITICAL, "the stored credentials are not encrypted")
    if name in _WARNING:
        return Finding(Verdict.CHANGED, Severity.WARNING, _WARNING[name])
    if name in ("editorTheme", "logging"):
        return _mostly_harmless(name, now)
    return Finding(Verdict.EQUAL, Severity.NOTE, _RISKY_WHEN_ON.get(name, ""))


def _context_storage(now: Setting) -> Finding:
    """A store is named by its module, which Node-RED loads; two of them are its own."""
    stores = list(now.value.values()) if isinstance(now.value, dict) else []
    modules = [store.get("module") for store in stores if isinstance(store, dict)]
    own = now.state is SettingState.ABSENT or (
        now.state is SettingState.KNOWN and all(module in _OWN_STORES for module in modules)
    )
    severity = Severity.WARNING if own else Severity.CRITICAL
    return Finding(Verdict.CHANGED, severity, "" if own else "code is loaded for it")


def _mostly_harmless(name: str, now: Setting) -> Finding:
    """A theme may bring scripts, a log handler code; the rest of both is looks and levels."""
    value = now.value if isinstance(now.value, dict) else {}
    page = value.get("page")
    scripts = isinstance(page, dict) and "scripts" in page
    catalogues = isinstance(palette := value.get("palette"), dict) and "catalogues" in palette
    if name == "editorTheme" and (scripts or catalogues or "theme" in value or "login" in value):
        return Finding(Verdict.CHANGED, Severity.WARNING, "the editor may load foreign scripts")
    return Finding(Verdict.EQUAL, Severity.NOTE)
