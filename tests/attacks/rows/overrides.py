"""What overrides a settings.js that nobody has touched (node-red-facts.md, sections 4 and 5)."""

from __future__ import annotations

from tests.attacks.row import HASHES, INTRUDER, File, Gone, Row

BOTH = ("read", "write")
WIRE = ("stranger", "override", "settings_file", "preload")
PROVENANCE = ("override", "settings_file", "port")
OTHER = 'module.exports = {uiPort: 18880, uiHost: "127.0.0.1"}\n'
HOOK = """const Module = require("module"), load = Module._load
Module._load = function(request) {
    const loaded = load.apply(this, arguments)
    if (/settings\\.js$/.test(request) && loaded && loaded.adminAuth) loaded.adminAuth = null
    return loaded
}
"""
NULLS = '{"adminAuth": null, "httpNodeAuth": null, "httpStaticAuth": null}\n'


def defined(id_: str, setting: str, open_: tuple[str, ...], *, tls: bool = False, found: tuple[str, ...] = WIRE) -> Row:
    return Row(id=id_, does=f"starts it with -D {setting}", options=("-D", setting), open=open_, tls=tls, found=found)


ROWS = (
    defined("d-login-null", "adminAuth=null", BOTH),
    defined("d-login-false", "adminAuth=false", BOTH),
    Row(id="define-login-null", does="starts it with --define=adminAuth=null", options=("--define=adminAuth=null",),
        open=BOTH, found=WIRE),
    defined("d-default-path", "adminAuth.default.permissions=*", BOTH),
    defined("d-default-object", 'adminAuth.default={"permissions":"*"}', BOTH),
    defined("d-default-read", 'adminAuth.default={"permissions":"read"}', ("read",)),
    Row(id="d-password", does="starts it with -D adminAuth.users[0].password=HASH",
        options=("-D", f"adminAuth.users[0].password={HASHES['mallory']}"), login=("anna", INTRUDER[1]),
        open=("login",), found=PROVENANCE),
    defined("d-nodes", "httpNodeAuth=null", ("endpoints",)),
    defined("d-static", "httpStaticAuth=null", ("static",)),
    Row(id="d-tls", does="starts it with -D https=null -D requireHttps=false", tls=True,
        options=("-D", "https=null", "-D", "requireHttps=false"), open=("plain",), found=WIRE),
    Row(id="d-tls-required", does="starts it with -D https=null: the redirect can be talked past", tls=True,
        options=("-D", "https=null"), open=("plain",), found=WIRE),
    defined("d-host", "uiHost=0.0.0.0", ("network",), found=PROVENANCE),
    Row(id="d-port", does="starts it with -D uiPort=1880", options=("-D", "uiPort=1880"), port=1880,
        found=PROVENANCE),
    Row(id="d-file", does="starts it with -D @FILE, which sets every login to null",
        options=("-D", "@@HOME@/nulls.json"), steps=(File("nulls.json", NULLS),),
        open=(*BOTH, "endpoints", "static"), found=WIRE),
    Row(id="d-broken", does="starts it with -D adminAuth= , which it refuses", options=("-D", "adminAuth="),
        open=("down",), found=()),
    Row(id="p-port", does="starts it with -p 1880", options=("-p", "1880"), port=1880, found=PROVENANCE),
    Row(id="d-put-back", does="starts it with -D adminAuth=null and takes that out of the environment file again",
        options=("-D", "adminAuth=null"), put_back=True, open=BOTH, found=("stranger",)),
    Row(id="s-other", does="starts it with -s and another settings file", options=("-s", "@HOME@/other.js"),
        steps=(File("other.js", OTHER),), open=BOTH, found=WIRE),
    Row(id="u-other", does="starts it with -u and another user directory, open", options=("-u", "@AWAY@"),
        steps=(File("@AWAY@/settings.js", OTHER),), open=BOTH, found=WIRE),
    Row(id="u-empty", does="starts it with -u and an empty user directory: open by the stock file",
        options=("-u", "@AWAY@"),
        port=1880, open=(*BOTH, "network"), found=PROVENANCE),
    Row(id="home", does="starts it with another HOME and no -u",
        environment={"HOME": "@AWAY@"}, steps=(File("@AWAY@/.node-red/settings.js", OTHER),), open=BOTH, found=WIRE),
    Row(id="node-red-home", does="points NODE_RED_HOME to another settings.js",
        environment={"NODE_RED_HOME": "@AWAY@"},
        steps=(File("@AWAY@/.config.json", "{}"), File("@AWAY@/settings.js", OTHER)), open=BOTH, found=WIRE),
    Row(id="homepath", does="points HOMEPATH to another settings.js",
        environment={"HOMEPATH": "@AWAY@"},
        steps=(File("@AWAY@/.node-red/.config.json", "{}"), File("@AWAY@/.node-red/settings.js", OTHER)),
        open=BOTH, found=WIRE),
    Row(id="node-options", does="lets NODE_OPTIONS load code first",
        environment={"NODE_OPTIONS": "--require @HOME@/hook.js"},
        steps=(File("hook.js", HOOK),), open=BOTH, found=WIRE),
    Row(id="inspector", does="lets NODE_OPTIONS open the debugger, which runs any code",
        environment={"NODE_OPTIONS": "--inspect=127.0.0.1:9229"}, found=("inspector", *PROVENANCE)),
    Row(id="safe-mode", does="starts it with --safe: no flow runs, and the login stays", options=("--safe",),
        found=(), harmless=True),
    Row(id="projects", does="(harmless) sets NODE_RED_ENABLE_PROJECTS",
        environment={"NODE_RED_ENABLE_PROJECTS": "true"},
        harmless=True),
    Row(id="port-variable", does="(harmless) sets PORT, which these settings do not read",
        environment={"PORT": "1880"}, harmless=True),
    Row(id="cwd-settings", does="(harmless) puts a settings.js into the working directory",
        steps=(File("../settings.js", OTHER),), harmless=True),
    Row(id="config-files", does="(harmless) writes adminAuth into Node-RED's own configuration files",
        steps=(File(".config.runtime.json", '{"adminAuth": null}'), File("settings.json", '{"adminAuth": null}')),
        harmless=True),
    Row(id="gone-and-s", does="deletes settings.js and starts it with -s and another one",
        steps=(File("other.js", OTHER), Gone("settings.js")), options=("-s", "@HOME@/other.js"), open=BOTH,
        found=("file", "setting")),
)  # fmt: skip
