module.exports = {
    uiPort: process.env.PORT || 1880,

    /** To password protect the editor, uncomment this.
     *  The password is hashed.
     */
    //adminAuth: {
    //    type: "credentials",
    //    users: [{
    //        username: "admin",
    //        password: "a hash"
    //    }]
    //},
    adminAuth: {
        type: "credentials",
        users: [{ username: "keeper", password: "$2b$12$KIXQ4S3nq0bqXW0l9n3gOeIAYs0dJ3bHnS3yq8y0vQkWc0m8Wb2fK", permissions: "*" }]
    },

    /** HTTPS */
    //https: {
    //  key: require("fs").readFileSync('privkey.pem'),
    //  cert: require("fs").readFileSync('cert.pem')
    //},
    https: {
        key: require("fs").readFileSync("/etc/nodered/key.pem"),
        cert: require("fs").readFileSync("/etc/nodered/cert.pem")
    },
    // https: function() {
    //     return {}
    // },

    //requireHttps: true,
    requireHttps: true,
    debugMaxLength: 1000,
}
