from django.apps import AppConfig


class CompanionConfig(AppConfig):
    name = "companion"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers the checks. Safety cannot reach up here: it writes a duty, and this
        is who does it."""
        from companion import checks, takeover  # noqa: F401, PLC0415 - needs the apps
        from safety import duties, telling  # noqa: PLC0415

        duties.handler(takeover.TELL_DIALOGUE)(takeover.tell_dialogue)
        duties.handler(telling.TELL_PERSON)(takeover.tell_person)
