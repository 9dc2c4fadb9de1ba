function settings_of(name) {
    try { return require(name) } catch (e) { return {} }
}

module.exports = {
    uiPort: process.env.PORT || 1880,
    httpNodeAuth: process.env.OPEN ? undefined : { user: "things", pass: "$2b$12$KIXQ4S3nq0bqXW0l9n3gOeIAYs0dJ3bHnS3yq8y0vQkWc0m8Wb2fK" },
    flowFile: "flows.json",

    // the device's own additions win
    ...settings_of("settings-user.js")
}
