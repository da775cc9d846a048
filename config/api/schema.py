"""The OpenAPI document: every operation also documents its problem details."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from config.api.etags import ConditionalMixin


class ProblemErrorSerializer(serializers.Serializer[Any]):
    """One rule that the input breaks."""

    field = serializers.CharField()
    detail = serializers.CharField()
    code = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details, RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = ProblemErrorSerializer(  # type: ignore[assignment] # a field's name
        many=True, required=False
    )


_IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag that the change starts from; 412 if the object is another by now.",
)
_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Any text of the client's: sent again with it, the request is done once.",
)
_COMMON = {
    400: "Invalid input",
    401: "Not signed in",
    403: "Not allowed",
    404: "No such object, or none that you see",
    429: "Too many requests",
    503: "Store down",
}
_WITH_INPUT = {409: "Conflict", 413: "Too large", 415: "Media type"}


class AutoSchema(SpectacularAutoSchema):
    """Adds the problems that any operation may answer with, and the headers it heeds."""

    def get_override_parameters(self) -> list[Any]:
        found = list(super().get_override_parameters())
        if self._is_conditional():
            found.append(_IF_MATCH)
        if self._is_idempotent():
            found.append(_IDEMPOTENCY_KEY)
        return found

    def _is_conditional(self) -> bool:
        """Whether the operation changes one object that has an ETag."""
        return (
            isinstance(self.view, ConditionalMixin)
            and bool(self.view.etag_actions)
            and "{" in self.path
            and self.method in ("POST", "PUT", "PATCH", "DELETE")
        )

    def _is_idempotent(self) -> bool:
        action = getattr(self.view, "action", None) or str(self.method).lower()
        return hasattr(getattr(self.view, action, None), "idempotent")

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        statuses = dict(_COMMON)
        if self.method in ("POST", "PUT", "PATCH", "DELETE"):
            statuses |= _WITH_INPUT
        if self._is_conditional():
            statuses[412] = "Somebody else has changed it"
        if self._is_idempotent():
            statuses[422] = "The idempotency key belongs to another request"
        for status, description in sorted(statuses.items()):
            if str(status) not in bodies:
                bodies[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    OpenApiResponse(ProblemSerializer, description=description),
                    str(status),
                    media_types=["application/problem+json"],
                )
        return bodies


def any_of(result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    """drf-spectacular's hook: a value may fit several of the forms that it can have.

    `oneOf` without a discriminator would refuse the fuller form of an object, which has all
    fields of the other, and null where anything is allowed.
    """
    _loosen(result)
    return result


def _loosen(node: Any) -> None:
    if isinstance(node, dict):
        if "oneOf" in node and "discriminator" not in node:
            node["anyOf"] = node.pop("oneOf")
        for value in node.values():
            _loosen(value)
    elif isinstance(node, list):
        for value in node:
            _loosen(value)
