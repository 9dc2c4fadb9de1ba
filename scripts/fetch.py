"""Fetch what the tests need from npm into `.cache`: three Node-REDs, older stock settings, both dashboards."""

from __future__ import annotations

import sys

from stage.node import Unavailable
from stage.npm import OLD_VERSIONS, VERSIONS, dashboards, stock_settings


def main() -> int:
    try:
        for version in (*VERSIONS, *OLD_VERSIONS):
            stock_settings(version)
        dashboards()
    except Unavailable as error:
        print(f"the tests need it and {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
