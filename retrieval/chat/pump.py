"""Waiting for somebody who may be slow, with a word to the reader meanwhile."""

import time
from collections.abc import Generator, Iterator
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Thread

from retrieval.chat.base import AnswererFailed

_WAITING_PIECES = 64


def pumped(
    pieces: Iterator[str], *, heartbeat: float, first: float, seconds: float
) -> Generator[str | None, None, None]:
    """The pieces, which are made in a thread; None every `heartbeat` seconds without any.

    The thread must use no database: its connection would be nobody's to close. Raises
    AnswererFailed when nothing has come after `first` seconds, when it is not done after
    `seconds`, and what `pieces` raises. Who closes this iterator ends the thread at its next
    piece; for who reads too slowly it ends after `seconds` as well, so that nobody holds what
    `pieces` has taken for longer.
    """
    queue: Queue[str | BaseException | None] = Queue(_WAITING_PIECES)
    stopped = Event()
    started, some = time.monotonic(), False
    args = (pieces, queue, stopped, started + seconds)
    Thread(target=_make, args=args, name="chat", daemon=True).start()
    try:
        while True:
            left = started + (seconds if some else min(first, seconds)) - time.monotonic()
            try:
                item = queue.get(timeout=max(min(heartbeat, left), 0.001))
            except Empty:
                if left <= heartbeat:
                    raise AnswererFailed("no answer in time") from None
                yield None
                continue
            if item is None:
                return
            if isinstance(item, BaseException):
                raise item
            some = True
            yield item
    finally:
        stopped.set()


def _make(
    pieces: Iterator[str],
    queue: "Queue[str | BaseException | None]",
    stopped: Event,
    deadline: float,
) -> None:
    end: BaseException | None = None
    try:
        for piece in pieces:
            if not _put(queue, piece, stopped, deadline):
                break
    except Exception as error:
        end = error
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()
        _put(queue, end, stopped, deadline)


def _put(
    queue: "Queue[str | BaseException | None]",
    item: str | BaseException | None,
    stopped: Event,
    deadline: float,
) -> bool:
    """Whether it was taken: not when nobody reads any more, or until the deadline."""
    while not stopped.is_set() and (left := deadline - time.monotonic()) > 0:
        with suppress(Full):
            queue.put(item, timeout=min(left, 0.5))
            return True
    return False
