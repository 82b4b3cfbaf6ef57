"""The forms of the gate and of the settings page: decode and check, change nothing."""

import re
from datetime import date
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _

from accounts import regions
from accounts.models import ContactKind, TextSize, User

OLDEST_YEARS = 120
TOO_MANY = _("So many people were asked today that the next must wait until tomorrow.")
LINK = re.compile(r"://|www\.|@|[\r\n]|\.(com|net|org|cn)\b", re.IGNORECASE)
LANGUAGE_NAMES = {"en": "English", "zh-hans": "简体中文"}  # each in itself


class AgreementForm(forms.Form):
    version = forms.CharField(widget=forms.HiddenInput, max_length=20)
    agreed = forms.BooleanField(
        label=_("I have read this and agree"),
        error_messages={
            "required": _("To go on, tick the box. If you do not agree, sign out.")
        },
    )


class PlaceForm(forms.Form):
    """Region, language and time zone."""

    region = forms.ChoiceField(
        label=_("Country or region"),
        help_text=_("It decides which help lines you see."),
    )
    language = forms.ChoiceField(label=_("Language"))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        help_text=_("So that times and days are right for you."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("region", regions.choices())
        self._offer("language", list(LANGUAGE_NAMES.items()))
        self._offer("time_zone", regions.time_zone_choices())

    def _offer(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - narrows the type
        field.choices = choices


class AboutForm(PlaceForm):
    """Adds the birth date in three plain fields, while none has been stated."""

    year = forms.IntegerField(label=_("Year"), min_value=1, max_value=9999)
    month = forms.TypedChoiceField(
        label=_("Month"), coerce=int, choices=[("", "—"), *MONTHS.items()]
    )
    day = forms.IntegerField(label=_("Day"), min_value=1, max_value=31)
    field_order = ("year", "month", "day", "region", "language", "time_zone")

    def __init__(self, *args: Any, user: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.birth_date_known = user.birth_date is not None
        for name, complete in (("year", "bday-year"), ("day", "bday-day")):
            shown = {"autocomplete": complete, "inputmode": "numeric"}
            self.fields[name].widget = forms.TextInput(attrs=shown | {"maxlength": 4})
        self.fields["month"].widget.attrs["autocomplete"] = "bday-month"
        if self.birth_date_known:
            for name in ("year", "month", "day"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        parts = [cleaned.get(name) for name in ("year", "month", "day")]
        cleaned["birth_date"] = None
        if not self.birth_date_known and all(parts):
            cleaned["birth_date"] = self._birth_date(parts)
        return cleaned

    def _birth_date(self, parts: list[Any]) -> date | None:
        try:
            stated = date(*parts)
        except ValueError:
            self.add_error("day", _("This day does not exist. Check day and month."))
            return None
        if not 0 <= self.today.year - stated.year <= OLDEST_YEARS:
            self.add_error("year", _("Check the year. Use four digits, such as 1985."))
        elif stated >= self.today:
            self.add_error("day", _("This day has not come yet."))
        return stated


def no_link(name: str) -> None:
    """Names stand in mails to strangers: none of them may carry an address (T16)."""
    if LINK.search(name):
        raise ValidationError(_("Write a name here, without an address or a link."))


class ContactForm(forms.Form):
    """Somebody who may be told. A guardian needs an e-mail address; for an emergency
    contact an e-mail address or a phone number is enough."""

    name = forms.CharField(label=_("Their name"), max_length=60, validators=[no_link])
    email = forms.EmailField(label=_("Their e-mail address"), required=False)
    phone = forms.CharField(
        label=_("Their phone number"),
        max_length=40,
        required=False,
        help_text=_("With the country code when it is a number from abroad."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
    )
    known_as = forms.CharField(
        label=_("Your name, as this person knows you"),
        max_length=60,
        required=False,
        validators=[no_link],
        help_text=_("We write it to them. Without it they see your e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, user: User, kind: ContactKind, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["known_as"].initial = user.display_name
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        self.fields["email"].required = kind == ContactKind.GUARDIAN

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email.casefold() == self.user.email.casefold():
            raise ValidationError(
                _("This is your own address. Name someone other than yourself.")
            )
        return email

    def clean_phone(self) -> str:
        """The number in E.164 form."""
        written: str = self.cleaned_data["phone"]
        return phone_number(written, self.user.region) if written else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        tried = cleaned.keys() >= {"email", "phone"}
        if tried and not cleaned["email"] and not cleaned["phone"]:
            self.add_error(
                "email",
                _("Give an e-mail address or a phone number."),
            )
        return cleaned


class SuccessorForm(forms.Form):
    """Whom a contact proposes in their own place."""

    name = forms.CharField(label=_("Their name"), max_length=60, validators=[no_link])
    email = forms.EmailField(label=_("Their e-mail address"))


def phone_number(written: str, region: str) -> str:
    """In E.164 form. Raises `ValidationError`."""
    country = regions.country(region)
    try:
        number = phonenumbers.parse(written, country)
    except phonenumbers.NumberParseException:
        number = phonenumbers.PhoneNumber()
    if not phonenumbers.is_valid_number(number):
        raise ValidationError(
            _("This is not a phone number we can call. Example: %(example)s"),
            params={"example": _example(country)},
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _example(country: str) -> str:
    number = phonenumbers.example_number(country) or phonenumbers.example_number("CN")
    assert number is not None  # noqa: S101 - narrows the type
    return phonenumbers.format_number(
        number, phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )


class PresentationForm(forms.Form):
    display_name = forms.CharField(
        label=_("Name"),
        max_length=60,
        required=False,
        help_text=_("How these pages should call you. Any name will do."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    text_size = forms.ChoiceField(
        label=_("Text size"), choices=TextSize, widget=forms.RadioSelect
    )
