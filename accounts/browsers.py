"""What a person calls their browser, from what it says of itself."""

import re

# The first that matches; the others' names are in many a browser's own.
_BROWSERS = (
    (r"Edg(?:e|A|iOS)?/(\d+)", "Edge"),
    (r"OPR/(\d+)", "Opera"),
    (r"SamsungBrowser/(\d+)", "Samsung Internet"),
    (r"(?:Firefox|FxiOS)/(\d+)", "Firefox"),
    (r"(?:HeadlessChrome|Chrome|CriOS)/(\d+)", "Chrome"),
    (r"Version/(\d+)[\d.]* .*Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """ "Firefox 140 on Linux"; what is none of the usual ones is told as it is, shortened."""
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    for pattern, name in _BROWSERS:
        if found := re.search(pattern, user_agent):
            return f"{name} {found[1]}" + (f" on {system}" if system else "")
    return user_agent[:40] or "unknown"
