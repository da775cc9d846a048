"""Text that comes from elsewhere, made safe to show to a model, or to people."""

import re

# What no eye sees: control characters, marks of direction, zero-width spaces, tags. The two
# joiners stay between letters of other scripts, which are written with them.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# What joins letters, or chooses how one looks. Between letters of ASCII they only hide what is
# written there: browsers leave them out of an address.
_JOINERS = r"[\u034f\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
_HIDING = re.compile(rf"(?<=[!-~]){_JOINERS}|{_JOINERS}(?=[!-~])")
# What servers read as the marks of a conversation, wherever it stands: a space breaks them.
_MARKS = re.compile(
    r"<(?=\|)|\|(?=>)|\[(?=/?INST\])|<(?=</?SYS>>)"
    r"|<(?=/?(?:s|bos|eos|pad|unk|start_of_turn|end_of_turn|think)>)",
    re.IGNORECASE,
)
# Before these a space is put, and they are neither a tag nor a link nor a picture any more.
_MARKUP = re.compile(r"(?<=<)(?=[a-z/!?])|(?<=\])(?=\(|\[(?!\d))|(?<=!)(?=\[)", re.IGNORECASE)
# `[a]: address` makes a link of every [a]; a number is a citation. Of a label that a piece before
# has begun, the last word is here.
_DEFINITION = re.compile(
    r"(?<!\S)(?:>*\[(?!\^?\d+\])(?:\\.|[^\[\]\\\n]){1,999}|[^\[\]\s]{1,999})\](?=:)"
)


def visible(text: str) -> str:
    """The text without characters that nobody sees."""
    seen = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _HIDING.sub("", seen)


def inert(text: str) -> str:
    """The text as data for a model: nothing invisible, no mark of a conversation."""
    return _MARKS.sub(lambda found: f"{found.group()} ", visible(text))


def plain(text: str) -> str:
    """The text with nothing in it that a client could take for markup.

    Of a picture's address it could tell somebody else's server what the text is about.
    """
    return _DEFINITION.sub(r"\g<0> ", _MARKUP.sub(" ", text))
