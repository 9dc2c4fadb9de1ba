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

    // HTTPS: see the wiki
    //https: {
    //  key: require("fs").readFileSync('privkey.pem'),
    //  cert: require("fs").readFileSync('cert.pem')
    //},
    // https: function() {
    //     return {}
    // },

    //requireHttps: true,
    debugMaxLength: 500,
}
