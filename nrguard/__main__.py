"""`python -m nrguard`."""

import sys

from nrguard.cli import main

sys.exit(main())
