"""Live sessions: who is signed in where, for admins, and signing people out."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import CharField, ChoiceField, Form, IntegerField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.dataclasses import ActionDialog
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts import services
from accounts.admin_base import ScopedModelAdmin
from accounts.browsers import browser_name
from accounts.live_sessions import LiveSession
from accounts.models import Role, User
from accounts.session_scripts import session_handle
from config import limits
from config.errors import DomainError


class LiveSessionsForm(Form):
    """What the page is filtered by."""

    q = CharField(
        label="Address or name", required=False, max_length=100, widget=UnfoldAdminTextInputWidget
    )
    role = ChoiceField(
        choices=[("", "Every role"), *Role.choices], required=False, widget=UnfoldAdminSelectWidget
    )
    page = IntegerField(required=False, min_value=1, max_value=10_000)


class LiveSessionPages(ScopedModelAdmin):
    """What the admin of users shows of their sessions."""

    def has_view_live_sessions_permission(
        self, request: HttpRequest, object_id: str | None = None
    ) -> bool:
        return cast(User, request.user).has_perm("accounts.view_live_sessions")

    @action(
        description="Live sessions",
        icon="devices",
        url_path="live-sessions",
        permissions=["view_live_sessions"],
    )
    def live_sessions(self, request: HttpRequest) -> HttpResponse:
        """The sessions of everybody, the last used first; POST ends some."""
        if not self.has_view_live_sessions_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._end(request)
        form = LiveSessionsForm(request.GET)
        query = form.cleaned_data if form.is_valid() else {}
        number = query.get("page") or 1
        found = services.sessions_page(
            actor=cast(User, request.user),
            page=number,
            search=query.get("q", ""),
            role=query.get("role", ""),
        )
        people = User.objects.in_bulk([UUID(session.user_id) for session in found.sessions])
        own = request.session.session_key
        rows = [_row(session, people, own) for session in found.sessions]
        # It only counts: the rows are this page's already.
        pages = Paginator(range(found.total), limits.LIVE_SESSIONS_PAGE).get_page(number)
        return self._page(
            request, "live_sessions", "Live sessions", form=form, rows=rows, pages=pages
        )

    @action(
        description="End all sessions",
        icon="logout",
        permissions=["view_live_sessions"],
        dialog=ActionDialog(
            title="End all sessions of this person?",
            description="They are signed out on all devices at once, and can sign in again.",
            form_class=None,
            form_submit_text="End all",
        ),
    )
    def end_all_sessions(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        """Sign this person out everywhere."""
        response = self.act(request, object_id, _end_all)
        if str(cast(User, request.user).pk) == object_id:
            request.session.flush()
        return response

    def _end(self, request: HttpRequest) -> HttpResponse:
        """Ask first, then do it."""
        actor, handle = cast(User, request.user), request.POST.get("session", "")
        user = User.objects.filter(pk=_uuid(request.POST.get("user"))).first()
        if user is None:
            raise Http404
        if "confirmed" not in request.POST:
            title = f"End this session of {user}?" if handle else f"End all sessions of {user}?"
            return self._page(request, "end_sessions", title, person=user, handle=handle)
        try:
            if handle:
                services.session_end_by_handle(actor=actor, user=user, handle=handle)
                messages.success(request, f"The session of {user} has ended.")
            else:
                messages.success(request, _end_all(actor, user))
        except DomainError as error:
            messages.error(request, str(error))
        own = handle == session_handle(request.session.session_key or "")
        if actor.pk == user.pk and (own or not handle):
            request.session.flush()
        return redirect(reverse("admin:accounts_user_live_sessions"))

    def _page(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> TemplateResponse:
        return TemplateResponse(
            request,
            f"accounts/{template}.html",
            {
                **self.admin_site.each_context(request),
                "title": title,
                "opts": self.opts,
                **context,
            },
        )


def _row(session: LiveSession, people: dict[UUID, User], own: str | None) -> dict[str, Any]:
    return {
        "session": session,
        "person": people.get(UUID(session.user_id)),
        "browser": browser_name(session.user_agent),
        "own": session.key == own,
    }


def _end_all(actor: User, user: User) -> str:
    ended = services.sessions_end(actor=actor, user=user)
    return f"{ended} session{'' if ended == 1 else 's'} of {user} ended."


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None
