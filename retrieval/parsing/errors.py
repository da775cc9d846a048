"""Why a file could not be read: one clear line each, and a code that never changes.

They are plain exceptions, so that the parsing process needs no Django; the ingestion
service turns them into the platform's own errors.
"""


class ParseError(Exception):
    """A file that could not be read. `detail` is one line for the person who gave it."""

    code = "parse_error"

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class FileMissing(ParseError):
    code = "file_missing"


class UnsupportedType(ParseError):
    code = "unsupported_type"


class Mislabelled(ParseError):
    """The content is not what the file's name says."""

    code = "mislabelled"


class EmptyDocument(ParseError):
    code = "empty"


class Encrypted(ParseError):
    code = "encrypted"


class Corrupt(ParseError):
    """Truncated or damaged."""

    code = "corrupt"


class ScannedOnly(ParseError):
    """A PDF of pictures, without a text layer."""

    code = "scanned_only"


class DocumentTooLarge(ParseError):
    """In bytes, unpacked bytes, or pages."""

    code = "too_large"


class ParseTimeout(ParseError):
    code = "timeout"


class ParseCrash(ParseError):
    """The parsing process died: out of memory, or a fault in a library."""

    code = "crashed"


ERRORS_BY_CODE: dict[str, type[ParseError]] = {
    error.code: error
    for error in (
        ParseError,
        FileMissing,
        UnsupportedType,
        Mislabelled,
        EmptyDocument,
        Encrypted,
        Corrupt,
        ScannedOnly,
        DocumentTooLarge,
        ParseTimeout,
        ParseCrash,
    )
}
