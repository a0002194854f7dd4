import django.db.models.deletion
from django.db import migrations, models

from events.conf import owner_model


class Migration(migrations.Migration):
    dependencies = [
        ("webhook_delivery", "0009_pace"),
        migrations.swappable_dependency(owner_model()),
    ]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="owner",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=owner_model(),
            ),
        ),
    ]
