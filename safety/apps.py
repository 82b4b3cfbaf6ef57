from django.apps import AppConfig


class SafetyConfig(AppConfig):
    name = "safety"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Registers checks and duties, and reads every file that protects somebody:
        one that cannot be read stops the process here."""
        from safety import checks, coverage, drill, ladder  # noqa: PLC0415, F401 - need the apps

        checks.read_all()
