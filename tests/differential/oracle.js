// Loads settings files as Node's CommonJS loader would, each in a world of its own, and says what it found.
// One JSON request a line: {"source": …, "env": {…}}. One JSON answer a line: {"settings": {name: source text}} of the
// exported settings right after loading, "later" of those after every timer and handler has run, or {"error": …}.
'use strict';
const vm = require('vm');
const path = require('path');
const CORE = new Set(require('module').builtinModules);
const LIMIT = 500; // milliseconds

function world(env) {
    const later = [];
    const timer = (call) => { later.push(call); return { unref() {}, ref() {} }; };
    const sandbox = {
        console: { log() {}, info() {}, warn() {}, error() {}, debug() {} },
        setTimeout: timer, setInterval: timer, setImmediate: timer, queueMicrotask: timer,
        clearTimeout() {}, clearInterval() {}, clearImmediate() {},
        URL, URLSearchParams, TextEncoder, TextDecoder, structuredClone,
    };
    sandbox.global = sandbox;
    const context = vm.createContext(sandbox);
    const inside = vm.runInContext('({ parse: JSON.parse, Object })', context);
    const process = inside.parse('{}');
    Object.assign(process, {
        env: Object.assign(inside.parse('{}'), env), platform: 'linux', version: 'v20.0.0', versions: { node: '20.0.0' },
        argv: ['node', 'red.js'], cwd: () => '/cwd', pid: 1, nextTick: (call, ...rest) => later.push(() => call(...rest)),
        exit() { throw new Exit(); }, on(_, call) { later.push(call); return process; },
        once(_, call) { later.push(call); return process; }, emitWarning() {}, uptime: () => 1, hrtime: () => [0, 0],
    });
    sandbox.process = process;
    return { context, later, process };
}

class Exit extends Error {}
class FileOf {
    constructor(name, options) { this.args = options === undefined ? [name] : [name, options]; }
    toString() { return this; }
}

function requirer(module) {
    const stubs = {
        fs: { readFileSync: (name, options) => new FileOf(name, options), existsSync: () => false, writeFileSync() {} },
        path: Object.assign({}, path.posix), os: { hostname: () => 'host', EOL: '\n' },
        util: Object.assign({}, require('util')), url: Object.assign({}, require('url')),
    };
    const require_ = (name) => {
        const plain = String(name).replace(/^node:/, '');
        if (stubs[plain]) return stubs[plain];
        if (plain === 'module') return { _load() {}, prototype: {} };
        if (CORE.has(plain)) return {};
        const error = new Error(`Cannot find module '${name}'`);
        error.code = 'MODULE_NOT_FOUND';
        throw error;
    };
    require_.cache = { '/dir/settings.js': module };
    require_.main = module;
    require_.resolve = (name) => name;
    return require_;
}

function load({ source, env }) {
    const { context, later, process } = world(env || {});
    if (source.charCodeAt(0) === 0xfeff) source = source.slice(1);
    const names = ['exports', 'require', 'module', '__filename', '__dirname'];
    const compiled = vm.compileFunction(source, names, { parsingContext: context, filename: '/dir/settings.js' });
    const module = vm.runInContext('({ exports: {}, id: ".", loaded: false, children: [], paths: [] })', context);
    const require_ = requirer(module);
    process.mainModule = module;
    module.require = require_;
    context.__run = () => compiled.call(module.exports, module.exports, require_, module, '/dir/settings.js', '/dir');
    const known = new Set(Object.keys(context));
    vm.runInContext('__run()', context, { timeout: LIMIT });
    // Strict code can't make a global variable, but in a vm context Node lets it.
    if (/^\s*['"]use strict['"]/.test(source) && Object.keys(context).some((name) => !known.has(name))) {
        throw new ReferenceError('a global variable in strict code');
    }
    const settings = report(module.exports);
    for (let i = 0; i < later.length && i < 50; i++) {
        context.__later = () => later[i]();
        try { vm.runInContext('__later()', context, { timeout: LIMIT }); } catch (error) { /* a handler that fails */ }
    }
    return { settings, later: report(module.exports) };
}

function report(exported) {
    if (exported === null || exported === undefined) throw new TypeError('exports nothing');
    const found = {};
    for (const name of NAMES) {
        let text;
        try { text = write(exported[name], 0); } catch (error) { text = null; }
        found[name] = text === undefined ? null : text;
    }
    return found;
}

let budget = 0; // values that one text may hold: settings may be cyclic

// Source text that means the same as `value`; null where no text can.
function write(value, depth) {
    if (depth > 40 || (depth === 0 ? (budget = 2000) : --budget) < 0) return null;
    switch (typeof value) {
    case 'undefined': return 'undefined';
    case 'number': return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean': return String(value);
    case 'string': return JSON.stringify(value);
    case 'object': break;
    default: return null;
    }
    if (value === null) return 'null';
    if (value instanceof FileOf) return writeFile(value, depth);
    if (Array.isArray(value) && Object.keys(value).length !== value.length) return null; // holes, or other members
    if (Array.isArray(value)) return writeAll([...value].map((item) => write(item, depth + 1)), '[', ']');
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return null;
    if (Object.getOwnPropertyNames(value).length !== Object.keys(value).length) return null; // hidden members
    const members = Object.keys(value).map((key) => {
        if (Object.getOwnPropertyDescriptor(value, key).get) return null; // calling it may change something
        const text = write(value[key], depth + 1);
        return text === null ? null : `[${JSON.stringify(key)}]: ${text}`;
    });
    if (prototype === null) members.unshift('__proto__: null');
    return writeAll(members, '{', '}');
}

function writeFile(file, depth) {
    const args = file.args.map((arg) => {
        if (typeof arg === 'string' && arg.startsWith('/dir/')) return `__dirname + ${JSON.stringify(arg.slice(4))}`;
        return write(arg, depth + 1);
    });
    return writeAll(args, "require('fs').readFileSync(", ')');
}

function writeAll(texts, open, close) {
    return texts.includes(null) ? null : open + texts.join(', ') + close;
}

process.on('unhandledRejection', () => {}); // an import(), or a promise that nobody waits for
process.on('uncaughtException', () => {});
const NAMES = JSON.parse(process.argv[2]);
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
    let answer;
    try {
        answer = load(JSON.parse(line));
    } catch (error) {
        answer = { error: error instanceof Exit ? 'exit' : String(error && error.name), what: String(error && error.message) };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
});
