"""The quickstart: nrguard's main job on a real Node-RED, in a scratch folder, with what was seen and when."""
