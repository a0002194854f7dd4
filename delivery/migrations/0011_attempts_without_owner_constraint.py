import django.db.models.deletion
from django.db import migrations, models

from events.conf import owner_model


class Migration(migrations.Migration):
    # By itself, so that deliveries are not locked while it waits for attempts: whoever uses both
    # in another order would wait for it, and it for them.
    dependencies = [
        ("webhook_delivery", "0010_deliveries_without_owner_constraint"),
        migrations.swappable_dependency(owner_model()),
    ]

    operations = [
        migrations.AlterField(
            model_name="attempt",
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
