"""Why a page could not be fetched: one line each, and a code that never changes."""

from config.errors import DomainError


class FetchFailed(DomainError):
    """A page that could not be fetched."""

    code = "fetch_failed"
    title = "The page could not be fetched"


class Refused(FetchFailed):
    """It is never fetched as it is: its address, its type, its size, or its robots.txt."""

    code = "refused"


class NoIndex(Refused):
    """Whoever made it wants it in no search."""

    code = "noindex"
    title = "The page says that it is not to be found by searches (noindex)"


class Unreachable(FetchFailed):
    """There was no answer, or none in time: it may be there later."""

    code = "unreachable"


class HttpStatus(FetchFailed):
    """The server answered with an error."""

    code = "http_error"

    def __init__(self, http_status: int, detail: str) -> None:
        self.http_status = http_status
        super().__init__(detail, code="gone" if http_status in (404, 410) else None)

    @property
    def is_gone(self) -> bool:
        """Whether the server says that there is no such page (any more)."""
        return self.http_status in (404, 410)


class HostBusy(FetchFailed):
    """Its server is to be asked later: in `seconds`."""

    code = "host_busy"

    def __init__(self, host: str, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"{host} is asked again in {seconds:.0f} seconds")
