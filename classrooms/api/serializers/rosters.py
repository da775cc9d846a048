"""Imports of rosters as the API shows them."""

from typing import Any

from rest_framework import serializers

from classrooms.models import Classroom, RosterImport
from classrooms.selectors import ROSTER_KINDS
from config.api.serializers import ModelSerializer, Serializer


class RosterUploadSerializer(Serializer):
    """A CSV or XLSX file with the columns email, name and role, for a class."""

    classroom = serializers.PrimaryKeyRelatedField(queryset=Classroom.objects.all())
    file = serializers.FileField(allow_empty_file=True)  # the service says what is wrong with it

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "request" in self.context:
            field: Any = self.fields["classroom"]
            field.queryset = Classroom.objects.visible_to(self.context["request"].user)


class RosterQuerySerializer(Serializer):
    """How a roster is written."""

    type = serializers.ChoiceField(choices=sorted(ROSTER_KINDS), default="csv")


class RosterCountsSerializer(serializers.Serializer[Any]):
    """Rows by what they do; those that are zero may be missing."""

    new_account = serializers.IntegerField(required=False)
    claim = serializers.IntegerField(
        required=False,
        help_text="Added; the address was not confirmed, so password and second factors end.",
    )
    add = serializers.IntegerField(required=False)
    change_role = serializers.IntegerField(required=False)
    nothing = serializers.IntegerField(required=False)
    skipped = serializers.IntegerField(required=False, help_text="The class's own teacher.")
    errors = serializers.IntegerField(  # type: ignore[assignment] # a field's name
        required=False
    )


class RosterPreviewRowSerializer(serializers.Serializer[Any]):
    """What a row does; `was` is the member's role until now."""

    row = serializers.IntegerField()
    email = serializers.CharField()
    name = serializers.CharField()
    role = serializers.CharField()
    was = serializers.CharField(allow_null=True)
    does = serializers.CharField(help_text="One of the names in `counts`.")


class RosterErrorSerializer(serializers.Serializer[Any]):
    """What is wrong in a row (the header is row 1), or with the file (`row` null)."""

    row = serializers.IntegerField(allow_null=True)
    field = serializers.CharField()
    detail = serializers.CharField()


class RosterImportSummarySerializer(ModelSerializer):
    """An import without its rows, as in lists."""

    counts = RosterCountsSerializer(read_only=True)

    class Meta:
        model = RosterImport
        fields: tuple[str, ...] = (
            "id",
            "classroom",
            "filename",
            "state",
            "rows_done",
            "rows_total",
            "counts",
            "error",
            "created_at",
            "finished_at",
        )
        read_only_fields: tuple[str, ...] = fields


class RosterImportSerializer(RosterImportSummarySerializer):
    """An import: how far it is, what it does or did, and what is wrong with its rows."""

    preview = RosterPreviewRowSerializer(many=True, read_only=True)
    errors = RosterErrorSerializer(  # type: ignore[assignment] # a field's name
        many=True, read_only=True
    )

    class Meta(RosterImportSummarySerializer.Meta):
        fields = (*RosterImportSummarySerializer.Meta.fields, "preview", "errors")
        read_only_fields = fields
