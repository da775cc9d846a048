"""Filters of the pages of material."""

from django import template

register = template.Library()


@register.filter
def clock(seconds: float) -> str:
    """Seconds as 1:02:03, or 2:03 within the first hour."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
