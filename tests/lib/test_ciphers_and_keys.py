"""Encryption, digests and key files."""

import hashlib
import hmac
import os
import stat

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from minqing.lib import ciphers, keys

KEY, OTHER = bytes.fromhex("0123456789abcdeffedcba9876543210"), os.urandom(16)
PLACE = ciphers.context("archives_identity.number", "0b7e")
CIPHER = ciphers.FieldCipher({1: KEY}, 1)


def test_sm4_and_sm3_are_the_published_ones():
    # GB/T 32907-2016 example 1; GB/T 32905-2016 example 1.
    encryptor = Cipher(algorithms.SM4(KEY), modes.ECB()).encryptor()  # noqa: S305
    assert encryptor.update(KEY).hex() == "681edf34d206965e86b3e94f536e4246"
    assert ciphers.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_sm4_gcm_is_the_published_one():
    # RFC 8998, appendix A.1.
    cipher = ciphers.FieldCipher({1: KEY}, 1)
    plain = bytes.fromhex("aa" * 8 + "bb" * 8 + "cc" * 8 + "dd" * 8 + "ee" * 8 + "ff" * 8 + "ee" * 8 + "aa" * 8)
    associated = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    envelope = cipher.encrypt(plain, associated, random=lambda size: bytes.fromhex("00001234567800000000abcd"))
    assert envelope[:14].hex() == "000100001234567800000000abcd"
    assert envelope[-16:].hex() == "83de3541e4c2b58177e065a9bf7b62ec"
    assert envelope[14:22].hex() == "17f399f08c67d5ee"


@given(st.binary(max_size=200), st.text(max_size=40))
def test_what_is_encrypted_is_read_back(plain, row):
    place = ciphers.context("t.c", row)
    envelope = CIPHER.encrypt(plain, place)
    assert len(envelope) == len(plain) + ciphers.OVERHEAD
    assert CIPHER.decrypt(envelope, place) == plain
    assert CIPHER.decrypt(memoryview(envelope), place) == plain


def test_text_and_numbers_of_keys():
    envelope = CIPHER.encrypt("郑书香", PLACE)
    assert CIPHER.decrypt_text(envelope, PLACE) == "郑书香"
    assert ciphers.key_number(envelope) == 1
    assert CIPHER.encrypt("郑书香", PLACE) != envelope


@given(st.integers(min_value=2), st.integers(1, 255))
def test_any_changed_byte_is_noticed(place, change):
    envelope = bytearray(CIPHER.encrypt("330899196403130432", PLACE))
    envelope[2 + place % (len(envelope) - 2)] ^= change
    with pytest.raises(ciphers.Tampered):
        CIPHER.decrypt(bytes(envelope), PLACE)


def test_a_ciphertext_moved_to_another_row_or_column_is_refused():
    envelope = CIPHER.encrypt("330899196403130432", PLACE)
    for elsewhere in (
        ciphers.context("archives_identity.number", "0b7f"),
        ciphers.context("archives_phone.number", "0b7e"),
        b"",
    ):
        with pytest.raises(ciphers.Tampered, match="已拒绝解密"):
            CIPHER.decrypt(envelope, elsewhere)


def test_short_bytes_and_unknown_keys_are_named():
    with pytest.raises(ciphers.Tampered, match="长度"):
        CIPHER.decrypt(b"\x00\x01short", PLACE)
    stranger = ciphers.FieldCipher({7: OTHER}, 7).encrypt("x", PLACE)
    with pytest.raises(ciphers.UnknownKey, match="7 号密钥"):
        CIPHER.decrypt(stranger, PLACE)
    with pytest.raises(ValueError, match="16 字节"):
        ciphers.FieldCipher({1: b"short"}, 1)
    with pytest.raises(ciphers.UnknownKey):
        ciphers.FieldCipher({1: KEY}, 2)


def test_old_rows_stay_readable_while_keys_change():
    old = CIPHER.encrypt("x", PLACE)
    both = ciphers.FieldCipher({1: KEY, 2: OTHER}, 2)
    assert both.decrypt(old, PLACE) == b"x"
    assert ciphers.key_number(both.encrypt("x", PLACE)) == 2


@given(st.binary(max_size=100), st.text(max_size=40))
def test_the_digest_is_hmac_sha256_and_can_be_made_from_its_pads(key, value):
    digester = ciphers.Digester(key)
    expected = hmac.digest(key, b"identity:" + value.encode(), "sha256")
    assert digester.digest("identity", value) == expected
    inner = hashlib.sha256(digester.inner_pad + ciphers.message("identity", value)).digest()
    assert hashlib.sha256(digester.outer_pad + inner).digest() == expected


