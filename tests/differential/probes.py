# ruff: noqa: E501 - each entry is one line of somebody's file
"""Lines that take the login away by way of a corner of the language: each must be followed to the letter, or not at all."""

from __future__ import annotations

PROBES = r"""
var m = module; m = { exports: m.exports }; m.exports.adminAuth = null;
var {exports: {adminAuth: a}} = module; module.exports.adminAuth = a && null;
module.exports.adminAuth = Object.freeze(null);
Object.freeze(module.exports); module.exports = { ...module.exports, adminAuth: null };
(module.exports = { __proto__: module.exports }).adminAuth = null;
module.exports = { __proto__: module.exports, adminAuth: null };
module.exports = { __proto__: module.exports }; Object.getPrototypeOf(module.exports).adminAuth = null;
module.exports = { __proto__: module.exports }; module.exports.__proto__.adminAuth = null;
module.exports = { __proto__: module.exports }; delete module.exports.__proto__.adminAuth;
module.exports = { __proto__: module.exports }; module.exports.__proto__ = null;
module.exports = Object.create(module.exports); module.exports.adminAuth = null;
const { log } = console; log.call(null, delete module.exports.adminAuth);
let x = { valueOf() { delete module.exports.adminAuth; return 1 } }; x > 0;
let x = { toString() { delete module.exports.adminAuth; return 'y' } }; module.exports[x];
let x = { toString() { return 'adminAuth' } }; module.exports[x] = null;
module.exports[['adminAuth']] = null;
module.exports[[['adminAuth']]] = null;
let k = 'adminauth'.replace('a', 'A').replace('A', 'a').replace('auth', 'Auth'); module.exports[k] = null;
let k = `${'admin'}${'Auth'}`; delete module.exports[k];
for (const [k, v] of Object.entries(module.exports)) if (typeof v === 'object' && v.type) module.exports[k] = null;
for (const k of Object.keys(module.exports).slice(2, 3)) module.exports[k] = null;
Object.keys(module.exports).some((k, i) => i === 2 && (module.exports[k] = null, true));
Object.values(module.exports).find(v => v.users).users = [];
Object.values(module.exports).find(v => v.users).default = { permissions: '*' };
let i = 0; while (i++ < 5) if (i === 3) module.exports.adminAuth = null;
let i = 10; do { if (i === 8) delete module.exports.adminAuth } while (i-- > 5);
l: for (;;) { for (;;) { if (1) break l } } module.exports.adminAuth = null;
switch (3) { case 1: module.exports.uiPort = 1; break; case 3: module.exports.adminAuth = null; case 4: }
switch (3) { default: module.exports.adminAuth = null; break; case 1: }
try { JSON.parse('{') } catch { delete module.exports.adminAuth }
try { undefined.x } catch (e) { if (e) module.exports.adminAuth = null }
try { try { throw 1 } finally { module.exports.adminAuth = null } } catch {}
(() => { try { return 1 } finally { module.exports.adminAuth = null } })();
(function () { if (this === undefined) return; module.exports.adminAuth = null })();
(function () { 'use strict'; if (this !== undefined) return; module.exports.adminAuth = null })();
(() => { if (this === exports) module.exports.adminAuth = null })();
(function (a, b) { if (b === undefined) module.exports.adminAuth = null })(1);
(function ({ a = module.exports.adminAuth = null }) {})({});
(function (...[m]) { m.adminAuth = null })(module.exports);
((a, b = a) => { b.adminAuth = null })(module.exports);
(({ adminAuth, ...rest }) => { module.exports = rest })(module.exports);
var f = function g() { return g }; f().x = 1; f()() === f && (module.exports.adminAuth = null);
var o = { m: module.exports, get e() { return this.m } }; o.e.adminAuth = null;
var o = { f() { return this } }; o.m = module.exports; o.f().m.adminAuth = null;
var o = { f: () => this }; o.f(); module.exports.adminAuth = (o.f() === exports ? null : 1);
var a = [module.exports]; a[0].adminAuth = null;
var a = [[module.exports]]; var [[b]] = a; b.adminAuth = null;
var a = [, module.exports]; a[1].adminAuth = null;
var { length, [length - 1]: last } = [1, module.exports]; last.adminAuth = null;
var a = Array.of(module.exports); a[0].adminAuth = null;
[module.exports].concat([]).pop().adminAuth = null;
[module.exports].slice().shift().adminAuth = null;
[1, module.exports].reduce((a, b) => b).adminAuth = null;
[module.exports].map(x => x)[0].adminAuth = null;
[[module.exports]].flat()[0].adminAuth = null;
Object.assign([], [module.exports])[0].adminAuth = null;
Object.fromEntries([['a', module.exports]]).a.adminAuth = null;
({ ...{ a: module.exports } }).a.adminAuth = null;
(0, module.exports).adminAuth = null;
(module.exports || 1).adminAuth = null;
(process.env.X ? module.exports : module.exports).adminAuth = null;
(process.env.X || module.exports).adminAuth = null;
(process.env.X ?? module.exports).adminAuth = null;
(process.env.X && 1 || module.exports).adminAuth = null;
module?.exports.adminAuth; module.exports["adminAuth"] &&= void 0;
var u; (u ??= module.exports).adminAuth = null;
var u = module; (u &&= u.exports).adminAuth = null;
eval?.('1');
globalThis.eval('1');
this.constructor.constructor('return 1')();
module.constructor._load('./x');
module.constructor.prototype.require = () => 1;
module.require('./x');
require.main === module && (module.exports.adminAuth = null);
require.main !== module && (module.exports.adminAuth = null);
typeof window === 'undefined' && (module.exports.adminAuth = null);
typeof process === 'object' && (module.exports.adminAuth = null);
typeof require === 'function' && (module.exports.adminAuth = null);
__filename.endsWith('.js') && (module.exports.adminAuth = null);
__dirname && (module.exports.adminAuth = null);
new Date().getFullYear() > 2000 && (module.exports.adminAuth = null);
process.version.startsWith('v') && (module.exports.adminAuth = null);
process.argv.length && (module.exports.adminAuth = null);
/a/.test('a') && (module.exports.adminAuth = null);
'a'.match(/a/) && (module.exports.adminAuth = null);
isFinite(1) && (module.exports.adminAuth = null);
[].length === 0 && (module.exports.adminAuth = null);
(function () {}).length === 0 && (module.exports.adminAuth = null);
(function x() {}).name === 'x' && (module.exports.adminAuth = null);
[] == false && (module.exports.adminAuth = null);
null >= 0 && (module.exports.adminAuth = null);
NaN !== NaN && (module.exports.adminAuth = null);
'b' + 'a' + +'a' + 'a' === 'baNaNa' && (module.exports.adminAuth = null);
0.1 + 0.2 !== 0.3 && (module.exports.adminAuth = null);
1 / -0 < 0 && (module.exports.adminAuth = null);
(2 ** 53 === 2 ** 53 + 1) && (module.exports.adminAuth = null);
~~3.7 === 3 && (module.exports.adminAuth = null);
(1 << 31) < 0 && (module.exports.adminAuth = null);
(-1 >>> 0) > 0 && (module.exports.adminAuth = null);
'\u{1f600}'.length === 2 && (module.exports.adminAuth = null);
'a' < 'b' && (module.exports.adminAuth = null);
'\ud83d' + '\ude00' === '😀' && (module.exports.adminAuth = null);
'Z' < 'a' && (module.exports.adminAuth = null);
'10' < '9' && (module.exports.adminAuth = null);
010 === 8 && (module.exports.adminAuth = null);
'\101' === 'A' && (module.exports.adminAuth = null);
1_0 === 10 && (module.exports.adminAuth = null);
0b11 === 3 && (module.exports.adminAuth = null);
10n === 10n && (module.exports.adminAuth = null);
void 0 === undefined && (module.exports.adminAuth = null);
parseInt('08') === 8 && (module.exports.adminAuth = null);
parseInt('0x1f') === 31 && (module.exports.adminAuth = null);
Number('') === 0 && (module.exports.adminAuth = null);
Number(' \n') === 0 && (module.exports.adminAuth = null);
Number('0b1') === 1 && (module.exports.adminAuth = null);
Number('1_0') !== 10 && (module.exports.adminAuth = null);
String(1e21) === '1e+21' && (module.exports.adminAuth = null);
String(1e-7) === '1e-7' && (module.exports.adminAuth = null);
String(123456789012345680000) === '123456789012345680000' && (module.exports.adminAuth = null);
String([1, [2, null]]) === '1,2,' && (module.exports.adminAuth = null);
String({}) === '[object Object]' && (module.exports.adminAuth = null);
Math.max() === -Infinity && (module.exports.adminAuth = null);
Math.round(-0.5) === 0 && (module.exports.adminAuth = null);
Math.round(2.5) === 3 && (module.exports.adminAuth = null);
Math.round(0.49999999999999994) === 0 && (module.exports.adminAuth = null);
[1, 2, 3].indexOf(2) === 1 && (module.exports.adminAuth = null);
[NaN].includes(NaN) && (module.exports.adminAuth = null);
[NaN].indexOf(NaN) < 0 && (module.exports.adminAuth = null);
'abc'.slice(-2, -1) === 'b' && (module.exports.adminAuth = null);
'abc'.substring(2, 0) === 'ab' && (module.exports.adminAuth = null);
'a,b'.split(',').length === 2 && (module.exports.adminAuth = null);
'aaa'.replace('a', 'b') === 'baa' && (module.exports.adminAuth = null);
'a'.replace('a', '$&$&') === 'aa' && (module.exports.adminAuth = null);
' a '.trim() === 'a' && (module.exports.adminAuth = null);
'İ'.toLowerCase().length === 3 && (module.exports.adminAuth = null);
Object.keys({ b: 1, a: 1, 1: 1 })[0] === '1' && (module.exports.adminAuth = null);
({ a: 1, a: 2 }).a === 2 && (module.exports.adminAuth = null);
'a' in { a: 1 } && (module.exports.adminAuth = null);
'toString' in {} && (module.exports.adminAuth = null);
!('toString' in Object.create(null)) && (module.exports.adminAuth = null);
({}).hasOwnProperty('toString') || (module.exports.adminAuth = null);
!!document_ === 0
require('path').join('a', '..', 'b') === 'b' && (module.exports.adminAuth = null);
require('path').join('/a/', '/b') === '/a/b' && (module.exports.adminAuth = null);
require('path').join('') === '.' && (module.exports.adminAuth = null);
require('path').join('a/') === 'a/' && (module.exports.adminAuth = null);
require('path').join('//a') === '/a' && (module.exports.adminAuth = null);
require('path').resolve('/a', '/b', 'c') === '/b/c' && (module.exports.adminAuth = null);
JSON.parse('{"a":1,"a":2}').a === 2 && (module.exports.adminAuth = null);
JSON.parse('1e3') === 1000 && (module.exports.adminAuth = null);
JSON.parse(' [1] ')[0] === 1 && (module.exports.adminAuth = null);
try { JSON.parse("{'a':1}") } catch (e) { module.exports.adminAuth = null }
try { JSON.parse('01') } catch (e) { module.exports.adminAuth = null }
try { JSON.parse('[1,]') } catch (e) { module.exports.adminAuth = null }
try { JSON.parse('"\t"') } catch (e) { module.exports.adminAuth = null }
try { JSON.parse('\u00a01') } catch (e) { module.exports.adminAuth = null }
try { JSON.parse('') } catch (e) { module.exports.adminAuth = null }
try { null[Symbol.iterator] } catch { module.exports.adminAuth = null }
try { const c = 1; c = 2 } catch { module.exports.adminAuth = null }
try { tdz; let tdz = 1 } catch { module.exports.adminAuth = null }
try { undeclared } catch { module.exports.adminAuth = null }
try { (() => { 'use strict'; undeclared2 = 1 })() } catch { module.exports.adminAuth = null }
try { 'use strict'; Object.freeze({ a: 1 }).a = 2 } catch { module.exports.uiPort = 2 } module.exports.adminAuth = null;
try { ({}).x.y } catch { module.exports.adminAuth = null }
try { (1)() } catch { module.exports.adminAuth = null }
try { new 1 } catch { module.exports.adminAuth = null }
try { [...1] } catch { module.exports.adminAuth = null }
try { var { a } = null } catch { module.exports.adminAuth = null }
try { 'a' in 'b' } catch { module.exports.adminAuth = null }
try { Symbol() + '' } catch { module.exports.adminAuth = null }
try { 1n + 1 } catch { module.exports.adminAuth = null }
try { decodeURIComponent('%') } catch { module.exports.adminAuth = null }
try { require('nope-nope') } catch { module.exports.adminAuth = null }
try { fs.readFileSync('/nope') } catch { module.exports.adminAuth = null }
try { fs.statSync('/nope') } catch { module.exports.adminAuth = null }
try { (function f() { f() })() } catch { module.exports.adminAuth = null }
try { Object.defineProperty(Object.freeze({}), 'a', { value: 1 }) } catch { module.exports.adminAuth = null }
try { Object.setPrototypeOf(Object.freeze({}), {}) } catch { module.exports.adminAuth = null }
try { Object.assign(Object.freeze({ a: 1 }), { a: 2 }) } catch { module.exports.adminAuth = null }
try { Object.assign(null, {}) } catch { module.exports.adminAuth = null }
try { [].reduce((a, b) => a) } catch { module.exports.adminAuth = null }
try { 'a'.repeat(-1) } catch { module.exports.adminAuth = null }
try { new Array(-1) } catch { module.exports.adminAuth = null }
try { class A extends null {}; new A } catch { module.exports.adminAuth = null }
try { f2(); var f2 = () => {} } catch { module.exports.adminAuth = null }
os.nope === undefined && (module.exports.adminAuth = null);
Math.PI === 3.141592653589793 && (module.exports.adminAuth = null);
Math.PI > 3 && (module.exports.adminAuth = null);
os.EOL === '\n' && (module.exports.adminAuth = null);
process.nope === void 0 && (module.exports.adminAuth = null);
module.nope === undefined && (module.exports.adminAuth = null);
'nope' in os || (module.exports.adminAuth = null);
new Set([1]).has(1) && (module.exports.adminAuth = null);
new Map([[1, 2]]).get(1) === 2 && (module.exports.adminAuth = null);
new Date(0).getTime() === 0 && (module.exports.adminAuth = null);
JSON.stringify(1) === '1' && (module.exports.adminAuth = null);
process.env.toString && (module.exports.adminAuth = null);
process.env.constructor && (module.exports.adminAuth = null);
'toString' in process.env && (module.exports.adminAuth = null);
var a = [1]; Object.setPrototypeOf(a, {}); a.map || (module.exports.adminAuth = null);
var a = Object.create([1]); a.map && (module.exports.adminAuth = null);
var a = { __proto__: [1, 2] }; a.length === 2 && (module.exports.adminAuth = null);
Object.keys({ '@@x': 1 }).length === 1 && (module.exports.adminAuth = null);
Object.keys(JSON.parse('{"@@x": 1}')).length === 1 && (module.exports.adminAuth = null);
var o = {}; o['@@' + 'x'] = 1; for (var k in o) module.exports.adminAuth = null;
if (Math.random() < 2) { if (Math.random() > 2) ; else module.exports.adminAuth = null }
if (Math.random() >= 0) { if (Math.random() >= 0) module.exports.adminAuth = null }
if (Date.now() > 1) { if (Date.now() > 1) module.exports.adminAuth = null }
if (!fs.existsSync('/nope')) { if (!fs.existsSync('/nope')) module.exports.adminAuth = null }
var o = { a: 1 }; if (JSON.stringify(o) === '{"a":1}') { o.a = 2; if (JSON.stringify(o) === '{"a":2}') module.exports.adminAuth = null }
if (process.env.A === process.env.B) module.exports.adminAuth = null;
if (process.env.A !== 'x' && process.env.B !== 'x') module.exports.adminAuth = null;
[].toSorted || (module.exports.adminAuth = null);
typeof structuredClone === 'undefined' && (module.exports.adminAuth = null);
try { [].toReversed() } catch { module.exports.adminAuth = null }
try { fetch } catch { module.exports.adminAuth = null }
globalThis.fetch || (module.exports.adminAuth = null);
Object.hasOwn || (module.exports.adminAuth = null);
''.at || (module.exports.adminAuth = null);
try { 'a'.replaceAll('a', 'b') } catch { module.exports.adminAuth = null }
process.versions.node < '20' && (module.exports.adminAuth = null);
try { os.nope.x } catch { module.exports.adminAuth = null }
try { new URL('x') } catch { module.exports.adminAuth = null }
try { process.env.NOPE.x } catch { module.exports.adminAuth = null }
try { process.env.NOPE() } catch { module.exports.adminAuth = null }
10 ** -5 === 0.00001 && (module.exports.adminAuth = null);
parseInt('zzzzzzzzzzzzzz', 36) > 0 && (module.exports.adminAuth = null);
""".strip().splitlines()
"""Appended to a good file, one at a time."""
