// Heating and lights, ground floor
module.exports = {
    // only this is left
    flowFile: "flows.json",
    functionGlobalContext: {}
};
