"""The admin's theme: title, home page and sidebar of django-unfold."""

from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _item(title: str, icon: str, name: str, permission: str) -> dict[str, Any]:
    """A line of the sidebar, for those who have the permission."""

    def allowed(request: HttpRequest) -> bool:
        return bool(request.user.has_perm(permission))

    def active(request: HttpRequest) -> bool:
        return request.path.startswith(str(link)) and _longest_link(request.path) == str(link)

    link = reverse_lazy(f"admin:{name}")
    return {"title": title, "icon": icon, "link": link, "permission": allowed, "active": active}


def _longest_link(path: str) -> str:
    """Of the lines that lead to a page or to a page above it, the nearest: the search of documents
    lies below their list."""
    links = (str(item["link"]) for group in _NAVIGATION for item in group["items"])
    return max((link for link in links if path.startswith(link)), key=len, default="")


def _models(app: str, *models: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Lines for lists of models: (model, title, icon)."""
    return [
        _item(title, icon, f"{app}_{model}_changelist", f"{app}.view_{model}")
        for model, title, icon in models
    ]


_NAVIGATION: tuple[dict[str, Any], ...] = (
    {"items": [{"title": "Home", "icon": "home", "link": reverse_lazy("admin:index")}]},
    {
        "title": "School",
        "items": [
            *_models(
                "accounts", ("user", "People", "person"), ("invitation", "Invitations", "mail")
            ),
            *_models(
                "classrooms",
                ("classroom", "Classes", "school"),
                ("member", "Members", "groups"),
                ("joinrequest", "Join requests", "how_to_reg"),
                ("rosterimport", "Roster imports", "upload_file"),
            ),
            _item(
                "Live sessions",
                "devices",
                "accounts_user_live_sessions",
                "accounts.view_live_sessions",
            ),
            *_models("axes", ("accessattempt", "Locked accounts", "lock")),
        ],
    },
    {
        "title": "Material",
        "items": [
            *_models("retrieval", ("document", "Documents", "description")),
            _item("Search", "search", "retrieval_document_search_page", "retrieval.view_document"),
            *_models("retrieval", ("webpage", "Web pages", "language")),
            _item(
                "Collections",
                "database",
                "retrieval_document_statistics_page",
                "retrieval.view_statistics",
            ),
            *_models("retrieval", ("vectorremoval", "Removals", "delete_sweep")),
            *_models(
                "retrieval",
                ("chatsession", "My conversations", "forum"),
                ("answerfeedback", "Feedback", "thumbs_up_down"),
            ),
        ],
    },
    {
        "title": "Meetings",
        "items": [
            *_models(
                "meetings",
                ("meeting", "Meetings", "video_camera_front"),
                ("recording", "Recordings", "play_circle"),
            ),
            _item("Transcripts", "notes", "meetings_meeting_transcripts", "meetings.view_meeting"),
        ],
    },
    {
        "title": "Assessments",
        "items": _models(
            "assessments",
            ("assessment", "Assessments", "quiz"),
            ("question", "Questions", "help"),
            ("attempt", "Attempts", "timer"),
            ("submission", "Submissions", "grading"),
            ("proctorsession", "Proctored attempts", "visibility"),
            ("proctoringreportrow", "Proctoring reports", "policy"),
        ),
    },
    {
        "title": "Progress",
        "items": _models(
            "progress",
            ("topic", "Topics", "account_tree"),
            ("questiontopic", "Topics of questions", "link"),
            ("progress", "Mastery", "trending_up"),
            ("masteryevidence", "Evidence", "fact_check"),
        ),
    },
    {
        "title": "Analytics",
        "items": _models(
            "analytics",
            ("pageviewrow", "Page views", "bar_chart"),
            ("userengagementrow", "Engagement", "monitoring"),
            ("learningprogressrow", "Learning progress", "show_chart"),
            ("learningday", "Learning by day", "calendar_month"),
            ("eventrow", "Events", "bolt"),
            ("activitylogrow", "Activity log", "history"),
        ),
    },
)

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Lectern",
    "SITE_HEADER": "Lectern",
    "SITE_SUBHEADER": "Learning platform",
    "SITE_SYMBOL": "school",
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    # One's own account, in the menu under one's name.
    "ACCOUNT": {
        "navigation": [
            {"title": title, "link": reverse_lazy(name)}
            for title, name in (
                ("Preferences", "account_preferences"),
                ("Password", "account_change_password"),
                ("Email", "account_email"),
                ("Two-factor authentication", "mfa_index"),
            )
        ]
    },
    "SCRIPTS": [lambda request: static("lectern/theme.js")],
    "STYLES": [lambda request: static("lectern/admin.css")],
    "DASHBOARD_CALLBACK": "config.dashboard.home",
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": list(_NAVIGATION),
    },
}
