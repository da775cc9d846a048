"""Questions that lean on the one before: "and why?", "what about tuples?".

Found by rule, and searched together with the words of what was searched before.
"""

import re

# Words that say nothing of what a question is about.
_EMPTY = frozenset(
    [
        *("a", "about", "above", "again", "all", "also", "am", "an", "and", "any", "are", "as"),
        *("at", "be", "because", "been", "before", "between", "both", "but", "by", "can"),
        *("could", "describe", "detail", "details", "did", "difference", "do", "does", "each"),
        *("else", "elaborate", "example", "examples", "explain", "few", "first", "for", "from"),
        *("further", "give", "had", "has", "have", "he", "help", "her", "here", "him", "his"),
        *("how", "i", "if", "in", "instead", "into", "is", "it", "its", "just", "let", "like"),
        *("make", "may", "me", "mean", "means", "more", "most", "much", "my", "name", "need"),
        *("new", "no", "not", "now", "of", "on", "one", "ones", "only", "or", "other", "others"),
        *("our", "out", "please", "possible", "same", "say", "second", "see", "shall", "she"),
        *("should", "show", "so", "some", "still", "such", "tell", "than", "that", "the"),
        *("their", "them", "then", "there", "these", "they", "thing", "things", "this", "those"),
        *("to", "too", "understand", "up", "us", "use", "used", "using", "very", "was", "we"),
        *("were", "what", "when", "where", "which", "who", "whom", "whose", "why", "will"),
        *("with", "without", "work", "works", "would", "you", "your"),
    ]
)
# What points back.
_POINTS = frozenset(
    "it its they them their this that these those one ones there same".split()  # noqa: SIM905
)
_BEGINS = re.compile(
    r"(?:and|but|so|then|also|or|what about|how about|what if|why not|why|how so|like what)\b",
    re.IGNORECASE,
)
_STANDS_ALONE = re.compile(
    r"\b(?:is|are|was) (?:it|there) (?:possible|necessary|allowed|better|true|an?|any)\b"
    r"|\bwhat does it mean (?:to|that|for)\b|\bthat (?:is|are|can|has|have|does|do)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’_.][^\W_]+)*")
# A question that points back and has more words of its own than this says what it is about.
_OWN_WORDS = 3
# Words of the question before that are searched with this one.
_TAKEN = 12


def leans(question: str) -> bool:
    """Whether the question can't be understood without the one before."""
    words = [word.lower() for word in _WORD.findall(question)]
    own = [word for word in words if word not in _EMPTY]
    if not own:
        return True
    begins = _BEGINS.match(question.strip())
    if begins and len(own) <= _OWN_WORDS and begins.group().lower() != "why":
        return True
    points = _POINTS.intersection(_WORD.findall(_STANDS_ALONE.sub(" ", question.lower())))
    return bool(points) and len(own) <= _OWN_WORDS


def joined(question: str, before: str) -> str:
    """The question with the telling words of what was searched before it."""
    have = {word.lower() for word in _WORD.findall(question)}
    taken = [
        word
        for word in dict.fromkeys(_WORD.findall(before))
        if word.lower() not in _EMPTY and word.lower() not in have
    ]
    return " ".join([question, *taken[:_TAKEN]])
