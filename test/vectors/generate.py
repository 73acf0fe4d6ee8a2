#!/usr/bin/python3
"""Frozen vectors of callvault's sealed format, made from its page alone: standard library and AES-GCM of `cryptography`, no line shared with src/.

    generate.py [--out FILE]        write the vectors (standard output without --out)
    generate.py --check FILE        make them again and compare bytes
    generate.py --wycheproof        run the 35 published Cobblestone-256 cases

Nothing is random: every key, salt and id comes from SHA-256 of a label. What each member means: README.md beside this file.
One file over 250 lines, so that it can be read and run alone.
"""
import argparse
import base64
import hashlib
import hmac
import json
import pathlib
import sys
import unicodedata
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK, TAG, HEADER = 16384, 16, 56
PART, MOST_PARTS = 8 * 1024 * 1024, 10_000
ALGORITHM = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"
HERE = pathlib.Path(__file__).resolve().parent


class Refused(Exception):
    """Not authentic. `authentic` is the plaintext that came before the damage."""

    def __init__(self, authentic=b""):
        super().__init__("not authentic")
        self.authentic = authentic


# ---- Encodings

def b64(data):
    return base64.b64encode(data).decode()


def sha256(data):
    return hashlib.sha256(data).digest()


def info(*fields):
    out = b""
    for field in fields:
        field = field.encode() if isinstance(field, str) else field
        out += len(field).to_bytes(2, "big") + field
    return out


def canonical(value):
    """RFC 8785 for the JSON callvault writes: no fractions, no exponents."""
    if isinstance(value, dict):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be"))
        return "{" + ",".join(quoted(name) + ":" + canonical(inner) for name, inner in members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(inner) for inner in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) < 2**53:
        return str(value)
    if isinstance(value, str):
        return quoted(value)
    raise TypeError(f"no canonical form here for {value!r}")


SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(text):
    text.encode()  # a lone surrogate has no UTF-8 and no canonical form
    return '"' + "".join(SHORT_ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


# ---- Cobblestone-256

def expand(key, about, length):
    """HKDF-Expand, SHA-512 (RFC 5869)."""
    out, block = b"", b""
    for counter in range(1, -(-length // 64) + 1):
        block = hmac.digest(key, block + about + bytes([counter]), "sha512")
        out += block
    return out[:length]


def schedule(key, salt, context):
    """The AEAD key, base nonce and commitment of one message."""
    okm = expand(key, ALGORITHM + salt + context, 76)
    return okm[:32], okm[32:44], okm[44:]


def nonce(base, index):
    return (int.from_bytes(base, "big") ^ index).to_bytes(12, "big")


def seal(key, context, salt, plaintext):
    assert len(key) == 32 and len(salt) == 24
    aead_key, base, commitment = schedule(key, salt, context)
    aead, out = AESGCM(aead_key), [salt, commitment]
    for index in range(len(plaintext) // CHUNK + 1):
        out.append(aead.encrypt(nonce(base, index), plaintext[index * CHUNK:(index + 1) * CHUNK], None))
    return b"".join(out)


def open_header(key, context, message):
    if len(key) != 32 or len(message) < HEADER:
        raise Refused
    aead_key, base, commitment = schedule(key, message[:24], context)
    if not hmac.compare_digest(commitment, message[24:HEADER]):
        raise Refused
    return AESGCM(aead_key), base


def open_message(key, context, message):
    aead, base = open_header(key, context, message)
    out, at, index = [], HEADER, 0
    while True:
        chunk = message[at:at + CHUNK + TAG]
        try:
            if len(chunk) < TAG:  # also where a full chunk was the last thing there
                raise Refused
            out.append(aead.decrypt(nonce(base, index), chunk, None))
        except (InvalidTag, Refused):
            raise Refused(b"".join(out)) from None
        if len(chunk) < CHUNK + TAG:
            return b"".join(out)
        at, index = at + CHUNK + TAG, index + 1


def open_last_chunk(key, context, message):
    """What a seek from the end does: the last chunk alone, at the index that the length gives."""
    aead, base = open_header(key, context, message)
    full, rest = divmod(len(message) - HEADER, CHUNK + TAG)
    if rest < TAG:
        raise Refused
    try:
        return aead.decrypt(nonce(base, full), message[len(message) - rest:], None)
    except InvalidTag:
        raise Refused from None


# ---- The format's page

def object_key(data_key, name):
    return expand(data_key, info("callvault/object@v1", name), 32)


def facts_key(data_key):
    return expand(data_key, info("callvault/facts@v1"), 32)


def envelope_key(data_key):
    return expand(data_key, info("callvault/envelope@v1"), 64)


def row_key(metadata_key):
    return expand(metadata_key, info("callvault/row@v1"), 32)


def index_key(metadata_key, label):
    return expand(metadata_key, info("callvault/index@v1", label), 32)


def tenant_mac_key(metadata_key):
    return expand(metadata_key, info("callvault/tenant@v1"), 64)


def tombstone_mac_key(metadata_key):
    return expand(metadata_key, info("callvault/tombstone@v1"), 64)


def kek_mac_key(metadata_key):
    return expand(metadata_key, info("callvault/kek@v1"), 64)


def part_context(tenant, recording, deposit, name, number):
    return info("callvault/part@v1", tenant, recording, deposit, name) + number.to_bytes(4, "big")


def sealed_size(size):
    def message(n):
        return HEADER + n + TAG * (n // CHUNK + 1)
    return size // PART * message(PART) + message(size % PART)


def seal_parts(data_key, tenant, recording, deposit, name, plaintext, salts):
    key = object_key(data_key, name)
    return [seal(key, part_context(tenant, recording, deposit, name, number), salt, plaintext[number * PART:(number + 1) * PART])
            for number, salt in enumerate(salts)]


def heads(parts):
    return sha256(b"".join(part[:HEADER] for part in parts))


def mac(key, document):
    """HMAC-SHA-512 of the canonical JSON without `key` and `mac`."""
    signed = {name: value for name, value in document.items() if name not in ("key", "mac")}
    return b64(hmac.digest(key, canonical(signed).encode(), "sha512"))


def seal_facts(data_key, tenant, recording, deposit, facts, salt):
    context = info("callvault/facts@v1", tenant, recording, deposit)
    return b64(seal(facts_key(data_key), context, salt, canonical(facts).encode()))


def encryption_context(use, tenant, wrap, recording=None, deposit=None):
    context = {"vault:use": use, "vault:tenant": tenant, "vault:wrap": str(wrap)}
    if use == "object":
        context |= {"vault:recording": recording, "vault:deposit": deposit}
    return context


def wrap_context(context):
    return info("callvault/wrap@v1", *(field for member in sorted(context.items()) for field in member))


def wrap_key(version, version_key, context, data_key, salt):
    return b64(version.to_bytes(4, "big") + seal(version_key, wrap_context(context), salt, data_key))


def seal_version(root, key_id, n, version_key, salt):
    return b64(seal(root, info("callvault/keyring@v1", key_id, str(n)), salt, version_key))


# Unicode's White_Space, spelled out: str.strip() also takes U+001C..1F, JavaScript's trim() takes U+FEFF and leaves U+0085
WHITE_SPACE = "".join(map(chr, [*range(0x09, 0x0E), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]))


def normalised(text):
    text = unicodedata.normalize("NFC", text).strip(WHITE_SPACE)
    return unicodedata.normalize("NFC", text.lower())


def blind_index(metadata_key, label, value):
    value = value.encode() if isinstance(value, str) else value
    return hmac.digest(index_key(metadata_key, label), value, "sha256")[:16]


def last_four(phone):
    digits = "".join(c for c in phone if c in "0123456789")
    return digits[-4:] if len(digits) >= 5 else None


# ---- Fixed inputs

def key_of(label):
    return sha256(b"callvault vector key: " + label.encode())


def salt_of(label):
    return sha256(b"callvault vector salt: " + label.encode())[:24]


def uuid_of(label):
    """A UUIDv7 of 2026-11-25T09:00:00Z with the rest from the label."""
    number = int.from_bytes(sha256(b"callvault vector id: " + label.encode())[:16], "big")
    number = number & ~(0xFFFFFFFFFFFFF << 76) | 1795597200000 << 80 | 7 << 76
    return number & ~(3 << 62) | 2 << 62


def id_of(prefix, label):
    number = uuid_of(f"{prefix} {label}")
    return f"{prefix}_" + "".join("0123456789abcdefghjkmnpqrstvwxyz"[number >> shift & 31] for shift in range(125, -1, -5))


def dashed(number):
    h = f"{number:032x}"
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def keyring_id(label):
    return "keyring/" + dashed(uuid_of(f"keyring {label}"))


def tenant_kek_id(label):
    return "tenant-kek/" + dashed(uuid_of(f"tenant-kek {label}"))


_pattern = b""


def pattern(length):
    """Byte i = SHA-256("callvault pattern" ‖ uint32be(i div 32))[i mod 32]."""
    global _pattern
    if len(_pattern) < length:
        _pattern = b"".join(sha256(b"callvault pattern" + n.to_bytes(4, "big")) for n in range(-(-length // 32)))
    return _pattern[:length]


TENANT, RECORDING, DEPOSIT = id_of("ten", "one"), id_of("rec", "one"), id_of("dep", "one")
DATA_KEY, METADATA_KEY, ROOT = key_of("data key"), key_of("metadata key"), key_of("root")
KEYRING_ID, VERSION_KEYS = keyring_id("one"), {1: key_of("keyring version 1"), 2: key_of("keyring version 2")}
CREATED = "2026-11-25T09:00:00.000Z"


# ---- The vectors, one function a member of frozen.json

def make_canonical():
    values = [
        {},
        {"b": [True, False, 0, -1, 9007199254740991], "a": {"z": "", "é": "e"}, "": []},
        {"\ufb33": "after the emoji: by UTF-16 code units", "\U0001f600": "before U+FB33", "\u20ac": 1, "1": 2, "\r": 3, "\u0080": 4, "ö": 5},
        "\x00\x01\b\t\n\x0b\f\r\x1f \"\\/ \x7f\x85\u2028\u2029录音\U0001f4de",
    ]
    return [{"value": value, "json": canonical(value)} for value in values]


def make_info():
    cases = [[], [""], ["", ""], ["a"], ["a", "b"], ["ab", ""], ["", "ab"], ["callvault/facts@v1"], ["录音", "é", "\U0001f4de"], ["e\u0301"], ["\x00"], ["x" * 256]]
    return [{"fields": fields, "hex": info(*fields).hex()} for fields in cases]


def make_pattern():
    return {"first64": pattern(64).hex(), "sha256": {str(n): sha256(pattern(n)).hex() for n in (0, 33, 65536)}}


LABELS = ["phone", "phone-last4", "agent", "queue", "ticket", "natural", "idempotency"]


def make_expand():
    raw = [(key_of("expand"), b"", 32), (key_of("expand"), b"a", 64), (key_of("expand"), b"a", 76), (key_of("expand"), b"a", 1)]
    return {
        "raw": [{"key": key.hex(), "info": about.hex(), "length": n, "out": expand(key, about, n).hex()} for key, about, n in raw],
        "data_key": DATA_KEY.hex(),
        "object_keys": {name: object_key(DATA_KEY, name).hex() for name in ("audio", "peaks", "transcript/zh-CN")},
        "facts_key": facts_key(DATA_KEY).hex(),
        "envelope_key": envelope_key(DATA_KEY).hex(),
        "metadata_key": METADATA_KEY.hex(),
        "row_key": row_key(METADATA_KEY).hex(),
        "index_keys": {label: index_key(METADATA_KEY, label).hex() for label in LABELS},
        "tenant_key": tenant_mac_key(METADATA_KEY).hex(),
        "tombstone_key": tombstone_mac_key(METADATA_KEY).hex(),
    }


def make_part_context():
    other = id_of("ten", "two"), id_of("rec", "two"), id_of("dep", "two")
    cases = [(TENANT, RECORDING, DEPOSIT, "audio", n) for n in (0, 1, 255, 256, 9999)]
    cases += [(TENANT, RECORDING, DEPOSIT, name, 0) for name in ("peaks", "transcript/zh-CN")]
    cases += [(other[0], RECORDING, DEPOSIT, "audio", 0), (TENANT, other[1], DEPOSIT, "audio", 0), (TENANT, RECORDING, other[2], "audio", 0)]
    names = ("tenant", "recording", "deposit", "object", "part")
    return [dict(zip(names, case)) | {"hex": part_context(*case).hex()} for case in cases]


def make_message():
    out = []
    for context, length in [(b"", 0), (b"", 1), (b"context", 0), (b"context", 1), (b"context", 100)] + [(b"context", n) for n in (16383, 16384, 16385, 40000)]:
        key, salt = key_of("message"), salt_of(f"message {context.decode()} {length}")
        message = seal(key, context, salt, pattern(length))
        assert open_message(key, context, message) == pattern(length)
        case = {"key": key.hex(), "context": context.hex(), "salt": salt.hex(), "length": length, "sealed": len(message)}
        case |= {"message": message.hex()} if length <= 100 else {"head": message[:HEADER].hex(), "sha256": sha256(message).hex()}
        out.append(case)
    return out


def object_salts(deposit, name, size):
    return [salt_of(f"object {deposit} {name} part {n}") for n in range(size // PART + 1)]


OBJECTS = [("one", "audio", 4800044), ("one", "peaks", 4096), ("two", "transcript/zh-CN", 5)]
OBJECTS += [(f"of {size}", "audio", size) for size in (0, 5, 8388607, 8388608, 8388609, 16777216, 20000000)]


def make_object():
    out = []
    for label, name, size in OBJECTS:
        deposit, key, plaintext = id_of("dep", label), DATA_KEY if label == "one" else key_of(f"data key {label}"), pattern(size)
        salts = object_salts(label, name, size)
        parts = seal_parts(key, TENANT, RECORDING, deposit, name, plaintext, salts)
        whole = b"".join(parts)
        assert len(whole) == sealed_size(size)
        assert b"".join(open_message(object_key(key, name), part_context(TENANT, RECORDING, deposit, name, n), part) for n, part in enumerate(parts)) == plaintext
        out.append({
            "data_key": key.hex(), "tenant": TENANT, "recording": RECORDING, "deposit": deposit, "object": name, "size": size,
            "salts": [salt.hex() for salt in salts], "headers": [part[:HEADER].hex() for part in parts], "sealed": len(whole), "parts": len(parts),
            "heads": b64(heads(parts)), "sha256": sha256(whole).hex(), "plaintext_sha256": sha256(plaintext).hex(),
        })
    assert out[0]["sealed"] == 4804788
    return out


def make_size():
    sizes = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 4800044, PART - 1, PART, PART + 1, 2 * PART, 2 * PART + 1, MOST_PARTS * PART - 1]
    return {"allowed": [{"size": n, "sealed": sealed_size(n), "parts": n // PART + 1} for n in sizes], "too_long": [MOST_PARTS * PART]}


TEXTS = [
    "agent007", "  Agent007\t", "AGENT007", "ａｇｅｎｔ００７", "ＡＧＥＮＴ００７", "张伟", "　张伟　", "客服一组", "İstanbul", "ISTANBUL", "ısparta", "Straße", "STRASSE", "STRAẞE",
    "ΟΔΥΣΣΕΥΣ", "ΣΑΣ ΣΑΣ", "Σ", "é", "e\u0301", "E\u0301", "\u00c5", "\u212b", "A\u030a", "J\u030c", "\u01f0", "q\u0323\u0307", "q\u0307\u0323", "\u1e9b\u0323", "\ufb01", "한국", "\u1112\u1161\u11ab\u1100\u116e\u11a8",
    "\u0085x\u0085", "\u00a0x\u1680", "\u2000x\u200a", "\u2028x\u2029", "\u202fx\u205f", "\u000bx\u000c\r\n", "x\u0085y", "\ufeffx\ufeff", "\u200bx\u200b", "\u180ex\u180e", "\u001cx\u001f", "\u2060x\u2060",
    "q-1 \u3000 q-2", "\U00010400", "\U0001f4de",
]


def make_blind_index():
    def index(label, value):
        return blind_index(METADATA_KEY, label, value).hex()

    text = [{"label": "agent", "text": t, "normalised": normalised(t), "index": index("agent", normalised(t))} for t in TEXTS]
    text += [{"label": label, "text": t, "normalised": normalised(t), "index": index(label, normalised(t))}
             for label in ("queue", "ticket") for t in ("agent007", " 售后 QUEUE-A ", "TCK-2026/001")]
    phone = []
    for number in ("+8613800138000", "+12025550123", "+442079460958", "10086", "1234", "sip:alice@example.com"):
        case = {"phone": number, "index": index("phone", number)}
        if last_four(number):
            case |= {"last4": last_four(number), "last4_index": index("phone-last4", last_four(number))}
        phone.append(case)
    natural = []
    for source, call, leg in [("pbx", "call-1", "0"), ("pbx", "call-1", "1"), ("pbxc", "all-1", "0"), ("PBX", " Call-1 ", "0"), ("电话", "e\u0301", "0"), ("", "", "0")]:
        value = info(source, call, leg)
        natural.append({"source": source, "call_id": call, "leg": leg, "value": value.hex(), "index": index("natural", value)})
    idempotency = [{"key": key, "index": index("idempotency", key)} for key in ("a", "5f2d0c9e-7d1b-4a53-9c43-0e6c7a1b2c3d")]
    return {"metadata_key": METADATA_KEY.hex(), "text": text, "phone": phone, "natural": natural, "idempotency": idempotency}


def make_row():
    key, out = row_key(METADATA_KEY), []
    for row, column, plaintext in [(RECORDING, "facts", canonical(FACTS)), (RECORDING, "notes", ""), (id_of("usr", "one"), "name", "张伟"), (id_of("usr", "two"), "name", "张伟")]:
        context, salt = info("callvault/row@v1", TENANT, row, column), salt_of(f"row {row} {column}")
        out.append({"tenant": TENANT, "row": row, "column": column, "context": context.hex(), "salt": salt.hex(), "plaintext": plaintext,
                    "message": seal(key, context, salt, plaintext.encode()).hex()})
    return {"metadata_key": METADATA_KEY.hex(), "row_key": key.hex(), "columns": out}


FACTS = {
    "v": 1, "source": "pbx-sh", "call_id": "1764061200.4711", "leg": "0", "started_at": "2026-11-25T08:51:13.000Z", "duration_ms": 300000, "direction": "inbound",
    "channels": [{"n": 0, "party": "customer"}, {"n": 1, "party": "agent"}], "numbers": {"from": "+8613800138000", "to": "10086"},
    "agent": "张伟", "queue": "售后", "ticket": "TCK-2026/001", "file_name": "录音 \"4711\"\n.wav", "language": "zh-CN", "sensitivity": "normal",
    "retain_until": "2029-11-25T00:00:00.000Z", "basis": {"kind": "consent", "at": "2026-11-25T08:51:20.000Z", "language": "zh-CN", "evidence": "ivr:consent-v3"},
    "notes": "\U0001f4de", "x_unknown": {"\ufb33": 1, "\U0001f600": 2},
}


def envelope_facts():
    return FACTS | {"sha256": {name: sha256(pattern(size)).hex() for label, name, size in OBJECTS if label == "one"}}


def make_facts():
    facts, salt = envelope_facts(), salt_of("facts")
    return {"data_key": DATA_KEY.hex(), "facts_key": facts_key(DATA_KEY).hex(), "tenant": TENANT, "recording": RECORDING, "deposit": DEPOSIT,
            "context": info("callvault/facts@v1", TENANT, RECORDING, DEPOSIT).hex(), "json": canonical(facts), "salt": salt.hex(),
            "sealed": seal_facts(DATA_KEY, TENANT, RECORDING, DEPOSIT, facts, salt)}


def build_envelope(tenant, recording, deposit, created, key, data_key, objects, facts_sealed):
    """`objects`: (name, media type, size, sealed parts)."""
    described = [{"name": name, "path": f"t/{tenant}/r/{recording}/{deposit}/{name}", "type": media, "size": size,
                  "sealed": sum(map(len, parts)), "parts": len(parts), "heads": b64(heads(parts))} for name, media, size, parts in objects]
    envelope = {"format": "callvault/1", "tenant": tenant, "recording": recording, "deposit": deposit, "created": created,
                "key": key, "objects": described, "facts": facts_sealed}
    return envelope | {"mac": mac(envelope_key(data_key), envelope)}


def wrapped_by_keyring(use, wrap, version, data_key, recording=None, deposit=None):
    context = encryption_context(use, TENANT, wrap, recording, deposit)
    return {"scheme": "keyring", "id": KEYRING_ID, "wrap": wrap, "wrapped": wrap_key(version, VERSION_KEYS[version], context, data_key, salt_of(f"wrap {use} {wrap} {version}"))}


def make_envelope():
    objects = [(name, media, size, seal_parts(DATA_KEY, TENANT, RECORDING, DEPOSIT, name, pattern(size), object_salts(label, name, size)))
               for (label, name, size), media in zip(OBJECTS, ("audio/wav", "application/octet-stream")) if label == "one"]
    sealed = seal_facts(DATA_KEY, TENANT, RECORDING, DEPOSIT, envelope_facts(), salt_of("facts"))
    envelope = build_envelope(TENANT, RECORDING, DEPOSIT, CREATED, wrapped_by_keyring("object", 1, 1, DATA_KEY, RECORDING, DEPOSIT), DATA_KEY, objects, sealed)
    rewrapped = envelope | {"key": wrapped_by_keyring("object", 2, 2, DATA_KEY, RECORDING, DEPOSIT)}
    text, key = canonical(envelope), envelope_key(DATA_KEY)

    def signed(**changed):
        document = envelope | changed
        return canonical(document | {"mac": mac(key, document)})

    without_created = {name: value for name, value in envelope.items() if name != "created"}
    refused = {
        "leading space": " " + text,
        "trailing line feed": text + "\n",
        "byte order mark": "\ufeff" + text,
        "space between members": text.replace('","', '", "', 1),
        "members out of order": json.dumps(envelope, ensure_ascii=False, separators=(",", ":")),
        "escaped slash": text.replace("callvault/1", "callvault\\/1"),
        "escaped letter": text.replace("callvault/1", "callvault\\u002f1"),
        "member twice": text.replace('{"created"', '{"created":"2026-11-25T09:00:00.000Z","created"', 1),
        "number with a fraction": text.replace('"parts":1,', '"parts":1.0,', 1),
        "number with an exponent": text.replace('"size":4096,', '"size":4.096e3,', 1),
        "unknown member, its mac right": signed(extra=1),
        "unknown member of key": canonical(envelope | {"key": envelope["key"] | {"extra": 1}}),
        "unknown member of an object, its mac right": signed(objects=[envelope["objects"][0] | {"extra": 1}]),
        "unknown format, its mac right": signed(format="callvault/2"),
        "unknown scheme": canonical(envelope | {"key": envelope["key"] | {"scheme": "none"}}),
        "member missing, its mac right": canonical(without_created | {"mac": mac(key, without_created)}),
        "path of another deposit, its mac right": signed(objects=[envelope["objects"][0] | {"path": f"t/{TENANT}/r/{RECORDING}/{id_of('dep', 'two')}/audio"}]),
        "sealed size not of that size, its mac right": signed(objects=[envelope["objects"][0] | {"sealed": 4804789}]),
        "parts not of that size, its mac right": signed(objects=[envelope["objects"][0] | {"parts": 2}]),
        "mac of something else": canonical(envelope | {"mac": b64(hmac.digest(key, b"something else", "sha512"))}),
        "facts in base64url, its mac right": signed(facts=sealed.replace("+", "-").replace("/", "_")),
        "mac without padding": canonical(envelope | {"mac": envelope["mac"].rstrip("=")}),
        "mac with loose bits": canonical(envelope | {"mac": loosened(envelope["mac"])}),
        "created changed": text.replace("09:00:00.000Z", "09:00:00.001Z"),
        "wrap changed": text.replace('"wrap":1,', '"wrap":2,'),
    }
    assert text not in refused.values() and len(set(refused.values())) == len(refused), [n for n, bad in refused.items() if bad == text]
    return {"root": ROOT.hex(), "keyring_id": KEYRING_ID, "data_key": DATA_KEY.hex(), "envelope_key": key.hex(),
            "signed": canonical({name: value for name, value in envelope.items() if name not in ("key", "mac")}), "mac": envelope["mac"],
            "path": f"t/{TENANT}/e/{RECORDING}/{DEPOSIT}.json", "json": text, "rewrapped": canonical(rewrapped),
            "refused": [{"name": name, "json": bad} for name, bad in refused.items()]}


def loosened(text):
    """The same bytes in base64 with bits set that no byte holds."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    return body[:-1] + alphabet[alphabet.index(body[-1]) + 1] + "=" * (len(text) - len(body))


def make_tenant_json():
    document = {"format": "callvault/1", "tenant": TENANT, "created": CREATED, "key": wrapped_by_keyring("metadata", 1, 1, METADATA_KEY)}
    document |= {"mac": mac(tenant_mac_key(METADATA_KEY), document)}
    rewrapped = document | {"key": wrapped_by_keyring("metadata", 2, 2, METADATA_KEY)}
    return {"metadata_key": METADATA_KEY.hex(), "mac_key": tenant_mac_key(METADATA_KEY).hex(), "path": f"t/{TENANT}/tenant.json",
            "mac": document["mac"], "json": canonical(document), "rewrapped": canonical(rewrapped)}


def make_tombstone():
    document = {"format": "callvault/1", "tenant": TENANT, "recording": RECORDING, "event": id_of("evt", "erase"), "leaf": b64(sha256(b"callvault vector leaf"))}
    document |= {"mac": mac(tombstone_mac_key(METADATA_KEY), document)}
    return {"metadata_key": METADATA_KEY.hex(), "mac_key": tombstone_mac_key(METADATA_KEY).hex(), "path": f"t/{TENANT}/x/20261125/{RECORDING}.json",
            "mac": document["mac"], "json": canonical(document)}


def make_tenant_kek():
    document, keks = json.loads(make_envelope()["json"]), []
    for wrap in (1, 2):
        kek_id, kek = tenant_kek_id(f"generation {wrap}"), key_of(f"tenant kek {wrap}")
        blob = {"format": "callvault/1", "tenant": TENANT, "id": kek_id, "created": CREATED, "key": wrapped_by_keyring("kek", wrap, wrap, kek)}
        blob |= {"mac": mac(kek_mac_key(METADATA_KEY), blob)}
        context, salt = encryption_context("object", TENANT, wrap, RECORDING, DEPOSIT), salt_of(f"wrap under tenant kek {wrap}")
        wrapped = wrap_key(1, kek, context, DATA_KEY, salt)  # a KEK has one version: n is 1 in every generation
        envelope = document | {"key": {"scheme": "tenant-kek", "id": kek_id, "wrap": wrap, "wrapped": wrapped}}
        keks.append({"id": kek_id, "wrap": wrap, "key": kek.hex(), "path": f"t/{TENANT}/k/{kek_id.split('/')[1]}.json", "mac": blob["mac"], "json": canonical(blob),
                     "salt": salt.hex(), "encryption_context": context, "context": wrap_context(context).hex(), "wrapped": wrapped, "envelope": canonical(envelope)})
    first, second = (json.loads(each["json"]) for each in keks)

    def signed(**changed):
        other = first | changed
        return canonical(other | {"mac": mac(kek_mac_key(METADATA_KEY), other)})

    refused = {
        "id of another KEK": canonical(first | {"id": second["id"]}),
        "mac of another KEK": canonical(first | {"mac": second["mac"]}),
        "tenant of another": canonical(first | {"tenant": id_of("ten", "two")}),
        "mac of tenant.json": canonical(first | {"mac": mac(tenant_mac_key(METADATA_KEY), first)}),
        "wrapped under another KEK": signed(key=first["key"] | {"scheme": "tenant-kek", "id": second["id"]}),
        "unknown member, its mac right": signed(extra=1),
        "unknown format, its mac right": signed(format="callvault/2"),
        "key of another generation": canonical(first | {"key": second["key"] | {"wrap": 1}}),
        "generation of another": canonical(first | {"key": first["key"] | {"wrap": 2}}),
    }
    metadata = wrapped_by_keyring("metadata", 1, 1, METADATA_KEY)
    tenant_json = {"format": "callvault/1", "tenant": TENANT, "created": CREATED, "key": metadata | {"scheme": "tenant-kek", "id": first["id"]}}
    tenant_json |= {"mac": mac(tenant_mac_key(METADATA_KEY), tenant_json)}
    return {"metadata_key": METADATA_KEY.hex(), "mac_key": kek_mac_key(METADATA_KEY).hex(), "data_key": DATA_KEY.hex(), "keks": keks,
            "refused": [{"name": name, "json": bad} for name, bad in refused.items()], "refused_tenant_json": canonical(tenant_json)}


def make_keyring():
    versions, sealed = [], []
    for n, version_key in VERSION_KEYS.items():
        salt = salt_of(f"keyring version {n}")
        sealed.append({"n": n, "created": f"2026-11-2{n}T00:00:00.000Z", "sealed": seal_version(ROOT, KEYRING_ID, n, version_key, salt)})
        versions.append({"n": n, "key": version_key.hex(), "salt": salt.hex(), "context": info("callvault/keyring@v1", KEYRING_ID, str(n)).hex()})
    keyring = {"keys": [{"id": KEYRING_ID, "state": "enabled", "current": 2, "versions": sealed}]}
    wrapped = []
    for version, use, wrap in [(1, "object", 1), (2, "object", 2), (2, "object", 10), (1, "metadata", 1), (2, "metadata", 2), (2, "kek", 2), (2, "challenge", 0)]:
        plain = METADATA_KEY if use == "metadata" else DATA_KEY
        context = encryption_context(use, TENANT, wrap, RECORDING, DEPOSIT)
        wrapped.append({"version": version, "encryption_context": context, "context": wrap_context(context).hex(), "salt": salt_of(f"wrap {use} {wrap} {version}").hex(),
                        "data_key": plain.hex(), "wrapped": wrap_key(version, VERSION_KEYS[version], context, plain, salt_of(f"wrap {use} {wrap} {version}"))})
    return {"root": ROOT.hex(), "id": KEYRING_ID, "versions": versions, "json": canonical(keyring), "wrapped": wrapped}


def damaged(message, how):
    """README.md says in words what each op does; this is the same in code."""
    op = how["op"]
    chunks = [message[at:at + CHUNK + TAG] for at in range(HEADER, len(message), CHUNK + TAG)]
    if op == "flip":
        return message[:how["at"]] + bytes([message[how["at"]] ^ 1]) + message[how["at"] + 1:]
    if op == "truncate":
        return message[:how["to"]]
    if op == "append":
        return message + bytes.fromhex(how["hex"])
    if op == "replace":
        new = bytes.fromhex(how["hex"])
        return message[:how["at"]] + new + message[how["at"] + len(new):]
    if op == "swap_chunks":
        chunks[how["a"]], chunks[how["b"]] = chunks[how["b"]], chunks[how["a"]]
    elif op == "repeat_chunk":
        chunks.insert(how["chunk"], chunks[how["chunk"]])
    elif op == "overwrite_chunk":
        chunks[how["to"]] = chunks[how["from"]]
    elif op == "drop_chunk":
        del chunks[how["chunk"]]
    else:
        raise ValueError(op)
    return message[:HEADER] + b"".join(chunks)


def make_damage():
    data_key, size, salt, name = key_of("damage"), 40000, salt_of("damage"), "audio"
    key, context = object_key(data_key, name), part_context(TENANT, RECORDING, DEPOSIT, name, 0)
    message, other = (seal(key, context, s, pattern(size)) for s in (salt, salt_of("damage, another sealing")))
    second, last = HEADER + CHUNK + TAG, HEADER + 2 * (CHUNK + TAG)
    aead, base = open_header(key, context, message)
    fourth = aead.encrypt(nonce(base, 3), b"", None)
    ops = {
        "salt, first byte": {"op": "flip", "at": 0}, "salt, last byte": {"op": "flip", "at": 23},
        "commitment, first byte": {"op": "flip", "at": 24}, "commitment, last byte": {"op": "flip", "at": 55},
        "first chunk, first byte": {"op": "flip", "at": HEADER}, "first chunk, last byte": {"op": "flip", "at": second - TAG - 1},
        "first chunk, tag": {"op": "flip", "at": second - TAG}, "first chunk, tag's last byte": {"op": "flip", "at": second - 1},
        "second chunk, first byte": {"op": "flip", "at": second}, "second chunk, tag": {"op": "flip", "at": last - 1},
        "last chunk, first byte": {"op": "flip", "at": last}, "last chunk, tag": {"op": "flip", "at": len(message) - TAG}, "last byte": {"op": "flip", "at": len(message) - 1},
        "cut to nothing": {"op": "truncate", "to": 0}, "cut to one byte": {"op": "truncate", "to": 1}, "cut inside the salt": {"op": "truncate", "to": 23},
        "cut after the salt": {"op": "truncate", "to": 24}, "cut inside the commitment": {"op": "truncate", "to": 55}, "cut after the header": {"op": "truncate", "to": HEADER},
        "cut to less than a tag": {"op": "truncate", "to": HEADER + 15}, "cut to one tag's length": {"op": "truncate", "to": HEADER + 16}, "cut inside the first chunk": {"op": "truncate", "to": HEADER + 8000},
        "cut inside the first chunk's tag": {"op": "truncate", "to": second - 1}, "cut after the first chunk": {"op": "truncate", "to": second}, "cut a byte into the second chunk": {"op": "truncate", "to": second + 1},
        "cut inside the second chunk's tag": {"op": "truncate", "to": last - 1}, "cut after the second chunk": {"op": "truncate", "to": last}, "cut 15 bytes into the last chunk": {"op": "truncate", "to": last + 15},
        "cut 16 bytes into the last chunk": {"op": "truncate", "to": last + 16}, "cut before the last tag": {"op": "truncate", "to": len(message) - TAG}, "cut by one byte": {"op": "truncate", "to": len(message) - 1},
        "one byte more": {"op": "append", "hex": "00"}, "sixteen bytes more": {"op": "append", "hex": "00" * 16}, "an authentic fourth chunk after the end": {"op": "append", "hex": fourth.hex()},
        "a second message after the end": {"op": "append", "hex": seal(key, context, salt_of("damage, a second message"), b"").hex()},
        "first two chunks swapped": {"op": "swap_chunks", "a": 0, "b": 1}, "last two chunks swapped": {"op": "swap_chunks", "a": 1, "b": 2},
        "first chunk twice": {"op": "repeat_chunk", "chunk": 0}, "second chunk twice": {"op": "repeat_chunk", "chunk": 1}, "last chunk twice": {"op": "repeat_chunk", "chunk": 2},
        "second chunk overwritten by the first": {"op": "overwrite_chunk", "from": 0, "to": 1}, "first chunk overwritten by the second": {"op": "overwrite_chunk", "from": 1, "to": 0},
        "first chunk gone": {"op": "drop_chunk", "chunk": 0}, "second chunk gone": {"op": "drop_chunk", "chunk": 1}, "last chunk gone": {"op": "drop_chunk", "chunk": 2},
        "salt of another sealing": {"op": "replace", "at": 0, "hex": other[:24].hex()}, "commitment of another sealing": {"op": "replace", "at": 24, "hex": other[24:HEADER].hex()},
        "header of another sealing": {"op": "replace", "at": 0, "hex": other[:HEADER].hex()},
    }
    cases = []
    for label, how in ops.items():
        bad = damaged(message, how)
        assert bad != message
        try:
            open_message(key, context, bad)
        except Refused as refusal:
            assert pattern(size).startswith(refusal.authentic)
            cases.append({"name": label, "how": how, "authentic": len(refusal.authentic), "sha256": sha256(bad).hex()})
        else:
            raise AssertionError(f"not refused: {label}")
    elsewhere = {
        "another part number": part_context(TENANT, RECORDING, DEPOSIT, name, 1), "another deposit": part_context(TENANT, RECORDING, id_of("dep", "two"), name, 0),
        "another recording": part_context(TENANT, id_of("rec", "two"), DEPOSIT, name, 0), "another tenant": part_context(id_of("ten", "two"), RECORDING, DEPOSIT, name, 0),
        "another object name": part_context(TENANT, RECORDING, DEPOSIT, "peaks", 0), "no context": b"",
    }
    wrong = [{"name": label, "key": key.hex(), "context": moved.hex()} for label, moved in elsewhere.items()]
    wrong += [{"name": "key of another object", "key": object_key(data_key, "peaks").hex(), "context": context.hex()},
              {"name": "data key instead of object key", "key": data_key.hex(), "context": context.hex()}]
    for case in wrong:
        try:
            open_message(bytes.fromhex(case["key"]), bytes.fromhex(case["context"]), message)
        except Refused as refusal:
            assert not refusal.authentic
        else:
            raise AssertionError(f"not refused: {case['name']}")
    return {"data_key": data_key.hex(), "object_key": key.hex(), "tenant": TENANT, "recording": RECORDING, "deposit": DEPOSIT, "object": name, "part": 0,
            "context": context.hex(), "salt": salt.hex(), "size": size, "sealed": len(message), "sha256": sha256(message).hex(), "chunks": [HEADER, second, last],
            "cases": cases, "elsewhere": wrong}


# ---- Rows that give access

LEFT_OUT = {"mac", "seen", "idle_ends", "last_used", "counter", "ranges", "bytes", "heard"}


def authority_meaning(table, row):
    fields = [table]
    for name in sorted(row):
        value = row[name]
        if value is None or name in LEFT_OUT:
            continue
        fields += [name, sha256(value).hex() if isinstance(value, bytes) else str(value)]
    return info(*fields)


def make_authority():
    key = expand(METADATA_KEY, info("callvault/authority@v1"), 32)
    noon, later = "2026-11-25T12:00:00.000Z", "2026-11-25T13:00:00.000Z"
    person, request, grant = id_of("usr", "one"), id_of("req", "one"), id_of("grt", "one")
    common = {"tenant": TENANT, "version": 1, "mac": b"\x07" * 32}
    rows = [
        ("principal", common | {"id": person, "kind": "person", "state": "ACTIVE", "created": noon, "roles": "reviewer,supervisor", "owners": "", "first": 1,
                                "name": b"sealed name"}),
        ("api_key", common | {"id": id_of("key", "one"), "principal": person, "hash": sha256(b"secret"), "scopes": "listen,read", "state": "ACTIVE",
                              "created": noon, "expires": later}),
        ("sign_in", common | {"id": id_of("sgn", "one"), "principal": person, "hash": sha256(b"cookie"), "method": "link", "state": "LIVE", "created": noon,
                              "seen": noon, "idle_ends": later, "ends": later, "auth_time": noon, "auth_method": "passkey", "ended": None, "reason": None}),
        ("sign_in_link", common | {"id": id_of("lnk", "one"), "principal": person, "hash": sha256(b"link"), "state": "OPEN", "created": noon, "expires": later}),
        ("passkey", common | {"id": id_of("pky", "one"), "principal": person, "credential": "Y3JlZGVudGlhbA", "public_key": b"cose", "counter": 3,
                              "transports": "internal,usb", "label": b"sealed label", "state": "ACTIVE", "created": noon, "last_used": later}),
        ("policy", {"tenant": TENANT, "id": id_of("pol", "one"), "created": noon, "body": canonical({"v": 1, "uses": 3}), "mac": None}),
        ("access_request", common | {"id": request, "recording": RECORDING, "requester": person, "purpose": "quality", "objects": "audio", "minutes": 15,
                                     "state": "REQUESTED", "created": noon, "expires": later, "approvals_needed": 1, "policy": id_of("pol", "one"), "words": b""}),
        ("decision", {"tenant": TENANT, "request": request, "approver": id_of("usr", "two"), "decision": "approve", "at": noon, "words": None, "minutes": 5,
                      "objects": None, "mac": None}),
        ("access_grant", common | {"id": grant, "request": request, "recording": RECORDING, "person": person, "purpose": "quality", "objects": "audio",
                                   "state": "APPROVED", "approved": noon, "expires": later, "uses": 3, "uses_left": 3, "revoked_at": None, "revoked_by": None,
                                   "revoked_words": None}),
        ("session", common | {"id": id_of("ses", "one"), "grant": grant, "recording": RECORDING, "principal": person, "state": "LIVE", "opened": noon,
                              "ends": later, "ended": None, "reason": None, "ranges": 2, "bytes": 65536, "heard": "0-1000", "sign_in": id_of("sgn", "one")}),
    ]

    def shown(value):
        return {"hex": value.hex()} if isinstance(value, bytes) else value

    cases = []
    for table, row in rows:
        meaning = authority_meaning(table, row)
        cases.append({"table": table, "row": {name: shown(value) for name, value in row.items()}, "meaning": meaning.hex(),
                      "mac": hmac.digest(key, meaning, "sha256").hex()})
    return {"metadata_key": METADATA_KEY.hex(), "authority_key": key.hex(), "rows": cases}


MAKERS = [make_canonical, make_info, make_pattern, make_expand, make_part_context, make_message, make_object, make_size, make_blind_index, make_row, make_facts,
          make_envelope, make_tenant_json, make_tombstone, make_tenant_kek, make_keyring, make_damage,
          make_authority]


def frozen():
    pattern(20000000)
    vectors = {maker.__name__.removeprefix("make_"): maker() for maker in MAKERS} | {"format": "callvault/1"}
    return (laid_out(vectors) + "\n").encode()


def laid_out(value, depth=0):
    """JSON with a line for each member, and for each record of a member's lists."""
    if not isinstance(value, (dict, list)) or depth > 2 or (depth == 2 and isinstance(value, dict)):
        return json.dumps(value, sort_keys=True)
    records = [("", one) for one in value]
    if isinstance(value, dict):
        records = [(json.dumps(name) + ": ", one) for name, one in sorted(value.items())]
    lines = ",".join("\n" + " " * (depth + 1) + name + laid_out(one, depth + 1) for name, one in records)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + lines + "\n" + " " * depth + closing


# ---- The published vectors

def wycheproof_case(test):
    """None, or what is wrong."""
    key, context, message = bytes.fromhex(test["key"]), bytes.fromhex(test["ctx"]), zlib.decompress(bytes.fromhex(test["ct"]))
    flags, valid = test["flags"], test["result"] == "valid"
    try:
        plaintext, opened = open_message(key, context, message), True
    except Refused as refusal:
        plaintext, opened = refusal.authentic, False
    if opened != valid:
        return "opened" if opened else "refused"
    if valid or "PartialPlaintext" in flags:
        if len(plaintext) != test["msgLength"] or hashlib.sha512(plaintext).hexdigest() != test["msgSha512"]:
            return "another plaintext"
    elif plaintext:
        return "plaintext before the refusal"
    try:
        header = open_header(key, context, message) is not None
    except Refused:
        header = False
    if header == ("HeaderFailure" in flags):
        return "header judged wrongly"
    if header and [part.hex() for part in schedule(key, message[:24], context)[:2]] != [test["aeadKey"], test["baseNonce"]]:
        return "another key or nonce"
    try:
        last = open_last_chunk(key, context, message) is not None
    except Refused:
        last = False
    if last != (valid or "ValidFinalChunk" in flags):
        return "last chunk judged wrongly"
    if valid and seal(key, context, message[:24], plaintext) != message:
        return "seals to other bytes"
    return None


def wycheproof(path):
    suite = json.loads(path.read_bytes())
    tests = [test for group in suite["testGroups"] for test in group["tests"]]
    failed = 0
    for test in tests:
        problem = wycheproof_case(test)
        if problem:
            failed += 1
            print(f"tcId {test['tcId']} ({test['comment']}): {problem}", file=sys.stderr)
    print(f"{len(tests) - failed} passed, {failed} failed")
    return failed == 0 and len(tests) == suite["numberOfTests"] == 35


def file_options(parser):
    parser.add_argument("--check", type=pathlib.Path, metavar="FILE")
    parser.add_argument("--out", type=pathlib.Path, metavar="FILE")


def deliver(made, options):
    """Compares the bytes with a file, or writes them to one or to standard output. False where they differ."""
    if options.check:
        there = options.check.read_bytes()
        if made != there:
            lines = list(zip(made.splitlines(), there.splitlines()))
            at = next((n for n, (new, old) in enumerate(lines, 1) if new != old), len(lines) + 1)
            print(f"{options.check}: differs from line {at} on", file=sys.stderr)
            return False
        print(f"{options.check}: the same {len(made)} bytes")
    elif options.out:
        options.out.write_bytes(made)
    else:
        sys.stdout.buffer.write(made)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wycheproof", action="store_true")
    file_options(parser)
    options = parser.parse_args()
    if options.wycheproof:
        return wycheproof(HERE / "c2sp_chunked_encryption_aes_256_gcm_test.json")
    return deliver(frozen(), options)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
