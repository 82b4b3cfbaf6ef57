"""The demo cast: people to look around with, made through the same services as all.

Never in production: their passwords are printed.
"""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from accounts import agreement, contact_links, contacts, gate, operators
from accounts import services as accounts
from accounts.models import ConsentPurpose, User
from accounts.roles import Role
from guardians import services

CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    age: int
    language: str
    region: str
    time_zone: str
    contact: str

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@localhost"


ADA = Person("Ada", 34, "en", "GB", "Europe/London", "Gil")
GIL = Person("Gil", 45, "zh-hans", "CN", "Asia/Shanghai", "Ada")
MINA = Person("Mina", 14, "zh-hans", "CN", "Asia/Shanghai", "Gil")
WEN = Person("Wen", 70, "zh-hans", "CN", "Asia/Shanghai", "Gil")


def make_cast(now: datetime) -> dict[str, str]:
    """Makes whoever is missing; returns a new password for each, by e-mail address."""
    people = {person.name: _person(person, now) for person in (ADA, GIL, MINA, WEN)}
    link = services.link(ward=people["Mina"], guardian=people["Gil"], now=now)
    for purpose in ConsentPurpose:
        services.consent(guardianship=link, purpose=purpose, by=people["Gil"], now=now)
    return {user.email: _new_password(user) for user in [*people.values(), _otto()]}


def _person(person: Person, now: datetime) -> User:
    """Walks through the gate as far as is still to be walked."""
    user = User.objects.filter(email=person.email).first()
    if user is None:
        user = User.objects.create_user(
            person.email, display_name=person.name, language=person.language
        )
    operators.confirm_email(user)
    accounts.accept_agreement(
        user=user, version=agreement.VERSION, language=user.language, now=now
    )
    if user.birth_date is None:
        accounts.state_about(
            user=user,
            birth_date=_born(person.age, now.date()),
            region=person.region,
            language=person.language,
            time_zone=person.time_zone,
        )
    if gate.next_step(user, now):
        _name_contact(user, person.contact, now)
    return user


def _name_contact(user: User, name: str, now: datetime) -> None:
    """Named, asked, and agreed: the demo shows what happens to who is told."""
    email = f"{name.lower()}@localhost"
    contact = accounts.name_contact(
        user=user, name=name, email=email, phone="", known_as=user.display_name, now=now
    )
    token = contact_links.issue(link=contact.links.get(), now=now)
    contacts.confirm(token=token, language=user.language, keep_phone=False, now=now)


def _otto() -> User:
    user = User.objects.filter(email="otto@localhost").first()
    return user or operators.make_operator(
        email="otto@localhost", name="Otto", role=Role.CRISIS_RESPONDER, language="en"
    )


def _born(age: int, today: date) -> date:
    """A birthday on a first of January; the age is exact on that day and after."""
    return date(today.year - age, 1, 1)


def _new_password(user: User) -> str:
    """Readable, and of some 60 bits: eight syllables and four digits."""
    syllables = [secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(8)]
    word = "".join(syllables)
    password = f"{word[:8]}-{word[8:]}-{secrets.randbelow(10_000):04}"
    user.set_password(password)
    user.save(update_fields=["password"])
    return password
