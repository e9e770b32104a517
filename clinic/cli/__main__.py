"""`python -m clinic.cli`."""

from __future__ import annotations

import sys

from clinic.cli import main

if __name__ == "__main__":
    sys.exit(main())
