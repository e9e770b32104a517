"""`python -m clinic.cli`."""

from __future__ import annotations

import sys

from clinic.cli import main

sys.exit(main())
