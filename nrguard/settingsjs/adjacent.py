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
    "contextStorage": "may load code",
    "httpNodeMiddleware": "code that answers before the flows",
    "httpNodeCors": "other web sites may use the endpoints",
    "httpStaticCors": "other web sites may read the published files",
    "httpStaticRoot": "where files are published",
    "httpRoot": "where Node-RED is found",
    "httpAdminRoot": "where the editor is found",
    "httpNodeRoot": "where the endpoints are found",
    "disableEditor": "whether there is an editor",
    "credentialSecret": "what the stored credentials are encrypted with",
    "httpAdminCookieOptions": "the cookies of the editor",
}
_RISKY_WHEN_ON = {
    "externalModules": "what may be installed",
    "functionExternalModules": "what function nodes may load",
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
    if name == "credentialSecret" and now.value is False:
        return Finding(Verdict.CHANGED, Severity.CRITICAL, "the stored credentials are not encrypted")
    if name in _WARNING:
        return Finding(Verdict.CHANGED, Severity.WARNING, _WARNING[name])
    if name in ("editorTheme", "logging"):
        return _mostly_harmless(name, now)
    return Finding(Verdict.EQUAL, Severity.NOTE, _RISKY_WHEN_ON.get(name, ""))


def _mostly_harmless(name: str, now: Setting) -> Finding:
    """A theme may bring scripts, a log handler code; the rest of both is looks and levels."""
    value = now.value if isinstance(now.value, dict) else {}
    page = value.get("page")
    scripts = isinstance(page, dict) and "scripts" in page
    if name == "editorTheme" and (scripts or "theme" in value or "login" in value):
        return Finding(Verdict.CHANGED, Severity.WARNING, "the editor may load foreign scripts")
    return Finding(Verdict.EQUAL, Severity.NOTE)
