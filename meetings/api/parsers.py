"""WebVTT as the body of a request."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.parsers import BaseParser

from config import limits


class WebVttParser(BaseParser):
    """Takes the body as bytes, one byte more than a transcript may have at most."""

    media_type = "text/vtt"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        content: bytes = stream.read(limits.TRANSCRIPT_MAX_BYTES + 1)
        return content
