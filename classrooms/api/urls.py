"""Routes of classrooms."""

from rest_framework.routers import SimpleRouter

from classrooms.api.views.classrooms import ClassroomViewSet
from classrooms.api.views.joining import JoinRequestViewSet
from classrooms.api.views.members import MemberViewSet
from classrooms.api.views.rosters import RosterImportViewSet

router = SimpleRouter(trailing_slash=False)
router.register("classrooms", ClassroomViewSet, basename="classroom")
router.register("members", MemberViewSet, basename="member")
router.register("join-requests", JoinRequestViewSet, basename="join-request")
router.register("roster-imports", RosterImportViewSet, basename="roster-import")

urlpatterns = router.urls
