"""Who may open which page of the admin: one row for every address of the admin site.

A new page needs a row here: what each person meets, and the object that it is about. The objects
are those of `tests.scene`: they belong to one class and to its student.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db import transaction
from django.urls import URLPattern, URLResolver

from accounts.tests.clients import browser_as
from tests.scene import Scene

# The columns: not signed in, a student of the class, its teacher, its co-teacher, its assistant
# (who teaches elsewhere, or would not get into the admin), the teacher of another class, an admin.
PEOPLE = ("", "student", "teacher", "co_teacher", "assistant", "other_teacher", "admin")

# What somebody meets: the page; their request was done, and led on; a refusal (403); no such
# object for them (the admin's own way to say 404, and the real one); the door.
SHOWN, DONE, REFUSED, NONE, MISSING, DOOR = "shown", "done", "refused", "none", "missing", "door"

# The constants say who: those who run the class, those of them who decide on it (not an assistant),
# anyone who gets into the admin. ASKED is a page that asks before it does something.
# Django's own pages that hold nothing of the school, or are the door itself.
_OPEN = ("login", "logout", "jsi18n", "password_change", "password_change_done", "view_on_site")
_WRITING = ("add", "change", "delete")


@dataclass(frozen=True)
class Page:
    """What PEOPLE meet, and the object of `tests.scene` that the page is about."""

    outcomes: str
    target: str = ""
    query: str = ""


STAFF = "door door shown shown shown shown shown"
STAFF_DONE = "door door done done done done done"
NOBODY = "door door refused refused refused refused refused"
IN_CLASS = "door door shown shown shown none shown"
ADMINS = "door door refused refused refused refused shown"
OWNING_ASKED = "door door shown shown refused refused shown"
OWNING_DONE = "door door done done refused refused done"
TEACHING_ASKED = "door door shown shown shown refused shown"
OWNING = "door door shown shown refused none shown"
TEACHING_DONE = "door door done done done refused done"
TEACHING_GONE = "door door done done done none done"
ADMINS_DONE = "door door refused refused refused refused done"
OWNING_GONE = "door door done done refused none done"
OWNERS_ONLY = "door door shown shown none none shown"
IN_CLASS_404 = "door door shown shown shown missing shown"

PAGES: dict[str, Page] = {
    "GET search": Page(STAFF),
    "GET index": Page(STAFF),
    "GET autocomplete": Page(NOBODY),
    # accounts
    "GET accounts_invitation_resend": Page(ADMINS, "invitation"),
    "POST accounts_invitation_resend": Page(ADMINS_DONE, "invitation"),
    "GET accounts_invitation_changelist": Page(ADMINS),
    "GET accounts_invitation_add": Page(ADMINS),
    "POST accounts_invitation_add": Page(ADMINS),
    "GET accounts_invitation_history": Page("door door none none none none shown", "invitation"),
    "GET accounts_invitation_delete": Page(ADMINS, "invitation"),
    "POST accounts_invitation_delete": Page(ADMINS_DONE, "invitation"),
    "GET accounts_invitation_change": Page(ADMINS, "invitation"),
    "POST accounts_invitation_change": Page(ADMINS_DONE, "invitation"),
    # axes
    "GET axes_accessattempt_changelist": Page(ADMINS),
    "GET axes_accessattempt_add": Page(NOBODY),
    "POST axes_accessattempt_add": Page(NOBODY),
    "GET axes_accessattempt_history": Page("door door none none none none shown", "lock"),
    "GET axes_accessattempt_delete": Page(ADMINS, "lock"),
    "POST axes_accessattempt_delete": Page(ADMINS_DONE, "lock"),
    "GET axes_accessattempt_change": Page(ADMINS, "lock"),
    "POST axes_accessattempt_change": Page(NOBODY, "lock"),
    # accounts
    "GET accounts_user_live_sessions": Page(ADMINS),
    "GET accounts_user_end_all_sessions": Page(ADMINS, "student"),
    "POST accounts_user_end_all_sessions": Page(ADMINS_DONE, "student"),
    "GET accounts_user_remove_second_factors": Page(ADMINS, "student"),
    "POST accounts_user_remove_second_factors": Page(ADMINS_DONE, "student"),
    # auth
    "GET auth_user_password_change": Page(ADMINS, "student"),
    "POST auth_user_password_change": Page(ADMINS, "student"),
    # accounts
    "GET accounts_user_changelist": Page(STAFF),
    "GET accounts_user_add": Page(ADMINS),
    "POST accounts_user_add": Page(ADMINS),
    "GET accounts_user_history": Page(IN_CLASS, "student"),
    "GET accounts_user_delete": Page(ADMINS, "student"),
    "POST accounts_user_delete": Page(ADMINS, "student"),
    "GET accounts_user_change": Page(IN_CLASS, "student"),
    "POST accounts_user_change": Page(ADMINS, "student"),
    # classrooms
    "GET classrooms_classroom_show_code": Page(IN_CLASS_404, "classroom"),
    "POST classrooms_classroom_show_code": Page(IN_CLASS_404, "classroom"),
    "GET classrooms_classroom_regenerate_join_code": Page(OWNING_ASKED, "classroom"),
    "POST classrooms_classroom_regenerate_join_code": Page(OWNING_DONE, "classroom"),
    "GET classrooms_classroom_import_roster": Page(OWNING_DONE, "classroom"),
    "POST classrooms_classroom_import_roster": Page(OWNING_DONE, "classroom"),
    "GET classrooms_classroom_export_csv": Page(OWNING_ASKED, "classroom"),
    "POST classrooms_classroom_export_csv": Page(OWNING_ASKED, "classroom"),
    "GET classrooms_classroom_export_xlsx": Page(OWNING_ASKED, "classroom"),
    "POST classrooms_classroom_export_xlsx": Page(OWNING_ASKED, "classroom"),
    "GET classrooms_classroom_archive": Page(OWNING_ASKED, "classroom"),
    "POST classrooms_classroom_archive": Page(OWNING_DONE, "classroom"),
    "GET classrooms_classroom_restore": Page(NOBODY, "classroom"),
    "POST classrooms_classroom_restore": Page(NOBODY, "classroom"),
    "GET classrooms_classroom_changelist": Page(STAFF),
    "GET classrooms_classroom_add": Page(STAFF),
    "POST classrooms_classroom_add": Page(STAFF),
    "GET classrooms_classroom_history": Page(IN_CLASS, "classroom"),
    "GET classrooms_classroom_delete": Page(ADMINS, "classroom"),
    "POST classrooms_classroom_delete": Page(ADMINS, "classroom"),
    "GET classrooms_classroom_change": Page(IN_CLASS, "classroom"),
    "POST classrooms_classroom_change": Page(OWNING, "classroom"),
    "GET classrooms_joinrequest_approve": Page(OWNING_ASKED, "join_request"),
    "POST classrooms_joinrequest_approve": Page(OWNING_DONE, "join_request"),
    "GET classrooms_joinrequest_changelist": Page(STAFF),
    "GET classrooms_joinrequest_add": Page(NOBODY),
    "POST classrooms_joinrequest_add": Page(NOBODY),
    "GET classrooms_joinrequest_history": Page(IN_CLASS, "join_request"),
    "GET classrooms_joinrequest_delete": Page(OWNING, "join_request"),
    "POST classrooms_joinrequest_delete": Page(OWNING_GONE, "join_request"),
    "GET classrooms_joinrequest_change": Page(IN_CLASS, "join_request"),
    "POST classrooms_joinrequest_change": Page(OWNING_GONE, "join_request"),
    "GET classrooms_member_changelist": Page(STAFF),
    "GET classrooms_member_add": Page(STAFF),
    "POST classrooms_member_add": Page(STAFF),
    "GET classrooms_member_history": Page(IN_CLASS, "membership"),
    "GET classrooms_member_delete": Page(OWNING, "membership"),
    "POST classrooms_member_delete": Page(OWNING_GONE, "membership"),
    "GET classrooms_member_change": Page(IN_CLASS, "membership"),
    "POST classrooms_member_change": Page(OWNING, "membership"),
    "GET classrooms_rosterimport_confirm": Page(OWNING_ASKED, "roster_import"),
    "POST classrooms_rosterimport_confirm": Page(OWNING_DONE, "roster_import"),
    "GET classrooms_rosterimport_cancel": Page(OWNING_ASKED, "roster_import"),
    "POST classrooms_rosterimport_cancel": Page(OWNING_DONE, "roster_import"),
    "GET classrooms_rosterimport_changelist": Page(STAFF),
    "GET classrooms_rosterimport_add": Page(STAFF),
    "POST classrooms_rosterimport_add": Page(STAFF),
    "GET classrooms_rosterimport_history": Page(OWNERS_ONLY, "roster_import"),
    "GET classrooms_rosterimport_delete": Page(OWNERS_ONLY, "roster_import"),
    "POST classrooms_rosterimport_delete": Page(
        "door door done done none none done", "roster_import"
    ),
    "GET classrooms_rosterimport_change": Page(OWNERS_ONLY, "roster_import"),
    "POST classrooms_rosterimport_change": Page(
        "door door done done none none done", "roster_import"
    ),
    # meetings
    "GET meetings_recording_open_recording": Page(TEACHING_DONE, "recording"),
    "POST meetings_recording_open_recording": Page(TEACHING_DONE, "recording"),
    "GET meetings_recording_changelist": Page(STAFF),
    "GET meetings_recording_add": Page(STAFF),
    "POST meetings_recording_add": Page(STAFF),
    "GET meetings_recording_history": Page(IN_CLASS, "recording"),
    "GET meetings_recording_delete": Page(IN_CLASS, "recording"),
    "POST meetings_recording_delete": Page(TEACHING_GONE, "recording"),
    "GET meetings_recording_change": Page(IN_CLASS, "recording"),
    "POST meetings_recording_change": Page(TEACHING_GONE, "recording"),
    "GET meetings_meeting_transcripts": Page(STAFF),
    "GET meetings_meeting_start": Page(TEACHING_ASKED, "meeting"),
    "POST meetings_meeting_start": Page(TEACHING_DONE, "meeting"),
    "GET meetings_meeting_end": Page(TEACHING_ASKED, "live"),
    "POST meetings_meeting_end": Page(TEACHING_DONE, "live"),
    "GET meetings_meeting_cancel": Page(TEACHING_ASKED, "meeting"),
    "POST meetings_meeting_cancel": Page(TEACHING_DONE, "meeting"),
    "GET meetings_meeting_transcript": Page(TEACHING_ASKED, "transcript"),
    "POST meetings_meeting_transcript": Page(TEACHING_ASKED, "transcript"),
    "GET meetings_meeting_upload_transcript": Page(TEACHING_ASKED, "transcript"),
    "POST meetings_meeting_upload_transcript": Page(TEACHING_ASKED, "transcript"),
    "GET meetings_meeting_remove_transcript": Page(TEACHING_ASKED, "transcript"),
    "POST meetings_meeting_remove_transcript": Page(TEACHING_DONE, "transcript"),
    "GET meetings_meeting_changelist": Page(STAFF),
    "GET meetings_meeting_add": Page(STAFF),
    "POST meetings_meeting_add": Page(STAFF),
    "GET meetings_meeting_history": Page(IN_CLASS, "meeting"),
    "GET meetings_meeting_delete": Page(IN_CLASS, "meeting"),
    "POST meetings_meeting_delete": Page(TEACHING_GONE, "meeting"),
    "GET meetings_meeting_change": Page(IN_CLASS, "meeting"),
    "POST meetings_meeting_change": Page(IN_CLASS, "meeting"),
    # assessments
    "GET assessments_assessment_publish": Page(OWNING_ASKED, "draft"),
    "POST assessments_assessment_publish": Page(OWNING_DONE, "draft"),
    "GET assessments_assessment_release": Page(OWNING_ASKED, "done"),
    "POST assessments_assessment_release": Page(OWNING_DONE, "done"),
    "GET assessments_assessment_changelist": Page(STAFF),
    "GET assessments_assessment_add": Page(STAFF),
    "POST assessments_assessment_add": Page(STAFF),
    "GET assessments_assessment_history": Page(IN_CLASS, "draft"),
    "GET assessments_assessment_delete": Page(OWNING, "draft"),
    "POST assessments_assessment_delete": Page(OWNING_GONE, "draft"),
    "GET assessments_assessment_change": Page(IN_CLASS, "draft"),
    "POST assessments_assessment_change": Page(OWNING, "draft"),
    "GET assessments_question_changelist": Page(STAFF),
    "GET assessments_question_add": Page(NOBODY),
    "POST assessments_question_add": Page(NOBODY),
    "GET assessments_question_history": Page(IN_CLASS, "question"),
    "GET assessments_question_delete": Page(OWNING, "question"),
    "POST assessments_question_delete": Page(OWNING_GONE, "question"),
    "GET assessments_question_change": Page(IN_CLASS, "question"),
    "POST assessments_question_change": Page(NOBODY, "question"),
    "GET assessments_attempt_changelist": Page(STAFF),
    "GET assessments_attempt_add": Page(NOBODY),
    "POST assessments_attempt_add": Page(NOBODY),
    "GET assessments_attempt_history": Page(IN_CLASS, "attempt"),
    "GET assessments_attempt_delete": Page(NOBODY, "attempt"),
    "POST assessments_attempt_delete": Page(NOBODY, "attempt"),
    "GET assessments_attempt_change": Page(IN_CLASS, "attempt"),
    "POST assessments_attempt_change": Page(NOBODY, "attempt"),
    "GET assessments_submission_changelist": Page(STAFF),
    "GET assessments_submission_add": Page(NOBODY),
    "POST assessments_submission_add": Page(NOBODY),
    "GET assessments_submission_history": Page(IN_CLASS, "submission"),
    "GET assessments_submission_delete": Page(NOBODY, "submission"),
    "POST assessments_submission_delete": Page(NOBODY, "submission"),
    "GET assessments_submission_change": Page(IN_CLASS, "submission"),
    "POST assessments_submission_change": Page(IN_CLASS, "submission"),
    "GET assessments_proctorsession_changelist": Page(STAFF),
    "GET assessments_proctorsession_add": Page(NOBODY),
    "POST assessments_proctorsession_add": Page(NOBODY),
    "GET assessments_proctorsession_history": Page(IN_CLASS, "session"),
    "GET assessments_proctorsession_delete": Page(NOBODY, "session"),
    "POST assessments_proctorsession_delete": Page(NOBODY, "session"),
    "GET assessments_proctorsession_change": Page(IN_CLASS, "session"),
    "POST assessments_proctorsession_change": Page(NOBODY, "session"),
    "GET assessments_proctoringreportrow_changelist": Page(STAFF),
    "GET assessments_proctoringreportrow_change": Page(IN_CLASS_404, "session"),
    "POST assessments_proctoringreportrow_change": Page(IN_CLASS_404, "session"),
    # retrieval
    "GET retrieval_document_search_page": Page(STAFF),
    "GET retrieval_document_statistics_page": Page(ADMINS),
    "GET retrieval_document_cancel": Page(TEACHING_ASKED, "queued_document"),
    "POST retrieval_document_cancel": Page(TEACHING_DONE, "queued_document"),
    "GET retrieval_document_retry": Page(TEACHING_ASKED, "document"),
    "POST retrieval_document_retry": Page(TEACHING_DONE, "document"),
    "GET retrieval_document_open_file": Page("door door done done done missing done", "document"),
    "POST retrieval_document_open_file": Page("door door done done done missing done", "document"),
    "GET retrieval_document_changelist": Page(STAFF),
    "GET retrieval_document_add": Page(STAFF),
    "POST retrieval_document_add": Page(STAFF),
    "GET retrieval_document_history": Page(IN_CLASS, "document"),
    "GET retrieval_document_delete": Page(IN_CLASS, "document"),
    "POST retrieval_document_delete": Page(TEACHING_GONE, "document"),
    "GET retrieval_document_change": Page(IN_CLASS, "document"),
    "POST retrieval_document_change": Page(TEACHING_GONE, "document"),
    "GET retrieval_vectorremoval_retry_now": Page(ADMINS, "removal"),
    "POST retrieval_vectorremoval_retry_now": Page(ADMINS_DONE, "removal"),
    "GET retrieval_vectorremoval_changelist": Page(ADMINS),
    "GET retrieval_vectorremoval_add": Page(NOBODY),
    "POST retrieval_vectorremoval_add": Page(NOBODY),
    "GET retrieval_vectorremoval_history": Page("door door none none none none shown", "removal"),
    "GET retrieval_vectorremoval_delete": Page(NOBODY, "removal"),
    "POST retrieval_vectorremoval_delete": Page(NOBODY, "removal"),
    "GET retrieval_vectorremoval_change": Page(ADMINS, "removal"),
    "POST retrieval_vectorremoval_change": Page(NOBODY, "removal"),
    "GET retrieval_webpage_search_page": Page(STAFF),
    "GET retrieval_webpage_refresh": Page(STAFF, "web_page"),
    "POST retrieval_webpage_refresh": Page(STAFF_DONE, "web_page"),
    "GET retrieval_webpage_retry": Page(STAFF, "web_page"),
    "POST retrieval_webpage_retry": Page(STAFF_DONE, "web_page"),
    "GET retrieval_webpage_cancel": Page(STAFF, "waiting_web_page"),
    "POST retrieval_webpage_cancel": Page(STAFF_DONE, "waiting_web_page"),
    "GET retrieval_webpage_open_page": Page(STAFF_DONE, "web_page"),
    "POST retrieval_webpage_open_page": Page(STAFF_DONE, "web_page"),
    "GET retrieval_webpage_changelist": Page(STAFF),
    "GET retrieval_webpage_add": Page(STAFF),
    "POST retrieval_webpage_add": Page(STAFF),
    "GET retrieval_webpage_history": Page(STAFF, "web_page"),
    # Who has added it, and admins.
    "GET retrieval_webpage_delete": Page(
        "door door shown refused refused refused shown", "web_page"
    ),
    "POST retrieval_webpage_delete": Page(
        "door door done refused refused refused done", "web_page"
    ),
    "GET retrieval_webpage_change": Page(STAFF, "web_page"),
    "POST retrieval_webpage_change": Page(STAFF_DONE, "web_page"),
    "GET retrieval_chatsession_changelist": Page(STAFF),
    "GET retrieval_chatsession_add": Page(NOBODY),
    "POST retrieval_chatsession_add": Page(NOBODY),
    "GET retrieval_chatsession_history": Page("door door none none none none none", "chat"),
    "GET retrieval_chatsession_delete": Page(NOBODY, "chat"),
    "POST retrieval_chatsession_delete": Page(NOBODY, "chat"),
    "GET retrieval_chatsession_change": Page("door door none none none none none", "chat"),
    "POST retrieval_chatsession_change": Page(NOBODY, "chat"),
    "GET retrieval_answerfeedback_changelist": Page(STAFF),
    "GET retrieval_answerfeedback_add": Page(NOBODY),
    "POST retrieval_answerfeedback_add": Page(NOBODY),
    "GET retrieval_answerfeedback_history": Page(IN_CLASS, "feedback"),
    "GET retrieval_answerfeedback_delete": Page(NOBODY, "feedback"),
    "POST retrieval_answerfeedback_delete": Page(NOBODY, "feedback"),
    "GET retrieval_answerfeedback_change": Page(IN_CLASS, "feedback"),
    "POST retrieval_answerfeedback_change": Page(NOBODY, "feedback"),
    # progress
    "GET progress_topic_changelist": Page(STAFF),
    "GET progress_topic_add": Page(STAFF),
    "POST progress_topic_add": Page(STAFF),
    "GET progress_topic_history": Page(STAFF, "topic"),
    "GET progress_topic_delete": Page(ADMINS, "topic"),
    "POST progress_topic_delete": Page(ADMINS, "topic"),
    "GET progress_topic_change": Page(STAFF, "topic"),
    "POST progress_topic_change": Page("door door shown refused refused refused shown", "topic"),
    "GET progress_questiontopic_changelist": Page(STAFF),
    "GET progress_questiontopic_add": Page(STAFF),
    "POST progress_questiontopic_add": Page(STAFF),
    "GET progress_questiontopic_history": Page(IN_CLASS, "link"),
    "GET progress_questiontopic_delete": Page(OWNING, "link"),
    "POST progress_questiontopic_delete": Page(OWNING_GONE, "link"),
    "GET progress_questiontopic_change": Page(IN_CLASS, "link"),
    "POST progress_questiontopic_change": Page(NOBODY, "link"),
    "GET progress_progress_changelist": Page(STAFF),
    "GET progress_progress_add": Page(NOBODY),
    "POST progress_progress_add": Page(NOBODY),
    "GET progress_progress_history": Page(IN_CLASS, "progress"),
    "GET progress_progress_delete": Page(NOBODY, "progress"),
    "POST progress_progress_delete": Page(NOBODY, "progress"),
    "GET progress_progress_change": Page(IN_CLASS, "progress"),
    "POST progress_progress_change": Page(NOBODY, "progress"),
    "GET progress_masteryevidence_changelist": Page(STAFF),
    "GET progress_masteryevidence_add": Page(NOBODY),
    "POST progress_masteryevidence_add": Page(NOBODY),
    "GET progress_masteryevidence_history": Page(IN_CLASS, "evidence"),
    "GET progress_masteryevidence_delete": Page(NOBODY, "evidence"),
    "POST progress_masteryevidence_delete": Page(NOBODY, "evidence"),
    "GET progress_masteryevidence_change": Page(IN_CLASS, "evidence"),
    "POST progress_masteryevidence_change": Page(NOBODY, "evidence"),
    # analytics
    "GET analytics_learningday_changelist": Page(STAFF),
    "GET analytics_learningday_add": Page(NOBODY),
    "POST analytics_learningday_add": Page(NOBODY),
    "GET analytics_learningday_history": Page(IN_CLASS, "learning_day"),
    "GET analytics_learningday_delete": Page(NOBODY, "learning_day"),
    "POST analytics_learningday_delete": Page(NOBODY, "learning_day"),
    "GET analytics_learningday_change": Page(IN_CLASS, "learning_day"),
    "POST analytics_learningday_change": Page(NOBODY, "learning_day"),
    "GET analytics_activitylogrow_changelist": Page(STAFF),
    "GET analytics_eventrow_changelist": Page(STAFF),
    "GET analytics_pageviewrow_changelist": Page(STAFF),
    "GET analytics_userengagementrow_changelist": Page(STAFF),
    "GET analytics_learningprogressrow_changelist": Page(STAFF),
    # app
    "GET app_list": Page(STAFF),
}


def key_of(method: str, name: str) -> str:
    """The name of a page's row."""
    return f"{method} {name}"


