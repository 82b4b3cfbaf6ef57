"""Second factors: secrets are sealed, and the QR code can be read in the dark view."""

import base64
from io import BytesIO
from uuid import UUID

import qrcode  # type: ignore[import-untyped]
from allauth.mfa.adapter import DefaultMFAAdapter
from qrcode.image.svg import SvgPathFillImage  # type: ignore[import-untyped]

from vault.sealing import Place, Purpose, seal, unseal

# allauth names neither the person nor the row here, so the seal binds the column only.
_NOBODY = UUID(int=0)
_SECRET = Place(
    subject=_NOBODY,
    purpose=Purpose.PROFILE,
    table="authenticator",
    column="secret",
    row=_NOBODY,
    bound=(),
)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth is untyped
    def encrypt(self, text: str) -> str:
        return base64.b64encode(seal(text, _SECRET)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(base64.b64decode(encrypted_text), _SECRET)

    def build_totp_svg(self, url: str) -> str:
        """On a white ground: a camera needs it, also in the dark view of the page."""
        drawn = BytesIO()
        qrcode.make(url, image_factory=SvgPathFillImage).save(drawn)
        return drawn.getvalue().decode()
