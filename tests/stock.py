"""The stock settings.js of six Node-REDs, as npm ships them, and what an owner has made of each."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from nrguard.model import Proposal
from nrguard.settingsjs.edit import change
from stage.npm import OLD_VERSIONS, VERSIONS, stock_settings

STOCK_VERSIONS = (*OLD_VERSIONS, *VERSIONS)

SECURED: Mapping[str, str] = {
    "adminAuth": """{
    type: "credentials",
    users: [{
        username: "keeper",
        password: "$2b$12$KIXQ4S3nq0bqXW0l9n3gOeIAYs0dJ3bHnS3yq8y0vQkWc0m8Wb2fK",
        permissions: "*"
    }]
}""",
    "httpNodeAuth": '{ user: "things", pass: "$2b$12$w8Ew4nq0bqXW0l9n3gOeIAYs0dJ3bHnS3yq8y0vQkWc0m8Wb2fKzy" }',
    "httpStaticAuth": '{ user: "pages", pass: "$2b$12$q8Ew4nq0bqXW0l9n3gOeIAYs0dJ3bHnS3yq8y0vQkWc0m8Wb2fKzx" }',
    "https": """{
    key: require("fs").readFileSync("/etc/nodered/key.pem"),
    cert: require("fs").readFileSync("/etc/nodered/cert.pem")
}""",
    "requireHttps": "true",
    "uiPort": "28443",
    "uiHost": '"127.0.0.1"',
}
"""Every setting that nrguard can put back, as `nrguard apply` would write it."""


@cache
def stock(version: str) -> bytes:
    """Return the settings.js of Node-RED `version`; from npm at the first use, from `.cache` afterwards."""
    return stock_settings(version)


@cache
def secured(version: str) -> bytes:
    """Return the stock file with every protected setting set."""
    proposal = change(stock(version), SECURED)
    assert isinstance(proposal, Proposal), proposal
    return proposal.text
