"""One question of a person at a time, over all processes.

The places at the model are few, and nobody gets two of them.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django_redis import get_redis_connection
from redis.exceptions import RedisError

from accounts.models import User
from config import limits
from config.errors import Conflict


class QuestionUnderWay(Conflict):
    """The person's last question is being answered."""

    code = "question_under_way"
    title = "Your last question is still being answered"
    retry_after = limits.RETRY_AFTER


@contextmanager
def asking(user: User) -> Iterator[None]:
    """Keeps other questions of this person out; QuestionUnderWay while another one does.

    A process that is killed lets the next one in after CHAT_ASKING_TTL.
    """
    lock = get_redis_connection("default").lock(
        f"chat:asking:{user.pk}",
        timeout=limits.CHAT_ASKING_TTL,
        blocking=False,
        thread_local=False,  # a stream may be closed by another thread than began it
    )
    if not lock.acquire():
        raise QuestionUnderWay()
    try:
        yield
    finally:
        with suppress(RedisError):  # its time is over, and it may be another question's by now
            lock.release()
