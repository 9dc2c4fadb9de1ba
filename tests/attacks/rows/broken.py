"""A settings.js that is gone, is no plain file, or does not load (node-red-facts.md, section 3)."""

from __future__ import annotations

from tests.attacks.row import SECURED, Fifo, File, Gone, Link, Mode, Moved, Row

BOTH = ("read", "write")
OPEN = (*BOTH, "network")  # by the defaults
STOCK = (*OPEN, "endpoints")  # by the stock file, which names the same flow file as these settings do
FOUND = ("setting", "file")
DOWN = ("down",)
INSTEAD = 'module.exports = {uiPort: 18880, uiHost: "127.0.0.1"}\n'

ROWS = (
    Row(id="deleted", does="deletes settings.js: the next start copies the stock file, which is open",
        steps=(Gone("settings.js"),), port=1880, open=STOCK, found=FOUND),
    Row(id="moved-away", does="moves settings.js away", steps=(Moved("settings.js", "settings.old"),), port=1880,
        open=STOCK, found=FOUND),
    Row(id="dangling", does="leaves a link that leads nowhere",
        steps=(Gone("settings.js"), Link("settings.js", "nowhere.js")), port=1880, open=STOCK, found=FOUND),
    Row(id="linked", does="makes settings.js a link to a file of their own",
        steps=(File("own.js", INSTEAD), Gone("settings.js"), Link("settings.js", "own.js")), open=BOTH, found=FOUND),
    Row(id="linked-same", does="makes settings.js a link to the very same text, to be changed later",
        steps=(Moved("settings.js", "own.js"), Link("settings.js", "own.js")), found=FOUND),
    Row(id="hard-link", does="gives settings.js a second name, to write through later",
        steps=(Link("second.js", "settings.js", hard=True),), found=("place", "file")),
    Row(id="writable", does="lets everybody write settings.js", steps=(Mode("settings.js", 0o666),),
        found=("place",)),
    Row(id="folder-writable", does="lets everybody write the user directory", steps=(Mode(".", 0o777),),
        found=("place",)),
    Row(id="directory", does="puts a directory with an open index.js in place of settings.js",
        steps=(Gone("settings.js"), File("settings.js/index.js", INSTEAD)), open=BOTH, found=FOUND),
    Row(id="directory-empty", does="puts an empty directory in place of settings.js",
        steps=(Gone("settings.js"), File("settings.js/readme.txt", "")), open=DOWN, found=FOUND),
    Row(id="fifo", does="puts a FIFO in place of settings.js", steps=(Gone("settings.js"), Fifo("settings.js")),
        open=DOWN, found=FOUND),
    Row(id="empty", does="empties settings.js", text="", port=1880, open=OPEN, found=FOUND),
    Row(id="only-comment", does="leaves nothing but a comment", text="// nothing\n", port=1880, open=OPEN, found=FOUND),
    Row(id="exports-typo", does="exports nothing, by a typing mistake",
        text='exports = {adminAuth: {type: "credentials", users: []}}\n', port=1880, open=OPEN, found=FOUND),
    Row(id="exports-function", does="exports a function", text="module.exports = () => ({})\n", port=1880, open=OPEN,
        found=FOUND),
    Row(id="exports-null", does="exports null", text="module.exports = null\n", open=DOWN, found=FOUND),
    Row(id="syntax", does="leaves a syntax error", after="}\n", open=DOWN, found=FOUND),
    Row(id="missing-comma", does="forgets a comma", text='module.exports = {uiPort: 18880 uiHost: "127.0.0.1"}\n',
        open=DOWN, found=FOUND),
    Row(id="missing-module", does="loads a module that is not there", before='require("./missing.js")\n', open=DOWN,
        found=FOUND),
    Row(id="esm", does="writes it as an ES module", text="export default {uiPort: 18880}\n", open=DOWN, found=FOUND),
    Row(id="throws", does="throws an error when it is loaded", before='throw new Error("no")\n', open=DOWN,
        found=FOUND),
    Row(id="key-gone", does="names a key file that is not there", tls=True,
        settings={"https": '{key: require("fs").readFileSync(__dirname + "/gone.pem"), cert: ""}'}, open=DOWN,
        found=FOUND),
    Row(id="tls-rejects", does="makes https a function that fails: Node-RED ends with status 0", tls=True,
        settings={"https": '() => Promise.reject(new Error("no"))'}, open=DOWN, found=FOUND),
    Row(id="tls-true", does="sets https to true", tls=True, settings={"https": "true"}, open=DOWN, found=FOUND),
    Row(id="tls-empty", does="sets https to {}: every handshake fails", tls=True, settings={"https": "{}"},
        found=FOUND),
    Row(id="basic-broken", does="leaves the hash out of httpNodeAuth: Node-RED ends with status 0",
        settings={"httpNodeAuth": '{user: "house"}'}, open=DOWN, found=FOUND),
    Row(id="user-null", does="puts null into the list of users",
        settings={"adminAuth": '{type: "credentials", users: [null]}'}, open=DOWN, found=FOUND),
    Row(id="strategy-missing", does="asks for a login by a strategy that is not given",
        settings={"adminAuth": '{type: "strategy"}'}, open=DOWN, found=FOUND),
    Row(id="port-text", does='sets uiPort to "abc"', settings={"uiPort": '"abc"'}, open=DOWN, found=FOUND),
    Row(id="port-large", does="sets uiPort to 99999", settings={"uiPort": "99999"}, open=DOWN, found=FOUND),
    Row(id="address-foreign", does="sets uiHost to an address that this computer does not have",
        settings={"uiHost": '"198.51.100.1"'}, open=DOWN, found=FOUND),
    Row(id="line-ends", does="(harmless) saves it with a BOM and Windows line ends",
        text="\ufeffmodule.exports = {\r\n"
        + ",\r\n".join(f"    {name}: {source}" for name, source in SECURED.items()) + "\r\n}\r\n", harmless=True),
    Row(id="put-back", does="removes adminAuth, lets Node-RED start, and puts it back: the file is right again",
        settings={"adminAuth": None}, put_back=True, open=BOTH, found=("stranger",)),
    Row(id="not-restarted", does="removes adminAuth from the file of a running Node-RED, which goes on as it is",
        settings={"adminAuth": None}, live=True, found=FOUND),
    Row(id="deleted-live", does="deletes the file of a running Node-RED: open from the next start on",
        steps=(Gone("settings.js"),), live=True, found=FOUND),
)  # fmt: skip
