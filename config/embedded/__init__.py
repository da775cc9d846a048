"""The embedded engines: a real PostgreSQL and a real Redis, started from wheels.

Plain Python: nothing here imports Django, so that the engines run before settings can load.
"""

from config.embedded.engines import EmbeddedEngines
from config.embedded.errors import EmbeddedError

__all__ = ["EmbeddedEngines", "EmbeddedError"]
