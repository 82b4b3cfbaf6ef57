import pytest

from vault.keyring import FileKeyring, InvalidUnwrap, KeyringMissing

KEY = bytes(range(32))
OWNER = ("ada", "chat", "1")


@pytest.fixture
def ring(tmp_path):
    made = FileKeyring(tmp_path / "keyring")
    made.create()
    return made


def test_a_key_opens_for_its_owner_and_purpose_alone(ring):
    blob = ring.wrap(KEY, version=1, context=OWNER)
    assert ring.unwrap(blob, version=1, context=OWNER) == KEY
    for other in (("wen", "chat", "1"), ("ada", "case", "1"), ("adachat", "1")):
        with pytest.raises(InvalidUnwrap):
            ring.unwrap(blob, version=1, context=other)


def test_a_new_version_wraps_and_the_old_one_still_opens(ring):
    old = ring.wrap(KEY, version=ring.primary(), context=OWNER)
    assert ring.create() == 2
    assert ring.primary() == 2
    assert ring.unwrap(old, version=1, context=OWNER) == KEY
    with pytest.raises(InvalidUnwrap):
        ring.unwrap(old, version=2, context=OWNER)


def test_only_its_owner_reads_a_root_key(ring):
    (file,) = ring.folder.iterdir()
    assert file.stat().st_mode & 0o777 == 0o400
    assert ring.folder.stat().st_mode & 0o777 == 0o700


def test_without_a_key_it_says_what_to_do(tmp_path):
    with pytest.raises(KeyringMissing, match="keyring create"):
        FileKeyring(tmp_path).primary()


def test_a_damaged_key_is_refused(ring):
    (file,) = ring.folder.iterdir()
    file.chmod(0o600)
    file.write_bytes(b"short")
    with pytest.raises(KeyringMissing, match="damaged"):
        ring.wrap(KEY, version=1, context=OWNER)
