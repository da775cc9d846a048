"""Places in recordings and in their transcripts."""

from django import template

register = template.Library()


@register.filter
def clock(seconds: float) -> str:
    """Seconds as h:mm:ss, or m:ss within the first hour: 65.0 is 1:05."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
