"""The outbox of vectors that must go: written with the deletion, worked off by a worker.

A deletion never waits for the vector store, and a store that is down forgets later. Nothing is
found meanwhile, because every search asks the ledger what still exists.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import User
from accounts.policies import require
from config import limits
from config.celery import app
from config.errors import StoreUnavailable
from config.locks import hold, hold_all
from retrieval.models import Document, VectorRemoval, WebPage
from retrieval.stores.base import document_vectors, web_vectors

REMOVE_TASK = "retrieval.tasks.remove_vectors"

logger = logging.getLogger(__name__)


def removal_add(collection: str, owner: str) -> None:
    """Have an owner's vectors removed (of `documents` or `web_content`: a document's id, a page's
    address), once the caller's transaction has committed."""
    VectorRemoval.objects.create(collection=collection, owner=owner)
    transaction.on_commit(_enqueue)


def removal_retry(*, actor: User, removal: VectorRemoval) -> None:
    """Try a removal again now that waits after a failure."""
    require(actor, "retrieval.change_vectorremoval", removal)
    with transaction.atomic():
        VectorRemoval.objects.filter(pk=removal.pk).update(next_attempt_at=timezone.now())
        transaction.on_commit(_enqueue)


def hold_owner(collection: str, owner: str) -> None:
    """Keep an owner's vectors to this transaction: a page may be added again while those of the
    one of its address before are still to be removed."""
    hold(f"{collection} {owner}")


def hold_owners(collection: str, owners: Iterable[str]) -> None:
    """The same for many: always in one order, so that two never wait for each other."""
    hold_all(f"{collection} {owner}" for owner in sorted(owners))


def removals_run() -> int:
    """Remove what is due; how many owners. Those whose store is down wait for another run."""
    done = 0
    for _ in range(limits.REMOVALS_PER_RUN):
        removed = _remove_next()
        if removed is None:
            break
        done += removed
    return done


def _remove_next() -> bool | None:
    """Whether the next one that is due could be removed; None: none is due."""
    with transaction.atomic():
        due = VectorRemoval.objects.filter(next_attempt_at__lte=timezone.now())
        removal = due.select_for_update(skip_locked=True).order_by("pk").first()
        if removal is None:
            return None
        try:
            with transaction.atomic():
                remove_orphan(removal.collection, removal.owner)
        except StoreUnavailable as error:
            wait = min(limits.REMOVAL_RETRY * 2**removal.attempts, limits.REMOVAL_RETRY_MAX)
            removal.attempts += 1
            removal.next_attempt_at = timezone.now() + timedelta(seconds=wait)
            removal.last_error = str(error)
            removal.save()
            logger.warning("vectors of %s are still to be removed: %s", removal, error)
            return False
        removal.delete()
    return True


@transaction.atomic
def remove_orphan(collection: str, owner: str) -> None:
    """Remove an owner's vectors, unless it is in the ledger.

    What is there again keeps them: taking it in has replaced the old ones.
    """
    hold_owner(collection, owner)
    if collection == "documents":
        document = UUID(owner)
        if not Document.objects.filter(pk=document).exists():
            document_vectors().delete([document])
    elif not WebPage.objects.filter(source_url=owner, chunks__gt=0).exists():
        web_vectors().delete([owner])


def _enqueue() -> None:
    try:
        app.signature(REMOVE_TASK).apply_async()
    except OperationalError:
        logger.warning("the broker is unavailable; vectors are removed when it is back")
