module.exports = {
    https: {
        key: require("fs").readFileSync("/home/pi/old.key")
    },
    uiPort: 28443,
    https: {
        key: require("fs").readFileSync("/etc/nodered/key.pem"),
        cert: require("fs").readFileSync("/etc/nodered/cert.pem")
    }
}
