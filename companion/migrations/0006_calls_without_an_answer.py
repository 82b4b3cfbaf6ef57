from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("companion", "0005_takeover"),
    ]

    operations = [
        migrations.AlterField(
            model_name="casenote",
            name="kind",
            field=models.CharField(
                choices=[
                    ("note", "note"),
                    ("call", "call"),
                    ("no_answer", "call that nobody answered"),
                    ("question", "second opinion asked"),
                    ("opinion", "second opinion"),
                ],
                max_length=10,
                verbose_name="kind",
            ),
        ),
    ]
