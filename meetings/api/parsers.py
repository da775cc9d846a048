"""WebVTT as the body of a request."""

from collections.abc import Mapping
from typing import IO, Any

from django.core.files.base import ContentFile
from rest_framework.parsers import BaseParser

from config import limits


class WebVttParser(BaseParser):
    """Makes the body the `file` of a form, with one byte more than a transcript may have."""

    media_type = "text/vtt"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        content = stream.read(limits.TRANSCRIPT_MAX_BYTES + 1)
        return {"file": ContentFile(content, name="transcript.vtt")}
