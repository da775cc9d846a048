"""The embedder that the settings choose."""

import os
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from retrieval.embedders.base import Embedder


@lru_cache(maxsize=1)
def get_embedder() -> Embedder:
    """The process's one embedder, opened when it is first asked for (about 0.3 s)."""
    chosen: dict[str, Any] = settings.EMBEDDER
    embedder: Embedder = import_string(chosen["BACKEND"])(**chosen.get("OPTIONS", {}))
    return embedder


# The model's threads do not live on in a forked child: it opens a model of its own.
os.register_at_fork(after_in_child=get_embedder.cache_clear)
