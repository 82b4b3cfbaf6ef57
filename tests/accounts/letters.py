"""Mails as a person reads them."""

import re
from email import message_from_bytes
from email.policy import default


def plain(mail):
    """Headers that matter and the decoded text of a mail as it lies in the folder."""
    message = message_from_bytes(mail.encode(), policy=default)
    body = message.get_content()
    return f"To: {message['to']}\nSubject: {message['subject']}\n\n{body}"


def link_in(letter, page):
    """The token of the link to a contact's page."""
    return re.search(rf"/contact/{page}/([\w-]+)/", letter)[1]


def written(folder):
    """Each letter in a folder, newest last: Django may write two into one file."""
    files = sorted(folder.iterdir()) if folder.exists() else ()
    text = "".join(file.read_text() for file in files)
    return [letter for letter in text.split("-" * 79 + "\n") if letter.strip()]
