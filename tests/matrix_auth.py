"""Who is answered what by django-allauth's API: rows of the table in tests/matrix.py.

Nobody here has a second factor or a link from a mail: what happens with those is shown in
accounts/tests. A 401 to somebody who is signed in asks them to prove again who they are, or says
that no sign-in of theirs waits for a second factor.
"""

from accounts.tests.factories import PASSWORD
from tests.matrix_row import Row

AUTH = "/_allauth/browser/v1/"

ANYONE = "200 200 200 200 200 200 200 200"
SIGNED_IN = "401 200 200 200 200 200 200 200"
NO_KEY = "400 400 400 400 400 400 400 400"
REFUSED = "401 400 400 400 400 400 400 400"
NOTHING_OPEN = "401 401 401 401 401 401 401 401"
NONE_YET = "401 404 404 404 404 404 404 404"

NEW_PASSWORD = "a-Long-test-password-9"

AUTH_ROWS: dict[str, Row] = {
    f"{method} {AUTH}{path}": row
    for (method, path), row in {
        ("GET", "config"): Row(ANYONE),
        ("GET", "auth/session"): Row(SIGNED_IN),
        # Signed out, nobody is signed in: the library says it by a 401.
        ("DELETE", "auth/session"): Row(NOTHING_OPEN),
        ("POST", "auth/login"): Row(
            "200 409 409 409 409 409 409 409",
            body=lambda s: {"email": s.newcomer.email, "password": PASSWORD},
        ),
        # 401: the address must be confirmed first.
        ("POST", "auth/signup"): Row(
            "401 409 409 409 409 409 409 409",
            body=lambda s: {"email": "new@school.test", "password": NEW_PASSWORD, "name": "New"},
        ),
        ("GET", "auth/email/verify"): Row(NO_KEY),
        ("POST", "auth/email/verify"): Row(NO_KEY, body=lambda s: {"key": "of-nobody"}),
        ("POST", "auth/password/request"): Row(ANYONE, body=lambda s: {"email": "a@school.test"}),
        ("GET", "auth/password/reset"): Row(NO_KEY),
        ("POST", "auth/password/reset"): Row(
            NO_KEY, body=lambda s: {"key": "of-nobody", "password": NEW_PASSWORD}
        ),
        ("POST", "auth/reauthenticate"): Row(SIGNED_IN, body=lambda s: {"password": PASSWORD}),
        ("POST", "auth/2fa/authenticate"): Row(NOTHING_OPEN, body=lambda s: {"code": "123456"}),
        ("POST", "auth/2fa/reauthenticate"): Row(REFUSED, body=lambda s: {"code": "123456"}),
        ("GET", "auth/webauthn/authenticate"): Row(NOTHING_OPEN),
        ("POST", "auth/webauthn/authenticate"): Row(
            NOTHING_OPEN, body=lambda s: {"credential": {}}
        ),
        ("GET", "auth/webauthn/reauthenticate"): Row(SIGNED_IN),
        ("POST", "auth/webauthn/reauthenticate"): Row(REFUSED, body=lambda s: {"credential": {}}),
        ("GET", "auth/webauthn/login"): Row(ANYONE),
        ("POST", "auth/webauthn/login"): Row(NO_KEY, body=lambda s: {"credential": {}}),
        ("GET", "account/email"): Row(SIGNED_IN),
        # To change it one proves again who one is; the library's 409 is for who has no account.
        ("POST", "account/email"): Row(
            "409 401 401 401 401 401 401 401", body=lambda s: {"email": "other@school.test"}
        ),
        ("PUT", "account/email"): Row(REFUSED, body=lambda s: {"email": "other@school.test"}),
        ("PATCH", "account/email"): Row(
            REFUSED, body=lambda s: {"email": "other@school.test", "primary": True}
        ),
        ("DELETE", "account/email"): Row(REFUSED, body=lambda s: {"email": "other@school.test"}),
        ("POST", "account/password/change"): Row(
            SIGNED_IN, body=lambda s: {"current_password": PASSWORD, "new_password": NEW_PASSWORD}
        ),
        ("GET", "account/authenticators"): Row(SIGNED_IN),
        ("GET", "account/authenticators/totp"): Row(NONE_YET),
        ("POST", "account/authenticators/totp"): Row(REFUSED, body=lambda s: {"code": "123456"}),
        ("DELETE", "account/authenticators/totp"): Row(SIGNED_IN),
        ("GET", "account/authenticators/recovery-codes"): Row(NONE_YET),
        ("POST", "account/authenticators/recovery-codes"): Row(REFUSED),
        ("GET", "account/authenticators/webauthn"): Row(NOTHING_OPEN),
        ("POST", "account/authenticators/webauthn"): Row(
            REFUSED, body=lambda s: {"name": "Key", "credential": {}}
        ),
        ("PUT", "account/authenticators/webauthn"): Row(
            REFUSED, body=lambda s: {"id": 1, "name": "Key"}
        ),
        ("DELETE", "account/authenticators/webauthn"): Row(
            REFUSED, body=lambda s: {"authenticators": [1]}
        ),
    }.items()
}
