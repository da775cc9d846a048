"""Routes of topics and progress."""

from rest_framework.routers import SimpleRouter

from progress.api import views

router = SimpleRouter(trailing_slash=False)
router.register("topics", views.TopicViewSet, basename="topic")
router.register("question-topics", views.QuestionTopicViewSet, basename="question-topic")
router.register("progress", views.ProgressViewSet, basename="progress")

urlpatterns = router.urls
