"""Texts joined as long as the model reads them whole."""

# The tokenizer takes a very long run of letters for one unknown word. A chunk is also
# bounded by this many characters a word piece, so that such a run can't make it huge, and
# texts that are far too long are never tokenized only to be counted.
CHARACTERS_PER_TOKEN = 12


class Packing:
    """Texts that are joined into one of at most `room` word pieces."""

    def __init__(self, room: int, separator: str) -> None:
        self.texts: list[str] = []
        self._room = room
        self._separator = separator
        self._tokens = self._characters = 0

    def fits(self, text: str, tokens: int | None) -> bool:
        """Whether a text fits at all."""
        longest = self._room * CHARACTERS_PER_TOKEN
        return tokens is not None and tokens <= self._room and len(text) <= longest

    def takes(self, text: str, tokens: int | None) -> bool:
        """Whether a text fits beside those that are here; word pieces add up over lines."""
        characters = self._characters + len(text) + len(self._separator) * len(self.texts)
        return (
            tokens is not None
            and self._tokens + tokens <= self._room
            and characters <= self._room * CHARACTERS_PER_TOKEN
        )

    def add(self, text: str, tokens: int | None) -> None:
        self.texts.append(text)
        self._tokens += tokens or 0
        self._characters += len(text)

    def taken(self) -> str:
        """All the texts; none are left."""
        text = self._separator.join(self.texts)
        self.texts = []
        self._tokens = self._characters = 0
        return text
