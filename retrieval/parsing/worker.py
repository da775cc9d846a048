"""The process that reads files: `python -m retrieval.parsing.worker LIMITS`.

It takes a request a line on stdin and gives an answer a line on stdout; they and LIMITS are
JSON. A file from outside can make a library take all memory, crash, or never end, so the
process limits itself before it opens one; whoever started it starts another when it dies.
"""

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from retrieval.parsing.errors import ParseError
from retrieval.parsing.ocr import Ocr
from retrieval.parsing.registry import MIB, parse_document


def main() -> None:
    limits: dict[str, int] = json.loads(sys.argv[1])
    memory = limits["memory_mb"] * MIB
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # A library that prints must not spoil the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        # Of the clock: a file on a slow disk, or a library that waits, ends too.
        signal.alarm(limits["seconds"])
        answer = json.dumps(_read(json.loads(line), limits), ensure_ascii=False)
        signal.alarm(0)
        answers.write(answer + "\n")
        answers.flush()


def _read(request: dict[str, str], limits: dict[str, int]) -> dict[str, Any]:
    try:
        document = parse_document(
            Path(request["path"]),
            request["filename"],
            max_bytes=limits["max_bytes"],
            max_pages=limits["max_pages"],
            max_characters=limits["max_characters"],
            ocr=Ocr(
                languages=os.environ.get("OCR_LANGUAGES", "eng"),
                max_pages=limits["ocr_pages"],
                page_seconds=limits["ocr_page_seconds"],
                seconds=limits["ocr_seconds"],
            ),
        )
    except ParseError as error:
        return {"error": {"code": error.code, "detail": error.detail}}
    return {"document": document.as_json()}


if __name__ == "__main__":
    main()
