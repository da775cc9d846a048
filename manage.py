#!/usr/bin/env python
"""Django's command-line utility."""

import os
import sys

from config.commands import run_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.exit(run_command_line(sys.argv))
