"""Healthy while beat writes its schedule down, as it does every three minutes."""

import sys
import time
from pathlib import Path

SCHEDULE = Path("/app/var/celerybeat-schedule")
PATIENCE = 600  # seconds

# The kind of database decides how many files there are, and how they are called.
written = [path.stat().st_mtime for path in SCHEDULE.parent.glob(f"{SCHEDULE.name}*")]
sys.exit(not written or time.time() - max(written) > PATIENCE)
