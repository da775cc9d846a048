"""Idempotency keys: made by accounts/api/idempotency.py, ended here."""

from django.utils import timezone

from accounts.models import IdempotencyKey
from config import limits


def idempotency_keys_purge() -> int:
    """Forget the answers that are older than IDEMPOTENCY_TTL; returns how many."""
    before = timezone.now() - limits.IDEMPOTENCY_TTL
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=before).delete()
    return deleted
