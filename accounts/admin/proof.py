"""What needs a recent proof of who one is, beyond a session that somebody may have stolen."""

from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse

from accounts.auth.proof import proof_is_recent
from config import limits


class ProofNeeded(Exception):
    """The person has not proved recently enough who they are."""


def proof_require(request: HttpRequest) -> None:
    """Raise ProofNeeded unless the last proof is younger than ADMIN_REAUTHENTICATION_TTL."""
    if not proof_is_recent(request, limits.ADMIN_REAUTHENTICATION_TTL):
        raise ProofNeeded


def proof_page(request: HttpRequest, back_to: str | None = None) -> HttpResponseRedirect:
    """To the page that asks for the proof, and from there back."""
    messages.warning(request, "Nothing has changed yet: prove who you are, then do it again.")
    flows = {flow["id"] for flow in get_reauthentication_flows(request.user)}
    name = "account_reauthenticate" if "reauthenticate" in flows else "mfa_reauthenticate"
    query = urlencode({"next": back_to or request.get_full_path()})
    return HttpResponseRedirect(f"{reverse(name)}?{query}")
