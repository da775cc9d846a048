"""What the proctoring client notices in the demo's exam: nothing for most of the students."""

from datetime import datetime, timedelta
from io import BytesIO

from PIL import Image, ImageDraw

from accounts.models import User
from assessments.models import Attempt, ProctorSession, ViolationType
from assessments.services import snapshot_add, violation_record

_Incident = tuple[int, ViolationType, dict[str, float]]  # minute, type, details

# By the place in the order of the attempts: one report of each level of risk.
_INCIDENTS: dict[int, tuple[_Incident, ...]] = {
    1: (
        (3, ViolationType.GAZE_DEVIATION, {"horizontal": 35, "vertical": 10}),
        (9, ViolationType.GAZE_DEVIATION, {"horizontal": 28, "vertical": 4}),
        (11, ViolationType.NETWORK_LOSS, {"seconds": 12}),
    ),
    4: (
        (2, ViolationType.TAB_SWITCH, {"seconds": 8}),
        (6, ViolationType.TAB_SWITCH, {"seconds": 15}),
        (8, ViolationType.COPY_PASTE, {"characters": 84}),
        (10, ViolationType.GAZE_DEVIATION, {"horizontal": 41, "vertical": 12}),
    ),
    7: (
        (2, ViolationType.MULTIPLE_FACES, {"faces": 2}),
        (4, ViolationType.VOICE_DETECTED, {"seconds": 6}),
        (6, ViolationType.PHONE_DETECTED, {"confidence": 0.91}),
        (7, ViolationType.TAB_SWITCH, {"seconds": 31}),
        (9, ViolationType.MULTIPLE_FACES, {"faces": 2}),
        (12, ViolationType.TAB_SWITCH, {"seconds": 22}),
    ),
}
_PICTURED = {ViolationType.MULTIPLE_FACES: 2, ViolationType.PHONE_DETECTED: 1}  # heads to draw


def incidents_report(*, user: User, attempt: Attempt, place: int, until: datetime) -> None:
    """Report, as the student's client does, what happens in the attempt at this place."""
    session = ProctorSession.objects.select_related("attempt").get(attempt=attempt)
    for minute, kind, details in _INCIDENTS.get(place, ()):
        at = min(session.started_at + timedelta(minutes=minute), until)
        violation_record(
            user=user, session=session, type=kind, details=details, timestamp=at, now=until
        )
        if kind in _PICTURED:
            snapshot_add(
                user=user,
                session=session,
                content=_picture(_PICTURED[kind]),
                violations=[kind],
                timestamp=at,
                now=until,
            )


def _picture(heads: int) -> bytes:
    """A drawn camera picture: nobody's face."""
    image = Image.new("RGB", (320, 240), "#c9d3dc")
    draw = ImageDraw.Draw(image)
    for head in range(heads):
        middle = 320 * (head + 1) // (heads + 1)
        draw.ellipse((middle - 60, 170, middle + 60, 320), fill="#53697d")
        draw.ellipse((middle - 36, 80, middle + 36, 170), fill="#7d93a6")
    target = BytesIO()
    image.save(target, "PNG")
    return target.getvalue()
