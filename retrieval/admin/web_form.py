"""The form by which web pages are added: addresses, or a sitemap."""

from typing import Any

from django.forms import CharField, ModelForm, ValidationError
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from config import limits
from retrieval.models import WebPage


class WebPagesForm(ModelForm):
    """Addresses, one a line, or the address of a sitemap."""

    addresses = CharField(
        required=False,
        max_length=limits.WEB_PAGES_PER_REQUEST * limits.WEB_URL_MAX,
        widget=UnfoldAdminTextareaWidget,
        help_text=f"One a line; at most {limits.WEB_PAGES_PER_REQUEST}.",
    )
    sitemap_address = CharField(
        required=False,
        max_length=limits.WEB_URL_MAX,
        widget=UnfoldAdminTextInputWidget,
        help_text="Instead: the address of a sitemap, whose pages are all added.",
    )

    class Meta:
        model = WebPage
        fields = ("topic",)

    def clean_addresses(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["addresses"].splitlines())
        found = [line for line in lines if line]
        if len(found) > limits.WEB_PAGES_PER_REQUEST:
            raise ValidationError(f"At most {limits.WEB_PAGES_PER_REQUEST} addresses at once.")
        return found

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and bool(data["addresses"]) == bool(data["sitemap_address"]):
            raise ValidationError("Write addresses, or the address of a sitemap.")
        return data
