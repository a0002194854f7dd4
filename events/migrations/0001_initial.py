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
            name="EventRecord",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=events.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("event_type", models.CharField(max_length=100)),
                ("payload", models.TextField()),
                ("key", models.CharField(max_length=200, null=True)),
                ("is_test", models.BooleanField(default=False)),
                ("occurred_at", models.DateTimeField()),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("fanned_out_at", models.DateTimeField(null=True)),
                ("fan_out_cursor", models.UUIDField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Whose event it is; empty for everyone's.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=owner_model(),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("fanned_out_at__isnull", True)),
                        fields=["id"],
                        name="event_unfanned",
                    ),
                    models.Index(fields=["owner", "id"], name="event_owner"),
                    models.Index(fields=["occurred_at"], name="event_occurred"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key__isnull", False)),
                        fields=("owner", "event_type", "key"),
                        name="event_key_of_owner",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("key__isnull", False), ("owner__isnull", True)),
                        fields=("event_type", "key"),
                        name="event_key_of_everyone",
                    ),
                ],
            },
        ),
    ]
