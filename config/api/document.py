"""The OpenAPI document as it is served: made and rendered once in a process."""

from functools import cache
from hashlib import sha256
from typing import Any, cast

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request


@cache
def _rendered(format_name: str) -> tuple[bytes, str, str]:
    """The document, its media type and its ETag; making it takes a second each time."""
    renderer = next(kind for kind in DocumentView.renderer_classes if kind.format == format_name)
    generator: Any = SchemaGenerator
    document = generator().get_schema(request=None, public=True)
    body = cast(bytes, renderer().render(document, renderer.media_type, {}))
    return body, str(renderer.media_type), f'"{sha256(body).hexdigest()[:32]}"'


class DocumentView(SpectacularAPIView):
    """The OpenAPI document, as YAML or with `?format=json` as JSON."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        body, media_type, etag = _rendered(str(request.accepted_renderer.format))
        if request.headers.get("If-None-Match") == etag:
            return HttpResponse(status=304, headers={"ETag": etag})
        return HttpResponse(body, content_type=media_type, headers={"ETag": etag})
