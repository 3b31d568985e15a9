"""Run ``python -m jkrel`` as the command ``jkrel``."""

import sys

from jkrel.cli import main

sys.exit(main())
