"""The database itself refuses to change or delete an audit entry."""

from django.db import migrations

REFUSE = """
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'audit entries are never changed or deleted';
end $$;
create trigger audit_append_only before update or delete on vault_auditentry
    for each row execute function audit_is_append_only();
"""
ALLOW = """
drop trigger audit_append_only on vault_auditentry;
drop function audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
