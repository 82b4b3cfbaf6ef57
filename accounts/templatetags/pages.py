"""What the account pages need beside their forms: where mail goes on a machine that
writes it to a folder, a fixed text, a control without an echo of its label."""

from pathlib import Path

from django import template
from django.conf import settings
from django.forms import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from safety import texts
from safety.texts import FixedText

register = template.Library()
FILE_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


@register.simple_tag
def mail_folder() -> str:
    """The folder, relative to the code where possible; "" when mail is really sent.

    Never in production: a path on the machine is nobody's business there.
    """
    if settings.PRODUCTION or settings.EMAIL_BACKEND != FILE_BACKEND:
        return ""
    folder = Path(settings.EMAIL_FILE_PATH)
    inside = folder.is_relative_to(settings.BASE_DIR)
    return str(folder.relative_to(settings.BASE_DIR) if inside else folder)


@register.simple_tag
def fixed_text(text_id: str) -> FixedText:
    """A reviewed text in the language of the page."""
    return texts.get(text_id, get_language() or "en")


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The form control. Its label says what it is; a placeholder that repeats the
    label goes away when one types and is read twice by a screen reader."""
    field.field.widget.attrs.pop("placeholder", None)
    return field.as_widget()
