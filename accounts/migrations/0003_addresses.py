"""Every account that was made before addresses were confirmed keeps its address as confirmed."""

from django.db import migrations


def confirm(apps, schema_editor):
    users = apps.get_model("accounts", "User")
    addresses = apps.get_model("account", "EmailAddress")
    preferences = apps.get_model("accounts", "UserPreferences")
    known = addresses.objects.values("user_id")
    addresses.objects.bulk_create(
        (
            addresses(user_id=pk, email=email, verified=True, primary=True)
            for pk, email in users.objects.exclude(pk__in=known).values_list("pk", "email")
        ),
        batch_size=1000,
    )
    have = preferences.objects.values("user_id")
    preferences.objects.bulk_create(
        (
            preferences(user_id=pk)
            for pk in users.objects.exclude(pk__in=have).values_list("pk", flat=True)
        ),
        batch_size=1000,
    )


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0002_invitations_and_keys"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(confirm, migrations.RunPython.noop)]
