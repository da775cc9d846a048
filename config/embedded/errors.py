"""The one error of this package."""


class EmbeddedError(Exception):
    """Something an operator must know or mend; the message is one clear line."""
