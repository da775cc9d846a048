"""Routes of classrooms."""

from rest_framework.routers import SimpleRouter

from classrooms.api import views

router = SimpleRouter(trailing_slash=False)
router.register("classrooms", views.ClassroomViewSet, basename="classroom")
router.register("members", views.MemberViewSet, basename="member")

urlpatterns = router.urls
