"""Routes of assessments."""

from rest_framework.routers import SimpleRouter

from assessments.api.views.assessments import AssessmentViewSet, QuestionViewSet
from assessments.api.views.attempts import AttemptViewSet, SubmissionViewSet
from assessments.api.views.proctoring import ProctorSessionViewSet, ReportViewSet

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
router.register("assessments", AssessmentViewSet, basename="assessment")
router.register("questions", QuestionViewSet, basename="question")
router.register("attempts", AttemptViewSet, basename="attempt")
router.register("submissions", SubmissionViewSet, basename="submission")
router.register("proctoring/sessions", ProctorSessionViewSet, basename="proctor-session")
router.register("proctoring/reports", ReportViewSet, basename="proctoring-report")

urlpatterns = router.urls
