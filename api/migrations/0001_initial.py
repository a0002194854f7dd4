import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import events.ids
from events.conf import owner_model


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(owner_model()),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=events.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("digest", models.CharField(editable=False, max_length=64, unique=True)),
                ("hint", models.CharField(editable=False, max_length=8)),
                ("scopes", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=owner_model(),
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["owner", "id"], name="api_token_owner")],
            },
        ),
    ]
