"""A user who is deleted in the database takes the library's rows along, as ours."""

from django.db import migrations

from config.db import cascade_foreign_key


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0003_addresses"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        cascade_foreign_key("account_emailaddress", "user_id", "users"),
        cascade_foreign_key("mfa_authenticator", "user_id", "users"),
    ]
