"""The layer `heads` of the gate (`settings.SAFETY_LAYERS`).

The encoder is loaded with this module: whoever uses the layer pays when it starts, not
in somebody's first message; and when anything is missing the import fails, so that the
layer counts as failed in every verdict.
"""

from safety.heads.coefficients import coefficients
from safety.heads.encoder import encoder
from safety.heads.reading import read
from safety.heads.table import meanings

__all__ = ["read"]

coefficients(encoder())
meanings()
