"""Ids of activities are the entries' own: 24 hexadecimal digits, whatever the engine.

Earlier rows keep the first 24 of their UUID's 32 digits, of which 90 bits are random.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    """ALTER TABLE activity_logs ALTER COLUMN id TYPE varchar(24)
                       USING left(replace(id::text, '-', ''), 24)""",
                    "ALTER TABLE activity_logs ALTER COLUMN id TYPE uuid USING md5(id)::uuid",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="activitylogrow",
                    name="id",
                    field=models.CharField(max_length=24, primary_key=True, serialize=False),
                )
            ],
        )
    ]
