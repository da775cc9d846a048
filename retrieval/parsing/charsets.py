"""Which name of an encoding a page or its server may give, and how it is read.

Python knows encodings that no page is in, and some of them take hours for a page
(`punycode` is quadratic). Those of https://encoding.spec.whatwg.org/ are read, in C all of them.
"""

import re
from encodings.aliases import aliases

# In place of these the standard reads another one, which has all of their signs and more.
_WIDER = {
    "ascii": "cp1252",
    "latin_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_READ = frozenset(
    (
        *("utf_8", "utf_16", "utf_16_be", "utf_16_le", "cp866", "koi8_r", "koi8_u"),
        *(f"iso8859_{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)),
        *(f"cp{number}" for number in range(1250, 1259)),
        *("mac_roman", "mac_cyrillic", "cp874", "gb18030", "big5hkscs"),
        *("euc_jp", "iso2022_jp", "cp932", "cp949"),
    )
)
# Names of the standard that Python does not know.
_MORE_NAMES = {"windows_874": "cp874", "dos_874": "cp874", "windows_31j": "cp932"}
_SEPARATORS = re.compile(r"[^a-z0-9]+")


def codec_of(name: str) -> str | None:
    """Python's name for an encoding; None for one that no page may be in."""
    key = _SEPARATORS.sub("_", name.strip().lower()).removeprefix("x_")
    codec = _MORE_NAMES.get(key) or aliases.get(key, key)
    codec = _WIDER.get(codec, codec)
    return codec if codec in _READ else None


def decode_named(data: bytes, name: str) -> str | None:
    """Text in the encoding of this name; None if there is no such, or `data` is not in it."""
    codec = codec_of(name)
    try:
        return None if codec is None else data.decode(codec)
    except UnicodeDecodeError:
        return None
