"""The filters of the pages."""

from datetime import UTC
from typing import Any

from django import forms
from django.utils import timezone
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from analytics.events.registry import EVENT_TYPES
from analytics.selectors.people import people_visible_to


class _Date(UnfoldAdminTextInputWidget):
    """The browser's own date picker."""

    input_type = "date"


class _Number(UnfoldAdminTextInputWidget):
    input_type = "number"


class PageForm(forms.Form):
    """Filters from the address; what the address leaves out has its default."""

    def __init__(self, data: Any, *, caller: User) -> None:
        self.caller = caller
        given = data.dict()
        super().__init__({**self.defaults(), **{k: v for k, v in given.items() if v}})

    def defaults(self) -> dict[str, Any]:
        """The values that an empty form stands for."""
        return {}


class PersonForm(PageForm):
    """Someone whose data the caller may see, by email address."""

    person = forms.CharField(
        required=False, label="Email address", widget=UnfoldAdminTextInputWidget
    )

    def clean_person(self) -> User | None:
        email = self.cleaned_data["person"].strip().lower()
        if not email:
            return None
        found = people_visible_to(self.caller).filter(email=email).first()
        if found is None:
            raise forms.ValidationError("Nobody whose data you may see has this address.")
        return found


class ActivityForm(PersonForm):
    """The filters of the activity log."""

    action = forms.CharField(required=False, max_length=100, widget=UnfoldAdminTextInputWidget)
    resource_type = forms.CharField(
        required=False, max_length=100, label="Resource", widget=UnfoldAdminTextInputWidget
    )
    since = forms.DateField(required=False, label="From", widget=_Date)
    until = forms.DateField(required=False, label="To", widget=_Date)
    after = forms.CharField(required=False, widget=forms.HiddenInput)


class HourForm(PersonForm):
    """An hour (UTC) of events, and which of them."""

    date = forms.DateField(widget=_Date)
    hour = forms.IntegerField(min_value=0, max_value=23, label="Hour (UTC)", widget=_Number)
    event_type = forms.ChoiceField(
        required=False,
        choices=[("", "any"), *((name, name) for name in EVENT_TYPES)],
        widget=UnfoldAdminSelectWidget,
    )

    def defaults(self) -> dict[str, Any]:
        now = timezone.now().astimezone(UTC)
        return {"date": now.date().isoformat(), "hour": now.hour}


class DayForm(PageForm):
    """A day (UTC)."""

    date = forms.DateField(widget=_Date)

    def defaults(self) -> dict[str, Any]:
        return {"date": timezone.now().astimezone(UTC).date().isoformat()}


class SubjectForm(PersonForm):
    """A person and a subject."""

    subject = forms.CharField(required=False, max_length=100, widget=UnfoldAdminTextInputWidget)
