"""Plain changes of settings.js (node-red-facts.md, section 2)."""

from __future__ import annotations

from tests.attacks.row import HASHES, INTRUDER, OTTO, USERS, File, Row, admin, basic, user

BOTH = ("read", "write")
FOUND = ("setting",)
ANYBODY = 'name => Promise.resolve({username: name, permissions: "*"})'
OPEN_MODULE = "module.exports = {type: 'credentials', users: [], default: () => Promise.resolve({permissions: '*'})}\n"

_EDITOR = (
    Row(id="login-removed", does="removes adminAuth", settings={"adminAuth": None}, open=BOTH, found=FOUND),
    Row(id="login-null", does="sets adminAuth to null", settings={"adminAuth": "null"}, open=BOTH, found=FOUND),
    Row(id="login-false", does="sets adminAuth to false", settings={"adminAuth": "false"}, open=BOTH, found=FOUND),
    Row(id="login-zero", does="sets adminAuth to 0", settings={"adminAuth": "0"}, open=BOTH, found=FOUND),
    Row(id="login-empty-text", does='sets adminAuth to ""', settings={"adminAuth": '""'}, open=BOTH, found=FOUND),
    Row(
        id="login-undefined", does="sets adminAuth to undefined",
        settings={"adminAuth": "undefined"}, open=BOTH, found=FOUND,
    ),
    Row(
        id="login-commented", does="comments adminAuth out",
        settings={"adminAuth": None, "/* adminAuth": f"{admin(*USERS)} */ x: 0"}, open=BOTH, found=FOUND,
    ),
    Row(
        id="default-all", does='adds a default user with permissions "*"',
        settings={"adminAuth": admin(*USERS, more='default: {permissions: "*"}, ')}, open=BOTH, found=FOUND,
    ),
    Row(
        id="default-all-list", does='adds a default user with permissions ["*"]',
        settings={"adminAuth": admin(*USERS, more='default: {permissions: ["*"]}, ')}, open=BOTH, found=FOUND,
    ),
    Row(
        id="default-write", does='adds a default user with permissions ["flows.write"]',
        settings={"adminAuth": admin(*USERS, more='default: {permissions: ["flows.write"]}, ')},
        open=("write",), found=FOUND,
    ),
    Row(
        id="default-read", does='adds a default user with permissions "read"',
        settings={"adminAuth": admin(*USERS, more='default: {permissions: "read"}, ')}, open=("read",), found=FOUND,
    ),
    Row(
        id="default-flows-read", does='adds a default user with permissions ["flows.read"]',
        settings={"adminAuth": admin(*USERS, more='default: {permissions: ["flows.read"]}, ')},
        open=("read",), found=FOUND,
    ),
    Row(
        id="default-function", does="adds a default user by a function",
        settings={"adminAuth": admin(*USERS, more='default: () => Promise.resolve({permissions: "*"}), ')},
        open=BOTH, found=FOUND,
    ),
    Row(
        id="own-hash", does="puts a strong hash of their own under a known name",
        settings={"adminAuth": admin(user("anna", password=HASHES["mallory"]))},
        login=("anna", INTRUDER[1]), open=("login",), found=FOUND,
    ),
    Row(
        id="own-user", does="adds a user of their own",
        settings={"adminAuth": admin(*USERS, user("mallory"))}, login=INTRUDER, open=("login",), found=FOUND,
    ),
    Row(
        id="promoted", does="gives a user who may only read all permissions",
        settings={"adminAuth": admin(user("anna"), user("otto"))}, login=OTTO, open=("login",), found=FOUND,
    ),
    Row(
        id="authenticate", does="lets a function check passwords",
        settings={"adminAuth": f'{{type: "credentials", users: {ANYBODY}, authenticate: {ANYBODY}}}'},
        login=("nobody", "anything"), open=("login",), found=FOUND,
    ),
    Row(
        id="token-function", does="adds a function that takes tokens",
        settings={"adminAuth": admin(*USERS, more='tokens: async token => ({username: "anna", permissions: "*"}), ')},
        token="anything", open=("token",), found=FOUND,
    ),
    Row(
        id="token-list", does="adds a list of tokens",
        settings={"adminAuth": admin(*USERS, more='tokens: [{token: "t0", user: "anna", scope: "*"}], ')},
        token="t0", open=("token",), found=FOUND,
    ),
    Row(
        id="login-module", does="moves adminAuth into a file of their own",
        settings={"adminAuth": 'require("./auth.js")'}, steps=(File("auth.js", OPEN_MODULE),), open=BOTH, found=FOUND,
    ),
    Row(
        id="login-locked", does="sets adminAuth to {}, which locks everybody out",
        settings={"adminAuth": "{}"}, found=FOUND,
    ),
    Row(
        id="no-users", does="empties the list of users, which locks everybody out",
        settings={"adminAuth": admin()}, found=FOUND,
    ),
    Row(
        id="plain-password", does="replaces a hash by the password itself, which locks that user out",
        settings={"adminAuth": admin(user("anna", password="intruder"))}, found=FOUND,
    ),
    Row(
        id="no-password", does="leaves a user without a password: one POST then ends Node-RED 4 and 5",
        settings={"adminAuth": admin('{username: "anna", permissions: "*"}')}, found=FOUND,
    ),
    Row(
        id="long-sessions", does="lets sessions live for a hundred years",
        settings={"adminAuth": admin(*USERS, more="sessionExpiryTime: 3153600000, ")}, found=FOUND,
    ),
    Row(
        id="legacy-basic", does="replaces adminAuth by the legacy httpAdminAuth, which leaves /comms open",
        settings={"adminAuth": None, "httpAdminAuth": basic("house")}, found=FOUND,
    ),
)  # fmt: skip

