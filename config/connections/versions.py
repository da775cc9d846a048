"""The versions of the engines that the platform is made for.

The drivers and what the stores use of an engine decide the first one; the last one is the newest
that the platform has been written for. The containers and the documentation are held to this.
"""

from collections.abc import Mapping

# Name of the engine: the first and the last series of versions.
SUPPORTED_VERSIONS: Mapping[str, tuple[str, str]] = {
    "postgresql": ("15", "18"),
    "redis": ("6.2", "8"),
    "mongodb": ("7", "8"),
    "qdrant": ("1.16", "1.20"),
    "cassandra": ("4.1", "5.0"),
}
