// Loads settings files as Node-RED would, one JSON line in, one out. Its modules are stand-ins: nothing is touched.
"use strict";
const readline = require("readline");
const vm = require("vm");
const path = require("path");

function standIn(name) {
    const said = (what) => (...given) => `${name}.${what}(${given.map(String).join(", ")})`;
    if (name.replace("node:", "") === "path") return path;
    return new Proxy(function () {}, {
        get: (_, key) => (typeof key === "symbol" || key === "toJSON" ? undefined : said(String(key))),
        apply: (_, self, given) => `${name}(${given.map(String).join(", ")})`,
    });
}

function plain(value, seen = []) {
    if (typeof value === "function") return { function: String(value) };
    if (typeof value === "number" && !Number.isFinite(value)) return { number: String(value) };
    if (value === undefined) return { undefined: true };
    if (typeof value === "bigint" || typeof value === "symbol") return { [typeof value]: String(value) };
    if (value === null || typeof value !== "object") return value;
    if (seen.includes(value)) return { circular: true };
    if (Array.isArray(value)) return value.map((item) => plain(item, [...seen, value]));
    if (Object.prototype.toString.call(value) === "[object RegExp]") return { regexp: String(value) };
    return Object.fromEntries(Object.keys(value).map((key) => [key, plain(value[key], [...seen, value])]));
}

function load({ source, env }) {
    const module = { exports: {} };
    const process = { env, platform: "linux", argv: [], versions: { node: "20.0.0" }, cwd: () => "/home/nodered" };
    const context = vm.createContext({ process, console: {}, setTimeout() {}, setInterval() {}, Buffer });
    const text = source.replace(/^\ufeff/, "").replace(/^#!.*/, "");
    const wrapped = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
    const run = vm.runInContext(wrapped, context, { filename: "settings.js", timeout: 2000 });
    run.call(module.exports, module.exports, standIn, module, "/home/nodered/.node-red/settings.js", "/home/nodered/.node-red");
    return plain(module.exports);
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
    let answer;
    try {
        answer = { loaded: load(JSON.parse(line)) };
    } catch (error) {
        answer = { error: String(error) };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
});
