import django.db.models.deletion
from django.db import migrations, models

import events.ids
from events.conf import owner_model


class Migration(migrations.Migration):
    dependencies = [
        ("webhook_delivery", "0003_sealed_secrets"),
        migrations.swappable_dependency(owner_model()),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=events.ids.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("webhook_created", "Webhook Created"),
                            ("webhook_updated", "Webhook Updated"),
                            ("webhook_paused", "Webhook Paused"),
                            ("webhook_resumed", "Webhook Resumed"),
                            ("webhook_suspended", "Webhook Suspended"),
                            ("webhook_cancelled", "Webhook Cancelled"),
                            ("signing_secret_rotated", "Signing Secret Rotated"),
                            ("signing_secret_revoked", "Signing Secret Revoked"),
                            ("delivery_retried", "Delivery Retried"),
                            ("api_token_created", "Api Token Created"),
                            ("api_token_revoked", "Api Token Revoked"),
                        ],
                        max_length=30,
                    ),
                ),
                (
                    "actor_kind",
                    models.CharField(
                        choices=[
                            ("person", "Person"),
                            ("token", "Token"),
                            ("code", "Code"),
                            ("system", "System"),
                        ],
                        max_length=10,
                    ),
                ),
                ("actor_id", models.TextField(blank=True)),
                ("actor_name", models.TextField()),
                ("target_id", models.CharField(max_length=50)),
                ("changed", models.JSONField(blank=True, default=list)),
                ("reason", models.TextField(blank=True)),
                ("happened_at", models.DateTimeField()),
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
                "verbose_name_plural": "audit entries",
                "indexes": [
                    models.Index(fields=["owner", "id"], name="audit_owner"),
                    models.Index(fields=["owner", "target_id", "id"], name="audit_target"),
                ],
            },
        ),
    ]
