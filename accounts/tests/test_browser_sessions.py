"""The page of live sessions in a real browser."""

import pytest
from django.conf import settings

from accounts.models import UserPreferences
from accounts.tests.clients import browser_as
from accounts.tests.factories import AdminFactory, TeacherFactory, UserFactory
from tests.browser import open_browser, screenshot

pytestmark = pytest.mark.django_db(transaction=True)

AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_admin_signs_somebody_out(live_server, monkeypatch, scheme: str) -> None:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs a loop of its own
    people = [
        UserFactory(name="Zora Zimt"), TeacherFactory(name="Kurt Keller"), UserFactory(name="Mia"),
    ]  # fmt: skip
    for person, agent in zip(people, AGENTS, strict=True):
        client = browser_as(person)
        client.get("/api/v1/me", headers={"User-Agent": agent})
    signed_in = client
    ada = AdminFactory(name="Ada Admin")
    UserPreferences.objects.filter(user=ada).update(theme=scheme)
    admin = browser_as(ada)
    with open_browser() as page:
        name = settings.SESSION_COOKIE_NAME
        page.context.add_cookies(
            [{"name": name, "value": admin.cookies[name].value, "url": live_server.url}]
        )
        page.goto(f"{live_server.url}/admin/accounts/user/live-sessions/")
        assert page.locator("tr[data-session]").count() == 4
        screenshot(page, f"live-sessions-{scheme}")
        row = page.locator("tr[data-session]", has_text="Mia")
        assert "Edge 142 on macOS" in row.inner_text()
        row.get_by_role("button", name="End", exact=True).click()
        page.get_by_role("heading", name="End this session of Mia?").wait_for()
        screenshot(page, f"live-sessions-confirm-{scheme}")
        page.get_by_role("button", name="End the session").click()
        page.get_by_text("The session of Mia has ended.").wait_for()
        assert page.locator("tr[data-session]").count() == 3
        screenshot(page, f"live-sessions-ended-{scheme}")
        assert signed_in.get("/api/v1/me").status_code == 401
        page.goto(f"{live_server.url}/admin/accounts/user/{people[0].pk}/change/")
        screenshot(page, f"live-sessions-person-{scheme}")
        page.get_by_text("End all sessions").first.click()
        page.get_by_role("button", name="End all", exact=True).click()
        page.get_by_text("1 session of Zora Zimt ended.").wait_for()
        screenshot(page, f"live-sessions-person-ended-{scheme}")
