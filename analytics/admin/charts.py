"""Charts as the theme's Chart.js takes them."""

import json
from collections.abc import Sequence

from analytics.admin.page import Chart


def chart(
    title: str, kind: str, labels: Sequence[object], values: Sequence[float | None], *, label: str
) -> Chart:
    """One series, "bar" or "line", in the theme's colour."""
    data = {
        "labels": [str(text) for text in labels],
        "datasets": [
            {
                "label": label,
                "data": list(values),
                "backgroundColor": "var(--color-primary-600)",
                "borderColor": "var(--color-primary-600)",
                "displayYAxis": True,
            }
        ],
    }
    return Chart(title, kind, json.dumps(data))
