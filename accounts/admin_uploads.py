"""Pages of files that are uploaded, and that a worker then has for a while."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse

from accounts.admin_base import ScopedModelAdmin

# Every field is read-only once the file is there: there is nothing to save.
_NO_SAVING = dict.fromkeys(
    ("show_save", "show_save_and_continue", "show_save_and_add_another"), False
)


class UploadAdmin(ScopedModelAdmin):
    """Adding takes the file; from then on it is looked at, and the pages follow its `state`."""

    upload_fields: ClassVar[tuple[str, ...]]
    upload_help: ClassVar[str]  # what one should know of the file before
    shown_fields: ClassVar[tuple[str, ...]]
    # What the model's state is while a worker has the file.
    busy_states: ClassVar[tuple[str, ...]]
    list_before_template = "admin/refresh_while_busy.html"
    change_form_before_template = "admin/refresh_while_busy.html"

    def shown_context(self, request: HttpRequest, obj: Any) -> dict[str, Any]:
        """What the page of an uploaded file shows beside its fields."""
        return {}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown_fields if obj else self.upload_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown_fields if obj else ()

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if obj is None:
            form.base_fields["file"].help_text = self.upload_help
        return form

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        busy = self.get_queryset(request).filter(state__in=self.busy_states).exists()
        return super().changelist_view(request, {"busy": busy, **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        obj = self.get_object(request, object_id)
        shown = {}
        if obj is not None:
            shown = {"busy": obj.state in self.busy_states, **self.shown_context(request, obj)}
        context = {**_NO_SAVING, **shown, **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)
