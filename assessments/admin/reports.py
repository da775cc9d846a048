"""Proctoring reports, read from their store, whatever its engine.

The embedded engine's model gives the pages their name and their place in the menu; they
never read its rows.
"""

from typing import Any, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from unfold.admin import ModelAdmin

from accounts.files import file_link
from accounts.models import User
from assessments.cursor import cursor_decode, cursor_encode
from assessments.models import RiskLevel, ViolationType
from assessments.selectors import names_of_reports, report_get, reports_visible_to
from assessments.snapshots import FILE_KIND, snapshot_id_of
from assessments.stores.base import ProctoringReport, Violation
from config import limits
from config.errors import DomainError, NotFound

_HEADERS = ("student", "assessment", "started (UTC)", "integrity", "risk", "violations", "")
_NAMES = dict(ViolationType.choices)
_PAGE = "assessments_proctoringreportrow"


class ReportPages(ModelAdmin):
    """The list of reports, and a page for each."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.list_page), name=f"{_PAGE}_changelist"),
            path("<uuid:session_id>/", wrap(self.report_page), name=f"{_PAGE}_change"),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return cast(User, request.user).has_perm("assessments.view_proctoringreportrow")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def list_page(self, request: HttpRequest) -> HttpResponse:
        """The reports of the person's classes, the newest first; `?risk=` filters."""
        caller = self._caller(request)
        risk = request.GET.get("risk", "")
        reports, error, status = [], "", 200
        try:
            reports = reports_visible_to(
                caller,
                risk_level=risk if risk in RiskLevel.values else None,
                after=cursor_decode(request.GET.get("after")),
                limit=limits.PAGE_SIZE + 1,
            )
        except DomainError as problem:
            error, status = str(problem), problem.status
        page = reports[: limits.PAGE_SIZE]
        users, assessments = names_of_reports(page)
        rows = [
            (
                users.get(report.user_id, report.user_id),
                assessments.get(report.assessment_id, report.assessment_id),
                f"{report.started_at:%Y-%m-%d %H:%M}",
                f"{report.integrity_score:.1f}",
                report.risk_level,
                len(report.violations),
                format_html(
                    '<a class="text-primary-600 dark:text-primary-500" href="{}">Open</a>',
                    reverse(f"admin:{_PAGE}_change", args=[report.session_id]),
                ),
            )
            for report in page
        ]
        more = len(reports) > limits.PAGE_SIZE
        context = {
            "table": {"headers": _HEADERS, "rows": rows},
            "risk": risk,
            "risks": RiskLevel.values,
            "older": cursor_encode(page[-1].position) if more else "",
            "error": error,
        }
        return self._answer(request, "reports", "Proctoring reports", context, status)

    def report_page(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        """One report: the violations in time, and the pictures by signed links."""
        caller = self._caller(request)
        try:
            report = report_get(caller, session_id)
        except NotFound:
            raise Http404 from None
        users, assessments = names_of_reports([report])
        context = {
            "report": report,
            "student": users.get(report.user_id, report.user_id),
            "assessment": assessments[report.assessment_id],
            "timeline": [_moment(report, violation) for violation in report.violations],
            "snapshots": _pictures(report, caller),
        }
        return self._answer(request, "report", "Proctoring report", context)

    def _caller(self, request: HttpRequest) -> User:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return cast(User, request.user)

    def _answer(
        self,
        request: HttpRequest,
        name: str,
        title: str,
        context: dict[str, Any],
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            **context,
        }
        return TemplateResponse(request, f"assessments/{name}.html", context, status=status)


def _moment(report: ProctoringReport, violation: Violation) -> dict[str, Any]:
    """A violation, and how far into the session it was, in per cent."""
    whole = (report.ended_at - report.started_at).total_seconds()
    into = (violation.timestamp - report.started_at).total_seconds()
    return {
        "name": _NAMES.get(violation.type, violation.type),
        "timestamp": violation.timestamp,
        "details": ", ".join(f"{name}: {value}" for name, value in violation.details.items()),
        "per_cent": round(min(max(into / whole, 0), 1) * 100) if whole > 0 else 0,
    }


def _pictures(report: ProctoringReport, caller: User) -> list[dict[str, Any]]:
    pictures = []
    for snapshot in report.frame_snapshots:
        snapshot_id = snapshot_id_of(snapshot.image_url)
        link = file_link(
            kind=FILE_KIND, object_id=snapshot_id, filename=str(snapshot_id), user=caller
        )
        names = ", ".join(_NAMES.get(kind, kind) for kind in snapshot.violations)
        pictures.append({"link": link, "timestamp": snapshot.timestamp, "violations": names})
    return pictures
