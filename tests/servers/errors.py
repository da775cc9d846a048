"""What only the operator can mend."""

from config.embedded.errors import EmbeddedError


class Missing(EmbeddedError):
    """A program that is not there and can't be installed here; the message is one line."""
