"""People for tests, made through the same services as real ones."""

from datetime import date

from accounts import agreement, operators, services
from accounts.models import User
from accounts.roles import Role

PASSWORD = "correct-horse-battery"


def sign_up(name, *, language="en", staff=False):
    """Signed up, e-mail confirmed, nothing else."""
    user = User.objects.create_user(
        f"{name}@example.org", PASSWORD, language=language, is_staff=staff
    )
    operators.confirm_email(user)
    return user


def agree(user, now):
    services.accept_agreement(
        user=user, version=agreement.VERSION, language="en", now=now
    )


def tell(user, born, *, region="GB", language="en", time_zone="Europe/London"):
    services.state_about(
        user=user,
        birth_date=born,
        region=region,
        language=language,
        time_zone=time_zone,
    )


def name_gil(user, now):
    return services.name_contact(
        user=user, name="Gil Ortega", email="gil@example.org", phone="", now=now
    )


def open_account(name, born, now, **place):
    user = sign_up(name)
    agree(user, now)
    tell(user, born, **place)
    name_gil(user, now)
    return user


def ada(now):
    return open_account("ada", date(1992, 3, 4), now)


def mina(now):
    return open_account(
        "mina",
        date(2012, 3, 4),
        now,
        region="CN",
        language="zh-hans",
        time_zone="Asia/Shanghai",
    )


def wen(now):
    return open_account(
        "wen",
        date(1956, 5, 6),
        now,
        region="CN",
        language="zh-hans",
        time_zone="Asia/Shanghai",
    )


def otto():
    user = operators.make_operator(
        email="otto@example.org", name="Otto", role=Role.SUPERVISOR, language="en"
    )
    user.set_password(PASSWORD)
    user.save()
    return user
