// What Node-RED's own argument parser makes of argument lists: one JSON list a line on standard input, one answer each.
const path = require("path");
const nopt = require(require.resolve("nopt", { paths: [path.dirname(process.argv[2])] }));
const known = {
    help: Boolean, port: Number, settings: [path], title: String, userDir: [path], verbose: Boolean, safe: Boolean,
    version: Boolean, define: [String, Array], "no-telemetry": Boolean,
};
const short = {
    "?": ["--help"], p: ["--port"], s: ["--settings"], t: ["--help"], u: ["--userDir"], v: ["--verbose"], D: ["--define"],
};
nopt.invalidHandler = () => {};
for (const line of require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean)) {
    const made = nopt(known, short, ["node", "red.js", ...JSON.parse(line)], 2);
    const { settings = null, userDir = null, port = null, define = [], safe = false } = made;
    console.log(JSON.stringify({ settings, userDir, port, define, safe }));
}
