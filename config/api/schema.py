"""The OpenAPI document: every operation also documents its problem details."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers


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


_COMMON = {401: "Not signed in", 403: "Not allowed", 429: "Too many requests", 503: "Store down"}
_WITH_INPUT = {400: "Invalid input", 409: "Conflict", 413: "Too large", 415: "Media type"}


class AutoSchema(SpectacularAutoSchema):
    """Adds the problems that any operation may answer with."""

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        statuses = dict(_COMMON)
        if self.method in ("POST", "PUT", "PATCH", "DELETE"):
            statuses |= _WITH_INPUT
        else:
            statuses |= {400: "Invalid input"}
        if "{" in self.path:
            statuses |= {404: "Not found, or not visible to you"}
        for status, description in sorted(statuses.items()):
            if str(status) not in bodies:
                bodies[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    OpenApiResponse(ProblemSerializer, description=description),
                    str(status),
                    media_types=["application/problem+json"],
                )
        return bodies
