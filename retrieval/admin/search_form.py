"""What the admin's search page asks for."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import CharField, ChoiceField, Form, ModelChoiceField
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from classrooms.models import Classroom
from classrooms.selectors import classroom_ids_of
from config import limits
from retrieval.hybrid import SearchMode
from retrieval.models import Document

_MODES = (
    (SearchMode.HYBRID.value, "Meaning and words"),
    (SearchMode.DENSE.value, "Meaning only"),
    (SearchMode.SPARSE.value, "Words only"),
)


class _PersonWidget(AutocompleteSelect):
    """Of a value that is no key, nobody is chosen; Django's asks the database for it, and fails."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        key = User._meta.pk
        return super().optgroups(name, [v for v in value if _is_key(key, v)], attr)


def _is_key(key: Any, value: str) -> bool:
    try:
        key.to_python(value)
    except ValidationError:
        return False
    return True


class _PersonField(ModelChoiceField):
    """Two people may have one name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} ({obj.email})" if obj.name else str(obj.email)


class SearchForm(Form):
    """A question, and where and how it is asked."""

    q = CharField(
        label="Question or words",
        required=False,
        max_length=limits.SEARCH_QUERY_MAX,
        widget=UnfoldAdminTextInputWidget(attrs={"autofocus": True}),
    )
    classroom = ModelChoiceField(
        label="Class",
        queryset=Classroom.objects.none(),
        required=False,
        empty_label="Every class",
        widget=UnfoldAdminSelectWidget,
    )
    document_type = ChoiceField(label="Type", required=False, widget=UnfoldAdminSelectWidget)
    mode = ChoiceField(label="By", required=False, choices=_MODES, widget=UnfoldAdminSelectWidget)
    person = _PersonField(
        label="As this person",
        queryset=User.objects.none(),
        required=False,
        # The list that the field of a document is chosen from: people, by name and address.
        widget=_PersonWidget(Document._meta.get_field("uploaded_by"), admin.site),
    )

    def __init__(self, data: Any, *, user: User, may_search_as: bool) -> None:
        super().__init__(data or None)
        self._searched = set(classroom_ids_of(user))
        classes: QuerySet[Classroom] = Classroom.objects.visible_to(user).filter(is_active=True)
        self.fields["classroom"].queryset = classes.order_by("name")  # type: ignore[attr-defined]
        types = Document.objects.visible_to(user).order_by("document_type")
        self.fields["document_type"].choices = [  # type: ignore[attr-defined]
            ("", "Every type"),
            *((name, name) for name in types.values_list("document_type", flat=True).distinct()),
        ]
        if may_search_as:
            self.fields["person"].queryset = User.objects.all()  # type: ignore[attr-defined]
        else:
            del self.fields["person"]

    def clean_mode(self) -> SearchMode:
        return SearchMode(self.cleaned_data["mode"] or SearchMode.HYBRID)

    def clean(self) -> dict[str, Any]:
        """An admin belongs to few classes, or none, and would find nothing without knowing why."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("person") is None and found.get("q") and "person" not in self.errors:
            classroom = found.get("classroom")
            if classroom is not None and classroom.pk not in self._searched:
                self.add_error("classroom", "You are not in this class: search as somebody who is.")
            elif not self._searched and "person" in self.fields:
                self.add_error("classroom", "You are in no class: search as somebody who is.")
        return found
