// Heating and lights, ground floor
module.exports = {
    flowFile: "flows_pi.json" /* moved in May */,

    // The login of the editor

    uiPort: 28443, // not the usual one
    uiHost: "127.0.0.1",
    requireHttps: true,

    functionGlobalContext: {
        os: require("os")
    }
};
