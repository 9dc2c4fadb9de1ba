module.exports = {
    https: {
        key: require("fs").readFileSync("/home/pi/old.key")
    },
    uiPort: 28443,
    https: null
}
