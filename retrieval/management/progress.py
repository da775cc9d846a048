"""The progress bar of the ingesting commands."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from retrieval.pipeline import Progress


@contextmanager
def passages_bar(name: str) -> Iterator[Progress]:
    """A bar in passages and passages/s on standard error; nothing where that is no terminal."""
    with tqdm(desc=name, unit=" passages", leave=False, disable=None, file=sys.stderr) as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield progress
