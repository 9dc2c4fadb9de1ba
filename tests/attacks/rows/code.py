"""Settings that are right to the eye, and code that undoes them (node-red-facts.md, section 3)."""

from __future__ import annotations

from tests.attacks.row import SECURED, USERS, File, Row, admin

BOTH = ("read", "write")
FOUND = ("setting", "file")
EVIL_NODE = """module.exports = function(RED) {
    RED.httpAdmin.get("/backdoor", (request, response) => response.send("backdoor"));
    RED.nodes.registerType("evil", function(config) { RED.nodes.createNode(this, config); });
};
"""
EVIL_PAGE = '<script type="text/javascript">RED.nodes.registerType("evil", {category: "x", defaults: {}})</script>\n'
NODE_FILES = (File("nodes/evil.js", EVIL_NODE), File("nodes/evil.html", EVIL_PAGE))

ROWS = (
    Row(id="deleted-later", does="deletes adminAuth after the object", after="delete module.exports.adminAuth\n",
        open=BOTH, found=FOUND),
    Row(id="set-later", does="sets adminAuth to null after the object", after="module.exports.adminAuth = null\n",
        open=BOTH, found=FOUND),
    Row(id="set-by-path", does="sets it through a computed name", after='module.exports["admin" + "Auth"] = null\n',
        open=BOTH, found=FOUND),
    Row(id="given-twice", does="gives adminAuth a second time: the last one counts",
        settings={'"adminAuth"': "null"}, open=BOTH, found=FOUND),
    Row(id="escaped-name", does="gives it a second time, its name written with an escape",
        settings={'"adminAut\\u0068"': "null"}, open=BOTH, found=FOUND),
    Row(id="computed-name", does="gives it a second time under a computed name",
        settings={'["admin" + "Auth"]': "null"}, open=BOTH, found=FOUND),
    Row(id="spread", does="spreads an object with adminAuth: null over the settings",
        before="const more = {adminAuth: null}\n", settings={"...more, x": "0"}, open=BOTH, found=FOUND),
    Row(id="assigned", does="merges with Object.assign", after="Object.assign(module.exports, {adminAuth: null})\n",
        open=BOTH, found=FOUND),
    Row(id="getter", does="turns adminAuth into a getter", settings={"adminAuth": None, "get adminAuth() {}, x": "0"},
        open=BOTH, found=FOUND),
    Row(id="defined", does="redefines it with Object.defineProperty",
        after='Object.defineProperty(module.exports, "adminAuth", {value: null})\n',
        open=BOTH, found=FOUND),
    Row(id="timer", does="unsets it by a timer while Node-RED starts",
        after="setTimeout(() => { module.exports.adminAuth = null }, 100)\n", open=BOTH, found=FOUND),
    Row(id="listener", does="unsets it when the process says something",
        after='process.once("newListener", () => { module.exports.adminAuth = null })\n', open=BOTH, found=FOUND),
    Row(id="conditional", does="asks for a login only where an environment variable is set",
        settings={"adminAuth": f"process.env.SAFE ? {admin(*USERS)} : null"}, open=BOTH, found=("setting", "login")),
    Row(id="other-exports", does="exports another object at the end", after="module.exports = {uiPort: 18880}\n",
        open=(*BOTH, "network"), found=FOUND),
    Row(id="returned", does="returns before the settings are exported",
        before="module.exports = {uiPort: 18880}; return\n",
        open=(*BOTH, "network"), found=FOUND),
    Row(id="module-wrapper", does="lets another file export the settings",
        text='module.exports = require("./real.js")\n',
        steps=(File("real.js", 'module.exports = {uiPort: 18880, uiHost: "127.0.0.1"}\n'),), open=BOTH, found=FOUND),
    Row(id="required", does="loads a file that changes the settings from outside",
        before='require("./helper.js")\n',
        steps=(File("helper.js", "setTimeout(() => { require('./settings.js').adminAuth = null }, 100)\n"),),
        open=BOTH, found=FOUND),
    Row(id="prototype", does="puts adminAuth on Object's prototype and takes it out of the settings",
        after='delete module.exports.adminAuth\nObject.defineProperty(Object.prototype, "adminAuth", {value: null})\n',
        open=BOTH, found=FOUND),
    Row(id="own-prototype", does="(harmless) moves adminAuth into __proto__, where Node-RED finds it all the same",
        settings={"adminAuth": None, "__proto__": f"{{adminAuth: {SECURED['adminAuth']}}}"}, harmless=True),
    Row(id="html-comment", does="hides the login behind a comment that only browsers and V8 know",
        before="<!-- nothing to see\n", after="module.exports.adminAuth = null\n", open=BOTH, found=FOUND),
    Row(id="line-separator", does="hides code in what looks like one comment line",
        after="// fine\u2028module.exports.adminAuth = null\n", open=BOTH, found=FOUND),
    Row(id="eval", does="unsets it in a text that is evaluated",
        after='eval("module.exports." + "adminAuth = null")\n', open=BOTH, found=FOUND),
    Row(id="patched-express", does="patches Node's HTTP server so that a header gets in",
        before='const http = require("http"), real = http.Server.prototype.emit\n'
        'http.Server.prototype.emit = function(event, request, response) {\n'
        '    if (event === "request" && request.url === "/backdoor") return response.end("backdoor")\n'
        "    return real.apply(this, arguments)\n}\n",
        route="/backdoor", open=("route",), found=FOUND),
    Row(id="admin-middleware", does="answers a path of their own in httpAdminMiddleware, which runs before the login",
        settings={"httpAdminMiddleware": '(request, response, next) => request.path === "/backdoor" '
                  '? response.send("backdoor") : next()'},
        route="/backdoor", open=("route",), found=FOUND),
    Row(id="node-middleware", does="answers every endpoint in httpNodeMiddleware",
        settings={"httpNodeMiddleware": '(request, response) => response.send("backdoor")'}, found=FOUND),
    Row(id="static-middleware", does="answers static files by a function of their own, before the login",
        settings={"httpStatic": '[{path: __dirname + "/public", root: "/files/", '
                  'middleware: (request, response) => response.send("backdoor")}]'}, found=FOUND),
    Row(id="nodes-folder", does="loads nodes from a folder of their own", settings={"nodesDir": '__dirname + "/more"'},
        steps=(File("more/evil.js", EVIL_NODE), File("more/evil.html", EVIL_PAGE)),
        route="/backdoor", open=("route",), found=FOUND),
    Row(id="log-handler", does="brings code in as a log handler",
        settings={"logging": '{evil: {level: "info", '
                  'handler: () => { module.exports.adminAuth = null; return () => {} }}}'},
        open=BOTH, found=FOUND),
    Row(id="context-module", does="brings code in as a context store",
        settings={"contextStorage": '{default: {module: require("./store.js")}}'},
        steps=(File("store.js", "setTimeout(() => { require('./settings.js').adminAuth = null }, 100)\n"
                    "const f = async () => {}\nmodule.exports = () => "
                    "({open: f, close: f, get: f, set: f, keys: f, delete: f, clean: f})\n"),),
        open=BOTH, found=FOUND),
)  # fmt: skip
