"""What is made from the source before the site serves: translations, static files.

Made again only when the source changed; a half-made set is never taken for done.
"""

import hashlib
import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def compile_messages() -> int:
    """Every .po whose .mo is missing or older; returns how many were compiled."""
    sources = [po for root in settings.LOCALE_PATHS for po in _catalogues(Path(root))]
    stale = [po for po in sources if _is_newer(po, po.with_suffix(".mo"))]
    for po in stale:
        _compile(po)
    return len(stale)


def _catalogues(root: Path) -> list[Path]:
    return sorted(root.glob("*/LC_MESSAGES/*.po"))


def _is_newer(source: Path, made: Path) -> bool:
    return not made.exists() or source.stat().st_mtime > made.stat().st_mtime


def _compile(po: Path) -> None:
    with po.open("rb") as source:
        catalogue = read_po(source, locale=po.parts[-3].replace("-", "_"))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    half = po.with_suffix(".mo.part")
    half.write_bytes(compiled.getvalue())
    half.replace(po.with_suffix(".mo"))


def collect_static() -> bool:
    """Hashed and compressed copies; returns whether there was anything to do."""
    stamp = Path(settings.STATIC_ROOT) / ".source"
    source = _fingerprint()
    if stamp.exists() and stamp.read_text() == source:
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(source)
    return True


def _fingerprint() -> str:
    """Changes with every file that is found, its size or its time."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
