import threading
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from vault import audit
from vault.models import AuditEntry

pytestmark = pytest.mark.django_db


def write(chain, number):
    for nth in range(number):
        audit.record(chain=chain, act="test.act", actor="test", facts={"nth": nth})


@pytest.fixture
def unlocked():
    """As somebody with all rights on the database could do it."""
    with connection.cursor() as cursor:
        cursor.execute("alter table vault_auditentry disable trigger user")
        yield cursor
        cursor.execute("alter table vault_auditentry enable trigger user")


@pytest.mark.obligation("CN-24")
def test_a_chain_is_whole_and_counts_its_entries():
    chain = uuid4()
    write(chain, 3)
    assert audit.verify(chain) == 3
    assert audit.verify(uuid4()) == 0


@pytest.mark.parametrize(
    ("change", "seq"),
    [
        ("update vault_auditentry set act = 'other' where chain = %s and seq = 2", 2),
        ("update vault_auditentry set facts = '{}' where chain = %s and seq = 3", 3),
        ("update vault_auditentry set at = now() where chain = %s and seq = 1", 1),
        ("delete from vault_auditentry where chain = %s and seq = 2", 2),
    ],
)
def test_whoever_changes_the_past_is_found(unlocked, change, seq):
    chain = uuid4()
    write(chain, 4)
    unlocked.execute(change, [str(chain)])
    with pytest.raises(audit.ChainBroken) as broken:
        audit.verify(chain)
    assert broken.value.seq == seq


@pytest.mark.parametrize("act", ["update", "delete"])
def test_the_database_itself_refuses_to_change_an_entry(act):
    chain = uuid4()
    write(chain, 1)
    rows = AuditEntry.objects.filter(chain=str(chain))
    with pytest.raises(DatabaseError), transaction.atomic():
        rows.update(act="other") if act == "update" else rows.delete()
    assert audit.verify(chain) == 1


def test_a_fact_too_long_to_be_an_id_is_refused():
    with pytest.raises(ValueError, match="longer than"):
        audit.record(chain=uuid4(), act="x", actor="x", facts={"text": "a" * 201})


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_unbroken_chain():
    chain = uuid4()

    def writer():
        write(chain, 10)
        connection.close()

    writers = [threading.Thread(target=writer) for _ in range(4)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    assert audit.verify(chain) == 40