_AROUND_IT = (
    Row(
        id="nodes-login-removed", does="removes httpNodeAuth",
        settings={"httpNodeAuth": None}, open=("endpoints",), found=FOUND,
    ),
    Row(
        id="nodes-login-null", does="sets httpNodeAuth to null",
        settings={"httpNodeAuth": "null"}, open=("endpoints",), found=FOUND,
    ),
    Row(
        id="nodes-login-other", does="puts another login into httpNodeAuth",
        settings={"httpNodeAuth": basic("mallory")}, found=FOUND,
    ),
    Row(
        id="nodes-login-md5", does="replaces the hash in httpNodeAuth by an MD5",
        settings={"httpNodeAuth": basic("house", "5f4dcc3b5aa765d61d8327deb882cf99")}, found=FOUND,
    ),
    Row(
        id="nodes-login-function", does="makes httpNodeAuth a function that lets everybody through",
        settings={"httpNodeAuth": "(request, response, next) => next()"},
        open=("endpoints",), differs={"3": ("down",)}, found=FOUND,
    ),
    Row(
        id="static-login-removed", does="removes httpStaticAuth",
        settings={"httpStaticAuth": None}, open=("static",), found=FOUND,
    ),
    Row(
        id="static-more", does="publishes the user directory, with its credentials, as static files",
        settings={"httpStatic": '[{path: __dirname, root: "/files/"}]'}, found=FOUND,
    ),
    Row(id="tls-removed", does="removes https", tls=True, settings={"https": None, "requireHttps": None},
        open=("plain",), found=FOUND),
    Row(id="tls-null", does="sets https to null", tls=True, settings={"https": "null", "requireHttps": "false"},
        open=("plain",), found=FOUND),
    Row(id="tls-nothing", does="makes https a function that gives nothing: the log still says https://", tls=True,
        settings={"https": "() => null", "requireHttps": None}, open=("plain",), found=FOUND),
    Row(id="tls-optional", does="sets requireHttps to false", tls=True, settings={"requireHttps": "false"},
        found=FOUND),
    Row(id="tls-text", does='sets requireHttps to "true", which Node-RED ignores', tls=True,
        settings={"requireHttps": '"true"'}, found=FOUND),
    Row(id="to-network", does="removes uiHost, so that the network reaches Node-RED",
        settings={"uiHost": None}, open=("network",), found=FOUND),
    Row(id="to-network-4", does='sets uiHost to "0.0.0.0"',
        settings={"uiHost": '"0.0.0.0"'}, open=("network",), found=FOUND),
    Row(id="to-network-6", does='sets uiHost to "::"', settings={"uiHost": '"::"'}, open=("network",), found=FOUND),
    Row(id="known-port", does="moves Node-RED to the port that every scanner tries",
        settings={"uiPort": "1880"}, port=1880, found=FOUND),
    Row(id="admin-moved-open", does="moves the editor to another path and removes adminAuth",
        settings={"httpAdminRoot": '"/hidden"', "adminAuth": None}, root="/hidden", open=BOTH, found=FOUND),
    Row(id="nodes-moved", does="moves the HTTP endpoints to another path",
        settings={"httpNodeRoot": '"/open/"'}, found=FOUND),
    Row(id="no-encryption", does="turns the encryption of stored credentials off",
        settings={"credentialSecret": "false"}, found=FOUND),
    Row(id="editor-script", does="loads a script of their own into the editor's page",
        settings={"editorTheme": '{page: {scripts: __dirname + "/steal.js"}}'},
        steps=(File("steal.js", "// reads what is typed\n"),), found=FOUND),
    Row(id="no-editor", does="sets disableEditor, which also ends the redirect of requireHttps", tls=True,
        settings={"disableEditor": "true"}, found=FOUND),
)  # fmt: skip

_HARMLESS = (
    Row(id="other-logging", does="(harmless) changes the level of the log",
        settings={"logging": '{console: {level: "warn"}}'}, harmless=True),
    Row(id="comment", does="(harmless) adds a comment that looks like an attack",
        before="// adminAuth: null, module.exports = {}\n", harmless=True),
    Row(id="other-quotes", does="(harmless) writes the same settings in another way",
        settings={"uiHost": "'127.0.0.1'", '"adminAuth"': admin(*USERS), "adminAuth": None}, harmless=True),
)  # fmt: skip

ROWS = _EDITOR + _AROUND_IT + _HARMLESS
