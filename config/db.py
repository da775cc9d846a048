"""What Django's ORM can't say of the spec's tables.

Index names of more than 30 characters (PostgreSQL takes 63), and database-level ON DELETE
CASCADE: Django 5.2 cascades in Python, which a query outside Django would not see. A field with
`db_constraint=False` and this operation in its migration gives the constraint to the
database itself.
"""

from django.db import migrations, models


class NamedIndex(models.Index):
    """An index whose name may be as long as PostgreSQL allows."""

    max_name_length = 63


def cascade_foreign_key(table: str, column: str, to_table: str) -> migrations.RunSQL:
    """A foreign key `table.column -> to_table.id` with ON DELETE CASCADE."""
    name = f"{table}_{column}_fkey"
    return migrations.RunSQL(
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY ("{column}") '
        f'REFERENCES "{to_table}" ("id") ON DELETE CASCADE',
        f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"',
    )
