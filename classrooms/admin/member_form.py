"""The form by which a person is put into a class: one whom one sees, or any by their address."""

from typing import Any

from django.forms import CharField, EmailField, ModelForm, ValidationError, Widget
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminEmailInputWidget

from accounts.models import User
from classrooms import services
from classrooms.models import Member


class PersonText(Widget):
    """A name that can't be changed, without a query and without a list to choose from."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> Any:
        return format_html('<span class="font-medium">{}</span>', value or "")


class MemberForm(ModelForm):
    """A member's row: of one who is there only the role can change."""

    email = EmailField(
        label="Address",
        required=False,
        widget=UnfoldAdminEmailInputWidget,
        help_text="Instead of choosing: of anybody who has an account, in the list or not.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            if "user" in self.fields:
                self.fields["user"].required = False
            return
        user = self.instance.user
        for name, text in (("user", str(user)), ("email", user.email)):
            if name in self.fields:
                self.initial[name] = text
                self.fields[name] = CharField(disabled=True, widget=PersonText, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.instance._state.adding:
            if "user" in data:
                data["user"] = self.instance.user
            return data
        if not self.errors and bool(data.get("user")) == bool(data.get("email")):
            raise ValidationError("Choose a person, or write an address.")
        self.instance.written_address = data.get("email")
        return data


def add_member(actor: User, member: Any) -> Member:
    """Put into the class whom the form names; InvalidInput if nobody has the address."""
    place: dict[str, Any] = {"classroom": member.classroom, "role": member.role}
    if email := member.written_address:
        added = services.member_add_by_email(actor=actor, email=email, **place)
        member.user = added.user  # the admin's log names the row by it
        return added
    return services.member_add(actor=actor, user=member.user, **place)
