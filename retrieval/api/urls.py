"""Routes of retrieval."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from retrieval.api import chat_views, search_views, views, web_views

router = SimpleRouter(trailing_slash=False)
router.register("documents", views.DocumentViewSet, basename="document")
router.register("web-pages", web_views.WebPageViewSet, basename="web-page")
router.register("chat/sessions", chat_views.ChatSessionViewSet, basename="chat-session")

urlpatterns = [
    path("search", search_views.SearchView.as_view(), name="search"),
    path("search/web", search_views.WebSearchView.as_view(), name="search-web"),
    *router.urls,
]
