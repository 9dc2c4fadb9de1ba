function settings_of(name) {
    try { return require(name) } catch (e) { return {} }
}

module.exports = {
    uiPort: process.env.EVE || 1880,
    flowFile: "my.json",

    // the device's own additions win
    ...settings_of("settings-user.js")
}
