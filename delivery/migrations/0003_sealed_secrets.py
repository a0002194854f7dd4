import json
from collections.abc import Iterator
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from delivery.sealing import seal, unseal


def seal_all(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Encrypt what was stored in clear."""
    for row in _rows(apps, schema_editor, "SigningSecret").iterator(chunk_size=500):
        row.sealed, row.hint = seal(row.secret), row.secret[-4:]
        # Its column goes next; a database may keep the pages of one for long.
        row.secret = ""
        row.save(update_fields=["sealed", "hint", "secret"])
    for row in _authenticated(apps, schema_editor):
        stored = row.authentication
        row.authentication = {
            "name": stored["name"],
            "sealed": seal(json.dumps(stored["settings"])),
        }
        row.save(update_fields=["authentication"])


def unseal_all(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Store in clear again what an older version reads, without the keys that it cannot use."""
    secrets = _rows(apps, schema_editor, "SigningSecret")
    secrets.exclude(public_key="").delete()
    for row in secrets.iterator(chunk_size=500):
        row.secret = unseal(row.sealed)
        row.save(update_fields=["secret"])
    for row in _authenticated(apps, schema_editor):
        stored = row.authentication
        row.authentication = {
            "name": stored["name"],
            "settings": json.loads(unseal(stored["sealed"])),
        }
        row.save(update_fields=["authentication"])


def _rows(apps: Apps, schema_editor: BaseDatabaseSchemaEditor, name: str) -> Any:
    model = apps.get_model("webhook_delivery", name)
    return model.objects.using(schema_editor.connection.alias).all()


def _authenticated(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> Iterator[Any]:
    rows = _rows(apps, schema_editor, "Webhook").filter(authentication__isnull=False)
    yield from rows.iterator(chunk_size=500)


class Migration(migrations.Migration):
    dependencies = [
        ("webhook_delivery", "0002_what_webhooks_are_sent"),
    ]

    operations = [
        migrations.AddField(
            model_name="signingsecret",
            name="sealed",
            field=models.TextField(default="", editable=False),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signingsecret",
            name="hint",
            field=models.CharField(default="", editable=False, max_length=4),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="signingsecret",
            name="public_key",
            field=models.CharField(blank=True, editable=False, max_length=60),
        ),
        # Where it comes back, when this is undone, it must have a value at first.
        migrations.AlterField(
            model_name="signingsecret",
            name="secret",
            field=models.CharField(default="", max_length=100),
        ),
        migrations.RunPython(seal_all, unseal_all),
        migrations.RemoveField(
            model_name="signingsecret",
            name="secret",
        ),
    ]
