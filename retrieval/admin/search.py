"""The page of the admin that searches the material of one's classes, or as somebody else."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.decorators import action

from accounts.admin_base import ScopedModelAdmin
from accounts.models import User
from classrooms.selectors import classroom_ids_of
from retrieval import selectors, services
from retrieval.admin.search_form import SearchForm
from retrieval.admin.searching import searched
from retrieval.highlights import marked
from retrieval.results import SearchHit, SearchResult
from retrieval.services.search import FoundPassage, SearchFilters


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit with its text in pieces, those that are words of the query marked, and its links."""

    hit: SearchHit[FoundPassage]
    pieces: list[tuple[str, bool]]
    link: str
    others: list[tuple[FoundPassage, str]]


class SearchPages(ScopedModelAdmin):
    """Mixed into the admin of documents."""

    @action(description="Search the material", icon="search", url_path="search")
    def search_page(self, request: HttpRequest) -> HttpResponse:
        """Ask the material of one's classes; an admin can ask as somebody else."""
        user = cast(User, request.user)
        may_search_as = user.has_perm("retrieval.search_as")
        form = SearchForm(request.GET, user=user, may_search_as=may_search_as)
        result: SearchResult[FoundPassage] = SearchResult([])
        error = ""
        asked = form.is_valid() and bool(form.cleaned_data["q"].strip())
        if asked:
            result, error = searched(user, lambda: _search(user, form.cleaned_data))
        context = {
            **self.admin_site.each_context(request),
            "title": "Search the material",
            "opts": self.opts,
            "form": form,
            "asked": asked,
            "error": error,
            "person": form.cleaned_data.get("person") if form.is_bound else None,
            "nowhere": not asked and not may_search_as and not classroom_ids_of(user),
            "degraded": result.degraded,
            "far": bool(result.hits) and not result.close,
            "hits": [_shown(hit, user) for hit in result.hits],
        }
        return TemplateResponse(request, "retrieval/search.html", context)


def _search(user: User, given: dict[str, Any]) -> SearchResult[FoundPassage]:
    classroom, person = given["classroom"], given.get("person")
    options: dict[str, Any] = {
        "query": given["q"],
        "classroom_ids": [classroom.pk] if classroom else None,
        "filters": SearchFilters(document_type=given["document_type"] or None),
        "mode": given["mode"],
    }
    if person is None:
        return services.search_documents(user=user, **options)
    return services.search_documents_as(actor=user, user=person, **options)


def _shown(hit: SearchHit[FoundPassage], user: User) -> ShownHit:
    """The links are those of who looks, whoever is searched as."""
    return ShownHit(
        hit=hit,
        pieces=marked(hit.passage.text, hit.highlights),
        link=selectors.passage_link(hit.passage, user),
        others=[(other, selectors.passage_link(other, user)) for other in hit.duplicates],
    )
