"""The process that reads one file: `python -m retrieval.parsing.worker REQUEST`.

REQUEST and the answer, one line on stdout, are JSON. A file from outside can make a library
take all memory or never end, so this process limits itself before it opens the file.
"""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from retrieval.parsing.errors import ParseError
from retrieval.parsing.registry import MIB, parse_document


def _limit(memory_mb: int, seconds: int) -> None:
    memory = memory_mb * MIB
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    try:
        document = parse_document(
            Path(request["path"]),
            request["filename"],
            max_bytes=request["max_bytes"],
            max_pages=request["max_pages"],
        )
        return {"document": document.as_json()}
    except ParseError as error:
        return {"error": {"code": error.code, "detail": error.detail}}


def main() -> None:
    # A library that prints must not spoil the answer.
    answer = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    request = json.loads(sys.argv[1])
    _limit(request["memory_mb"], request["seconds"])
    with os.fdopen(answer, "w", encoding="utf-8") as out:
        json.dump(_answer(request), out)


if __name__ == "__main__":
    main()