def test_kinds_have_digests_of_their_own():
    digester = ciphers.Digester(b"k" * 32)
    assert digester.digest("identity", "1") != digester.digest("phone", "1")


def test_the_seal_is_hmac_sm3_over_the_chain():
    assert ciphers.seal(b"k", b"before", b"row") == hmac.new(b"k", b"beforerow", "sm3").digest()


def test_no_key_shows_itself_in_a_traceback():
    ring = ciphers.KeyRing({1: KEY}, {1: KEY}, {1: KEY * 2}, {1: KEY * 2}, {1: KEY * 2})
    shown = repr(ring) + repr(CIPHER) + repr(ciphers.Digester(KEY))
    assert KEY.hex() not in shown
    assert repr(KEY) not in shown


# ---- key files


@pytest.fixture
def directory(tmp_path):
    path = tmp_path / "keys"
    keys.create(path)
    return path


def test_new_keys_are_private_and_different(directory):
    ring = keys.load(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}
    assert {path.name for path in directory.iterdir()} == {
        "field.1.key", "sensitive.1.key", "digest.1.key", "seal.1.key", "backup.1.key", "django.key",
    }  # fmt: skip
    assert len({ring.field[1], ring.sensitive[1]}) == 2
    assert len(keys.session_secret(directory)) >= 50
    assert keys.ensure(directory) == ring


def test_an_existing_directory_of_keys_is_never_filled_again(directory):
    with pytest.raises(keys.KeyProblem, match="不能重新生成"):
        keys.create(directory)
    (directory / "digest.1.key").unlink()
    with pytest.raises(keys.KeyProblem, match="缺少 digest"):
        keys.ensure(directory)


def test_rotation_adds_a_number_and_keeps_the_old(directory):
    before = keys.load(directory)
    assert keys.rotate(directory, "digest") == 2
    ring = keys.load(directory)
    assert ring.digest[1] == before.digest[1]
    assert ring.current("digest")[0] == 2
    assert set(ring.digests("identity", "x")) == {1, 2}
    assert ring.digester().key == ring.digest[2]
    assert keys.rotate(directory, "field") == 2
    old = before.cipher().encrypt("x", PLACE)
    assert keys.load(directory).cipher().decrypt_text(old, PLACE) == "x"
    with pytest.raises(keys.KeyProblem, match="用途"):
        keys.rotate(directory, "nothing")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(directory, mode):
    (directory / "field.1.key").chmod(mode)
    with pytest.raises(keys.KeyProblem, match=f"权限是 0{mode:o}.*chmod 600"):
        keys.load(directory)


def test_a_directory_that_others_can_enter_is_refused(directory):
    directory.chmod(0o755)
    with pytest.raises(keys.KeyProblem, match="chmod 700"):
        keys.load(directory)


def test_links_strangers_and_rubbish_are_refused(directory, tmp_path):
    real = directory / "field.1.key"
    moved = tmp_path / "elsewhere.key"
    real.rename(moved)
    real.symlink_to(moved)
    with pytest.raises(keys.KeyProblem, match="符号链接"):
        keys.load(directory)
    real.unlink()
    moved.rename(real)
    stranger = directory / "other.1.key"
    stranger.touch(0o600)
    with pytest.raises(keys.KeyProblem, match="不认识"):
        keys.load(directory)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("zz", "十六进制"),
        ("00ff", "应为 16 字节"),
        ("00" * 16, "太弱"),
        (bytes(range(16)).hex(), "太弱"),
        (b"correct horse ba".hex(), "可读文字"),
    ],
)
def test_damaged_and_weak_keys_are_refused(directory, content, words):
    (directory / "field.1.key").write_text(content, encoding="ascii")
    with pytest.raises(keys.KeyProblem, match=words):
        keys.load(directory)


def test_one_key_for_two_purposes_is_refused(directory):
    (directory / "sensitive.1.key").write_text(
        (directory / "field.1.key").read_text(encoding="ascii"), encoding="ascii"
    )
    with pytest.raises(keys.KeyProblem, match="内容相同"):
        keys.load(directory)


@given(st.integers(0, 2**32).flatmap(lambda seed: st.just(seed)))
def test_random_keys_are_not_called_weak(seed):
    assert keys.weakness(hashlib.sha256(str(seed).encode()).digest()) == ""
    assert keys.weakness(hashlib.md5(str(seed).encode()).digest()) == ""


def test_missing_keys_say_what_to_do(tmp_path):
    with pytest.raises(keys.KeyProblem, match="从备份恢复"):
        keys.load(tmp_path / "nowhere")
