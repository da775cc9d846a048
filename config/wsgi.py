"""The WSGI application that the web server loads."""

import os

from django.core.checks import run_checks
from django.core.management.base import SystemCheckError
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("POSTGRES_POOL", "1")

application = get_wsgi_application()

# A wrong address is told at the start, not by every request.
if _wrong := run_checks(tags=["stores"]):
    raise SystemCheckError("\n".join(str(each) for each in _wrong))
