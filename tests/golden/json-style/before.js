module.exports = {
  "uiPort": 1880,
  "editorTheme": {
    "projects": {
      "enabled": false
    }
  }
}
