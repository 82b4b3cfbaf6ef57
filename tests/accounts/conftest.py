"""Members of the cast as rows; mail is written to a folder."""

import pytest

from accounts import operators

BETWEEN = "-" * 79 + "\n"  # Django may write two mails into one file


@pytest.fixture
def mail(settings, tmp_path):
    """The mails of this test, each as text, newest last."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")

    def read():
        folder = tmp_path / "mail"
        files = folder.iterdir() if folder.exists() else ()
        written = "".join(file.read_text() for file in sorted(files))
        return [mail for mail in written.split(BETWEEN) if mail.strip()]

    return read


@pytest.fixture
def first_operator(db):
    return operators.first_operator()
