"""The page of the admin that says how much there is in the search."""

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from unfold.decorators import action

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from retrieval.models import IngestState, WebPageKind
from retrieval.pipeline import pipeline_version
from retrieval.statistics import Collection, Group, collection_statistics

_TITLES = {"documents": "Documents", "web_content": "Web pages"}
_THINGS = {"documents": "Documents", "web_content": "Pages"}
_PLACES = {"documents": "Class", "web_content": "Host"}
_LABELS: dict[str, str] = {
    **{state.value: str(state.label) for state in IngestState},
    **{kind.value: str(kind.label) for kind in WebPageKind},
}


class StatisticsPage(ScopedModelAdmin):
    """Mixed into the admin of documents."""

    def has_view_statistics_permission(
        self, request: HttpRequest, object_id: str | None = None
    ) -> bool:
        return cast(User, request.user).has_perm("retrieval.view_statistics")

    @action(
        description="Collections",
        icon="database",
        url_path="collections",
        permissions=["view_statistics"],
    )
    def statistics_page(self, request: HttpRequest) -> HttpResponse:
        """What the ledger has, what the vector stores have, and what is still to be done."""
        if not self.has_view_statistics_permission(request):
            raise PermissionDenied
        found = collection_statistics(actor=cast(User, request.user))
        context = {
            **self.admin_site.each_context(request),
            "title": "Collections",
            "opts": self.opts,
            "pipeline": pipeline_version(),
            "collections": [_shown(collection) for collection in found],
        }
        return TemplateResponse(request, "retrieval/statistics.html", context)


def _shown(collection: Collection) -> dict[str, Any]:
    thing = _THINGS[collection.name]
    more = collection.places - len(collection.by_place)
    place = _PLACES[collection.name]
    return {
        "collection": collection,
        "title": _TITLES[collection.name],
        "thing": thing,
        "tables": [
            _table("State", thing, collection.by_state),
            _table("Type", thing, collection.by_type),
            _table(place, thing, collection.by_place),
            _table("Made by", thing, collection.pipelines),
        ],
        "more_places": more if more > 0 else 0,
        "place": place,
    }


def _table(name: str, thing: str, groups: list[Group]) -> dict[str, Any]:
    sizes = any(group.size_bytes is not None for group in groups)
    headers = [name, thing, "Passages", *(["Size"] if sizes else [])]
    rows = [
        [
            _LABELS.get(group.name, group.name) if name != "Class" else group.name,
            f"{group.count:,}",
            f"{group.passages:,}",
            *([filesizeformat(group.size_bytes or 0)] if sizes else []),
        ]
        for group in groups
    ]
    return {"headers": headers, "rows": rows}
