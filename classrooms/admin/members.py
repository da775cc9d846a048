"""Members in the admin."""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from unfold.decorators import action

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from classrooms import services
from classrooms.admin.classroom_actions import act_on_each
from classrooms.admin.member_form import MemberForm, add_member
from classrooms.models import Member


@admin.register(Member)
class MemberAdmin(ScopedModelAdmin):
    """Who is in which class."""

    empty_words = "Nobody is in your classes yet."
    list_display = ("user", "classroom", "role", "joined_at")
    list_filter = ("role", ("classroom", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("user", "classroom")
    search_fields = ("user__email", "user__name", "classroom__name")
    autocomplete_fields = ("user", "classroom")
    readonly_fields = ("joined_at",)
    actions = ("remove_and_change_code",)

    form = MemberForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("classroom", "user", "email", "role")
        return ("user", "classroom", "role", "joined_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.readonly_fields
        return ("user", "classroom", *self.readonly_fields)  # only the role can change

    @action(
        description="Remove the selected members and change the join code",
        permissions=["delete"],
    )
    def remove_and_change_code(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Remove people so that they can't come back by the code they know."""
        members = queryset.select_related("classroom", "user")
        act_on_each(request, _oneself_last(request, members), _remove_for_good)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        _warn(request, {obj.classroom})

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        members = _oneself_last(request, queryset.select_related("classroom"))
        super().delete_queryset(request, cast(Any, members))
        _warn(request, {member.classroom for member in members})

    def service_create(self, actor: User, obj: Member, form: ModelForm) -> Member:
        return add_member(actor, obj)

    def service_update(self, actor: User, obj: Member, form: ModelForm) -> Member:
        return services.member_update(actor=actor, member=obj, role=obj.role)

    def service_delete(self, actor: User, obj: Member) -> None:
        services.member_remove(actor=actor, member=obj)


def _oneself_last(request: HttpRequest, members: Iterable[Member]) -> list[Member]:
    """Who leaves the class may remove nobody else from it afterwards."""
    return sorted(members, key=lambda member: member.user_id == request.user.pk)


def _remove_for_good(actor: User, member: Member) -> str:
    services.member_remove(actor=actor, member=member, change_code=True)
    if not actor.has_perm("classrooms.view_join_code", member.classroom):
        return f"{member.user} is removed; {member.classroom} has a new join code."
    code = member.classroom.join_code
    return f"{member.user} is removed; the new join code of {member.classroom} is {code}."


def _warn(request: HttpRequest, classrooms: set[Any]) -> None:
    """Whoever was removed still knows the code."""
    for classroom in classrooms:
        page = reverse("admin:classrooms_classroom_change", args=[classroom.pk])
        messages.warning(
            request,
            format_html(
                'Who was removed can come back by the code of <a href="{}" class="underline">{}</a>'
                " until you change it there.",
                page,
                classroom,
            ),
        )
