// Heating and lights, ground floor
module.exports = {
    flowFile: "flows.json",

    // The login of the editor
    adminAuth: {
        type: "credentials",
        users: [{ username: "keeper", password: "$2b$12$KIXQ4S3nq0bqXW0l9n3gOeIAYs0dJ3bHnS3yq8y0vQkWc0m8Wb2fK", permissions: "*" }]
    },

    uiPort: 28443, // not the usual one
    uiHost: "127.0.0.1",
    requireHttps: true,

    functionGlobalContext: {
        os: require("os")
    }
};
