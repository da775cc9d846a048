"""The day parts behind the weeks of learning progress."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from analytics.models import LearningDay
from analytics.selectors.people import visible_user_ids


@admin.register(LearningDay)
class LearningDayAdmin(ScopedModelAdmin):
    """To look at only: the nightly rollup writes them."""

    list_display = ("user_id", "subject", "date", "minutes")
    list_filter = ("subject",)
    date_hierarchy = "date"
    ordering = ("-date", "user_id", "subject")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # The person is an id without a relation: analytics knows users only.
        rows = ModelAdmin.get_queryset(self, request)
        assert isinstance(request.user, User)
        people = visible_user_ids(request.user)
        return rows if people is None else rows.filter(user_id__in=people)
