"""Cases as operators work on them: the incidents of `safety`, seen from the console.

No table of its own: the rows and their acts are in `safety`.
"""

from django.utils.translation import gettext_lazy as _

from safety.models import Incident


class Case(Incident):
    class Meta:
        proxy = True
        verbose_name = _("case")
        verbose_name_plural = _("Cases: people who need somebody")
        default_permissions = ("view", "change")
