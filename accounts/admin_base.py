"""The base of every admin page: it shows what its user may see, and writes through services.

The list, search, autocomplete, filters and choices of foreign keys all start from
`Model.objects.visible_to(user)`; permissions are the policies' answers about the object.
"""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db.models import DateField, ProtectedError, QuerySet, TimeField
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from accounts.activity import activity_record
from accounts.admin_lookups import filter_lookups
from accounts.models import User
from config.errors import DomainError, NotAllowed


class ScopedFieldsMixin:
    """Foreign keys offer and accept only rows that the signed-in person may see."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        _scope(db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        _scope(db_field, request, kwargs)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc]


def _scope(db_field: Any, request: HttpRequest, kwargs: dict[str, Any]) -> None:
    manager = db_field.remote_field.model._default_manager
    if "queryset" not in kwargs and hasattr(manager.all(), "visible_to"):
        kwargs["queryset"] = manager.visible_to(request.user)


class ScopedInlineMixin(ScopedFieldsMixin):
    """For inlines: the policies are asked about the object whose page it is."""

    opts: Any

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)

    def _may(self, request: HttpRequest, action: str, obj: Any) -> bool:
        label, name = self.opts.app_label, self.opts.model_name
        return cast(User, request.user).has_perm(f"{label}.{action}_{name}", obj)


class ScopedModelAdmin(ScopedFieldsMixin, ModelAdmin):
    """An admin whose rows are `visible_to` the signed-in person."""

    list_per_page = 50
    list_fullwidth = True
    show_full_result_count = False
    warn_unsaved_form = True
    compressed_fields = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: Any = super().get_queryset(request)
        return cast(QuerySet[Any], queryset.visible_to(request.user))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only what this list's own filters ask: any other lookup could probe hidden columns."""
        filters = self.list_filter if request is None else self.get_list_filter(request)
        return lookup in filter_lookups(self.model, filters, self.date_hierarchy)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "view", obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "delete", obj)

    def _may(self, request: HttpRequest, action: str, obj: Any) -> bool:
        if isinstance(obj, str):  # the theme asks about its detail actions with the id
            obj = self.get_object(request, unquote(obj))
            if obj is None:
                return False
        label, name = self.opts.app_label, self.opts.model_name
        return cast(User, request.user).has_perm(f"{label}.{action}_{name}", obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """What the address says (`?classroom=…`), without what is no value of the field or what
        the person does not see: a form that is shown fails with it."""
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        kept = {name: v for name, v in given.items() if self._is_initial(request, name, v)}
        for name in kept:
            field = self.opts.get_field(name)
            if isinstance(field, DateField | TimeField):  # their widgets take no text
                kept[name] = field.to_python(kept[name])
        return kept

    def _is_initial(self, request: HttpRequest, name: str, value: Any) -> bool:
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return False
        try:
            if not field.is_relation:
                field.to_python(value)
                return "\x00" not in value
            manager = field.related_model._default_manager
            visible = getattr(manager.all(), "visible_to", None)
            rows = manager.all() if visible is None else visible(request.user)
            wanted = set(value) if isinstance(value, list) else {value}
            return bool(rows.filter(pk__in=wanted).count() == len(wanted))
        except (ValidationError, ValueError, TypeError, OverflowError):
            return False

    def act(
        self, request: HttpRequest, object_id: str, do: Callable[[User, Any], str]
    ) -> HttpResponse:
        """Answer a detail action with a dialog (`@action(dialog=...)`, a POST with a token).

        `do(actor, obj)` calls one service and returns the message for the person.
        """
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        try:
            messages.success(request, do(cast(User, request.user), obj))
        except DomainError as error:
            messages.error(request, str(error))
        page = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[obj.pk])
        return HttpResponse(headers={"HX-Redirect": page})

    # --- Writing: an admin names its services; a model without one is written and logged here ---

    def service_create(self, actor: User, obj: Any, form: ModelForm) -> Any:
        """Create what the form holds; returns the saved object."""
        return self._write(actor, obj, "create", obj.save)

    def service_update(self, actor: User, obj: Any, form: ModelForm) -> Any:
        """Save what the form has changed (`form.changed_data`)."""
        return self._write(actor, obj, "update", obj.save)

    def service_delete(self, actor: User, obj: Any) -> None:
        """Delete the object."""
        self._write(actor, obj, "delete", obj.delete)

    def _write(self, actor: User, obj: Any, verb: str, write: Callable[[], object]) -> Any:
        kind, pk = self.opts.model_name, obj.pk
        write()
        activity_record(
            actor=actor,
            action=f"{kind}_{verb}",
            resource_type=str(kind),
            resource_id=pk or obj.pk,
        )
        return obj

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor = cast(User, request.user)
        write = self.service_update if change else self.service_create
        saved = write(actor, obj, form)
        if saved is not obj:  # the admin goes on with `obj`: let it be the saved row
            obj.__dict__.update(saved.__dict__)
        form.instance = obj

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.service_delete(cast(User, request.user), obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for obj in queryset:
            if not self.has_delete_permission(request, obj):
                raise NotAllowed(f"You may not delete {obj}.")
            self.service_delete(cast(User, request.user), obj)

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: Any) -> HttpResponse:
        """Back to the list, also for those who may delete what nobody may change."""
        response: HttpResponse = super().response_delete(request, obj_display, obj_id)
        if response.status_code == 302 and self.has_view_permission(request):
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        return response

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Rows edited inline are logged too."""
        super().save_formset(request, form, formset, change)
        actor = cast(User, request.user)
        for verb, rows in (
            ("create", formset.new_objects),
            ("update", [row for row, _ in formset.changed_objects]),
            ("delete", formset.deleted_objects),
        ):
            for row in rows:
                kind = str(row._meta.model_name)
                activity_record(
                    actor=actor, action=f"{kind}_{verb}", resource_type=kind, resource_id=row.pk
                )

    # --- Errors of services are messages, never a traceback ---

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        return self._answer(
            request,
            lambda: super(ScopedModelAdmin, self).changeform_view(
                request, object_id, form_url, extra_context
            ),
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._answer(
            request,
            lambda: super(ScopedModelAdmin, self).delete_view(request, object_id, extra_context),
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return self._answer(
            request, lambda: super(ScopedModelAdmin, self).changelist_view(request, extra_context)
        )

    def _answer(self, request: HttpRequest, view: Callable[[], HttpResponse]) -> HttpResponse:
        try:
            return view()
        except (DomainError, ValidationError) as error:
            message = str(error) if isinstance(error, DomainError) else "; ".join(error.messages)
        except ProtectedError as error:
            names = sorted({str(obj._meta.verbose_name_plural) for obj in error.protected_objects})
            message = f"It can't be deleted while it still has {', '.join(names)}."
        if request.method != "POST":
            raise PermissionDenied(message)
        messages.error(request, message)
        return HttpResponseRedirect(request.get_full_path())
