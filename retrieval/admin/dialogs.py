"""Questions before a change: the answer is a POST with a token."""

from unfold.dataclasses import ActionDialog


def asked(title: str, description: str, submit: str) -> ActionDialog:
    """A dialog with a title, a sentence and a button."""
    return ActionDialog(
        title=title, description=description, form_class=None, form_submit_text=submit
    )
