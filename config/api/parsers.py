"""The API's JSON parser: it refuses what Python takes and no store can keep."""

import io
import re
from collections.abc import Mapping
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError

from config import limits
from config.errors import TooLarge

# An escape of NUL or of half a surrogate pair; only a body that has one is looked through.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class JSONParser(parsers.JSONParser):
    """JSON of at most JSON_MAX_BYTES, with text that PostgreSQL can store.

    NUL characters and unpaired surrogates are valid JSON, but no valid text in a database;
    nesting deeper than Python's own stack is refused too. TooLarge is a 413, all else a 400.
    """

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(limits.JSON_MAX_BYTES + 1)
        if len(body) > limits.JSON_MAX_BYTES:
            raise TooLarge(f"A JSON body may have {limits.JSON_MAX_BYTES // limits.MIB} MiB.")
        try:
            value = super().parse(io.BytesIO(body), media_type, dict(parser_context or {}))
            if _SUSPECT.search(body):
                _check(value)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        return value


def _check(value: Any) -> None:
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
            raise ParseError("Text may not hold NUL characters or unpaired surrogates.")
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check(name)
            _check(inner)
    elif isinstance(value, list):
        for inner in value:
            _check(inner)
