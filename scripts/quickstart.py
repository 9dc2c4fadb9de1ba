"""See scripts/quickstart."""

import sys

from demo.play import main

if __name__ == "__main__":
    sys.exit(main())
