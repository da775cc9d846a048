"""The base of the API's viewsets: they see what the caller may see, and nothing else."""

from typing import Any, ClassVar, cast

from django.db.models import Model, QuerySet
from rest_framework.viewsets import GenericViewSet

from accounts.models import User
from config.api.etags import ConditionalMixin


class ScopedViewSet(ConditionalMixin, GenericViewSet[Any]):
    """A viewset over `model.objects.visible_to(caller)`: an invisible object is a 404.

    Writing goes through the services, which check permissions on the object.
    """

    model: ClassVar[type[Model]]
    throttle_names: ClassVar[dict[str, str]] = {}

    @property
    def caller(self) -> User:
        """The signed-in user."""
        return cast(User, self.request.user)

    @property
    def throttle_name(self) -> str:
        """The named rate (`config.limits.RATE_LIMITS`) that the current action counts for."""
        return self.throttle_names.get(self.action or "", "default")

    def get_queryset(self) -> QuerySet[Any]:
        if getattr(self, "swagger_fake_view", False):
            return self.model._default_manager.none()
        manager: Any = self.model._default_manager
        return cast(QuerySet[Any], manager.visible_to(self.caller))
