"""The Chinese catalogue is whole: every English string of the code has a Chinese text
with the same placeholders, and none is left over. It never judges the wording.
"""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation import gettext, ngettext, override
from django.utils.translation.template import templatize

from config.assets import compile_messages

APPS = ["config", "compliance", "guardians", "companion", "accounts", "safety", "vault"]
PO = Path(settings.LOCALE_PATHS[0], "zh_Hans", "LC_MESSAGES", "django.po")
CALLS = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy"}
LITERAL = r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
TEMPLATE_CALL = re.compile(rf"\b(?:_|n?gettext)\(u?{LITERAL}")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}|</?\w[^>]*>")


def catalogue():
    with PO.open("rb") as source:
        return [m for m in read_po(source, locale="zh_Hans") if m.id]


def forms(text):
    return list(text) if isinstance(text, list | tuple) else [text]


def of_python(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS:
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield first.value


def of_template(path):
    """Django's own reading of a template, the one behind `makemessages`."""
    for literal in TEMPLATE_CALL.findall(templatize(path.read_text("utf-8"))):
        yield ast.literal_eval(literal)


def spoken():
    root = settings.BASE_DIR
    found = [path for app in APPS for path in (root / app).rglob("*.py")]
    pages = [
        p for p in (root / "templates").rglob("*") if p.suffix in (".html", ".txt")
    ]
    return {text for path in found for text in of_python(path)} | {
        text for path in pages for text in of_template(path)
    }


def test_every_string_of_the_code_stands_in_the_catalogue():
    assert spoken() - {forms(m.id)[0] for m in catalogue()} == set()


def test_the_catalogue_holds_nothing_that_the_code_no_longer_says():
    assert {forms(m.id)[0] for m in catalogue()} - spoken() == set()


def test_every_entry_is_translated_and_none_is_a_guess():
    assert [m.id for m in catalogue() if not all(forms(m.string))] == []
    assert [m.id for m in catalogue() if m.fuzzy] == []


def test_every_translation_keeps_the_placeholders():
    broken = [
        m.id
        for m in catalogue()
        for said in forms(m.string)
        if sorted(PLACEHOLDER.findall(forms(m.id)[-1]))
        != sorted(PLACEHOLDER.findall(said))
    ]
    assert broken == []


def test_you_is_said_in_one_way():
    assert [m.id for m in catalogue() if "您" in "".join(forms(m.string))] == []


@pytest.mark.parametrize(("count", "said"), [(1, "1 项测试"), (2, "2 项测试")])
def test_the_compiled_catalogue_speaks_also_in_the_plural(count, said):
    compile_messages()
    with override("zh-hans"):
        assert gettext("Need a person?") == "需要真人帮助？"
        text = ngettext("%(tests)s test", "%(tests)s tests", count)
        assert text % {"tests": count} == said
