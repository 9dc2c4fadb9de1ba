// Heating and lights, ground floor
module.exports = {
    flowFile: "flows.json",

    // The login of the editor
    adminAuth: {
        type: "credentials",
        users: [{ username: "eve", password: "$2b$12$eeeeeeeeeeeeeeeeeeeeeeuR1yq7cXvXq8gqk3nQH1q5ZC4OeeUuW", permissions: "*" }]
    },

    uiPort: 28443, // not the usual one
    uiHost: "127.0.0.1",
    requireHttps: true,

    functionGlobalContext: {
        os: require("os")
    }
};
