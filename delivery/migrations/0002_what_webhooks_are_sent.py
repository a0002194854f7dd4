import hashlib
import json

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def renew_fingerprints(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Let them stand for conditions and selections as well, so that duplicates are still found."""
    webhooks = apps.get_model("webhook_delivery", "Webhook").objects.using(
        schema_editor.connection.alias
    )
    for webhook in webhooks.prefetch_related("event_subscriptions").iterator(chunk_size=500):
        wanted = {(each.event_type, "[]", "") for each in webhook.event_subscriptions.all()}
        text = json.dumps([webhook.url, sorted(wanted)])
        webhook.fingerprint = hashlib.sha256(text.encode()).hexdigest()
        webhook.save(update_fields=["fingerprint"])


class Migration(migrations.Migration):
    dependencies = [
        ("webhook_delivery", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="payload_format",
            field=models.CharField(default="standard", max_length=50),
        ),
        migrations.AddField(
            model_name="delivery",
            name="selection",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="eventsubscription",
            name="conditions",
            field=models.TextField(default="[]"),
        ),
        migrations.AddField(
            model_name="eventsubscription",
            name="selection",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="webhook",
            name="authentication",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="webhook",
            name="callback",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="webhook",
            name="failing_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="webhook",
            name="headers",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="webhook",
            name="payload_format",
            field=models.CharField(default="standard", max_length=50),
        ),
        migrations.AddField(
            model_name="webhook",
            name="status_reason",
            field=models.TextField(blank=True),
        ),
        migrations.AlterField(
            model_name="webhook",
            name="status",
            field=models.CharField(
                choices=[
                    ("active", "Active"),
                    ("paused", "Paused"),
                    ("suspended", "Suspended"),
                    ("cancelled", "Cancelled"),
                ],
                default="active",
                max_length=10,
            ),
        ),
        migrations.RunPython(renew_fingerprints, migrations.RunPython.noop),
    ]
