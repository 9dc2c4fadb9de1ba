module.exports = {
  "uiPort": 28443,
  "adminAuth": {
    "type": "credentials",
    "users": [
      {
        "username": "keeper",
        "password": "$2b$12$KIXQ4S3nq0bqXW0l9n3gOeIAYs0dJ3bHnS3yq8y0vQkWc0m8Wb2fK",
        "permissions": "*"
      }
    ]
  },
  "editorTheme": {
    "projects": {
      "enabled": true
    }
  }
}