def pages() -> Iterator[tuple[str, str, str]]:
    """Method, name and pattern of every address; what writes is also asked by POST."""
    for pattern, name in _walk(admin.site.get_urls()):
        if name is None or name in _OPEN:
            continue
        yield "GET", name, pattern
        if name.endswith(_WRITING) or ("object_id" in pattern and not name.endswith("history")):
            yield "POST", name, pattern


def open_page(key: str, scene: Scene, person: str) -> str:
    """Ask as this person, and take back what it did; returns the outcome."""
    method, name = key.split()
    pattern = next(pattern for _, found, pattern in pages() if found == name)
    path = "/admin/" + _filled(pattern, scene, PAGES[key].target)
    with transaction.atomic():
        user = scene.school.person(person) if person else None
        if person == "assistant" and user is not None:
            user.role = "teacher"
            user.save()
        browser = browser_as(user)
        if method == "GET":
            response = browser.get(f"{path}?{PAGES[key].query}")
        else:
            response = browser.post(path, {"post": "yes", "_form_submitted": "on"})
        transaction.set_rollback(True)
    if person == "assistant" and user is not None:
        user.role = "student"  # as the database has it again
    return _outcome(response)


def _outcome(response: Any) -> str:
    if response.status_code == 403:
        return REFUSED
    if response.status_code == 404:
        return MISSING
    if response.status_code == 302:
        target = response["Location"]
        if target.startswith(("/admin/login/", "/accounts/login/")):
            return DOOR
        return NONE if target == "/admin/" else DONE
    assert response.status_code == 200, response.status_code
    return DONE if "HX-Redirect" in response else SHOWN


def _filled(pattern: str, scene: Scene, target: str) -> str:
    path = pattern.strip("^$")
    if "(?P<app_label>" in path:
        return "classrooms/"
    while "<" in path:
        start, end = path.index("<"), path.index(">")
        path = f"{path[:start]}{scene.ids[target]}{path[end + 1 :]}"
    return path


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Any:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        else:
            yield path, pattern.name
