"""What a creation answered, by the key that its client gave it."""

from django.db import models
from django.db.models.functions import Now

from accounts.models.user import User
from config import limits


class IdempotencyKey(models.Model):
    """The answer to a request that carried `Idempotency-Key`, kept for IDEMPOTENCY_TTL.

    The row is written in the transaction of what the request did, so that there is either
    both or neither.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=limits.IDEMPOTENCY_KEY_MAX)
    # SHA-256 of method, path and body: the same key for something else is a mistake.
    request_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "idempotency_keys"
        constraints = (
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_keys_user_key"),
        )
        indexes = (models.Index(fields=["created_at"], name="idx_idempotency_keys_created"),)

    def __str__(self) -> str:
        return self.key
