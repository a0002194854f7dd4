from django.db import migrations, models


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
    ]
