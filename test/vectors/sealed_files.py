#!/usr/bin/python3
"""Frozen vectors of sealed files, made from the format's page alone: HPKE by RFC 9180's text over X25519 of `cryptography`.

    sealed_files.py [--out FILE]      write the vectors (standard output without --out)
    sealed_files.py --check FILE      make them again and compare bytes
    sealed_files.py --rfc9180         run the base-mode case of RFC 9180 A.7
    sealed_files.py --open SEED FILE  open a sealed file with a seed of 32 bytes (hex): its meta, and the content's SHA-256

Messages, canonical JSON and layout are those of generate.py. What each member means: README.md beside this file.
"""
import argparse
import base64
import hashlib
import hmac
import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import generate
from generate import CHUNK, HEADER, PART, TAG, Refused, b64, canonical, id_of, info, key_of, laid_out, pattern, salt_of, seal, sha256

FORMAT = "callvault/sealed@1"
LARGEST = 65_536


# ---- RFC 9180: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, export-only

KEM_SUITE = b"KEM" + (0x0020).to_bytes(2, "big")
HPKE_SUITE = b"HPKE" + b"".join(number.to_bytes(2, "big") for number in (0x0020, 0x0001, 0xFFFF))


def labeled_extract(suite, salt, label, ikm):
    return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + ikm, "sha256")


def labeled_expand(suite, prk, label, about, length):
    block, out = b"", b""
    labeled = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + about
    for counter in range(1, -(-length // 32) + 1):
        block = hmac.digest(prk, block + labeled + bytes([counter]), "sha256")
        out += block
    return out[:length]


def derive_key_pair(ikm):
    secret = labeled_expand(KEM_SUITE, labeled_extract(KEM_SUITE, b"", b"dkp_prk", ikm), b"sk", b"", 32)
    return X25519PrivateKey.from_private_bytes(secret)


def public_of(private):
    return private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def exporter_secret(dh, enc, recipient, about):
    context = enc + recipient
    shared = labeled_expand(KEM_SUITE, labeled_extract(KEM_SUITE, b"", b"eae_prk", dh), b"shared_secret", context, 32)
    schedule = b"\x00" + labeled_extract(HPKE_SUITE, b"", b"psk_id_hash", b"") + labeled_extract(HPKE_SUITE, b"", b"info_hash", about)
    secret = labeled_extract(HPKE_SUITE, shared, b"secret", b"")
    return labeled_expand(HPKE_SUITE, secret, b"exp", schedule, 32)


def export(secret, context, length):
    return labeled_expand(HPKE_SUITE, secret, b"sec", context, length)


def sender(recipient, ephemeral, about):
    enc = public_of(ephemeral)
    return enc, exporter_secret(ephemeral.exchange(X25519PublicKey.from_public_bytes(recipient)), enc, recipient, about)


def receiver(private, enc, about):
    return exporter_secret(private.exchange(X25519PublicKey.from_public_bytes(enc)), enc, public_of(private), about)


# ---- The format's page

def names(tenant, key, file_id):
    return [tenant, key, file_id]


def keys(secret):
    return export(secret, info("callvault/sealed-content@v1"), 32), export(secret, info("callvault/sealed-meta@v1"), 32)


def part_context(of, number):
    return info("callvault/sealed-part@v1", *of) + number.to_bytes(4, "big")


def seal_file(public, of, meta, plaintext, ephemeral, label):
    tenant, key, file_id = of
    enc, secret = sender(public, ephemeral, info("callvault/sealed@v1", *of))
    content, described = keys(secret)
    sealed_meta = seal(described, info("callvault/sealed-meta@v1", *of), salt_of(f"{label} meta"), canonical(meta).encode())
    header = canonical({"format": FORMAT, "tenant": tenant, "key": key, "id": file_id, "kem": b64(enc), "meta": b64(sealed_meta)}).encode()
    assert len(header) <= LARGEST
    parts = [seal(content, part_context(of, number), salt_of(f"{label} part {number}"), plaintext[number * PART:(number + 1) * PART])
             for number in range(len(plaintext) // PART + 1)]
    return len(header).to_bytes(4, "big") + header + b"".join(parts)


def open_file(seed, data):
    """The meta and the content. Raises Refused or an error of the library for anything but exactly one sealed file."""
    length = int.from_bytes(data[:4], "big")
    header = data[4:4 + length]
    if not 0 < length <= LARGEST or len(header) != length:
        raise Refused
    said = json.loads(header)
    if canonical(said).encode() != header or sorted(said) != ["format", "id", "kem", "key", "meta", "tenant"] or said["format"] != FORMAT:
        raise Refused
    of = names(said["tenant"], said["key"], said["id"])

    enc, sealed_meta = base64.b64decode(said["kem"], validate=True), base64.b64decode(said["meta"], validate=True)
    content, described = keys(receiver(derive_key_pair(seed), enc, info("callvault/sealed@v1", *of)))
    meta = json.loads(generate.open_message(described, info("callvault/sealed-meta@v1", *of), sealed_meta))
    out, at, size = [], 4 + length, meta["size"]
    for number in range(size // PART + 1):
        plain = PART if number < size // PART else size % PART
        end = at + HEADER + plain + TAG * (plain // CHUNK + 1)
        out.append(generate.open_message(content, part_context(of, number), data[at:end]))
        at = end
    if at != len(data) or hashlib.sha256(b"".join(out)).hexdigest() != meta["sha256"]:
        raise Refused
    return meta, b"".join(out)


# ---- The vectors

TENANT = id_of("ten", "tenant")
KEY = id_of("ink", "ingest key")
SEED = key_of("ingest key seed")
UUID = "0190f2e4-6c5d-7e8f-9a0b-1c2d3e4f5a6b"


def facts(call):
    return {"source": "pbx-1", "call_id": call, "started_at": "2026-11-25T09:00:00.000Z", "direction": "inbound", "from": "+8613800138000",
            "queue": "售后"}


def meta_of(plaintext, name="audio", kind="audio/wav", call="20261125-0001"):
    return {"object": name, "type": kind, "size": len(plaintext), "sha256": sha256(plaintext).hex(), "facts": facts(call)}


CASES = [("empty", 0, "audio", "audio/wav"), ("one byte", 1, "audio", "audio/wav"), ("a full chunk", CHUNK, "audio", "audio/ogg"),
         ("a chunk and a byte", CHUNK + 1, "transcript/zh-CN", "text/vtt"), ("a full part", PART, "audio", "audio/wav"),
         ("a part and a chunk", PART + CHUNK, "audio", "application/octet-stream")]

DAMAGES = ["flip a bit of kem", "flip a bit of meta", "flip a bit of the first part's salt", "flip a bit of its commitment", "flip a bit of its first chunk",
           "flip a bit of the last tag", "drop the last byte", "drop the last chunk", "append a byte", "append a chunk again", "swap the first two chunks",
           "another id", "another key", "another tenant", "kem of another file", "meta of another file", "parts of another file", "parts of the same call sealed again",
           "an unknown member", "no meta", "a later format", "not canonical", "a header of 65,537 bytes", "a length beyond the end", "a kem that gives every sender the same secret"]


def damaged_files(base, other, again):
    """Files, each with exactly one fault."""
    length = int.from_bytes(base[:4], "big")
    header, parts = base[4:4 + length], base[4 + length:]
    other_length = int.from_bytes(other[:4], "big")
    other_said = json.loads(other[4:4 + other_length])
    again_length = int.from_bytes(again[:4], "big")
    said = json.loads(header)

    def framed(document, rest=parts):
        text = document if isinstance(document, bytes) else canonical(document).encode()
        return len(text).to_bytes(4, "big") + text + rest

    def flipped(data, at):
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]

    def with_flipped(member):
        raw = bytearray(base64.b64decode(said[member]))
        raw[0] ^= 1
        return framed({**said, member: b64(bytes(raw))})

    one = CHUNK + TAG
    return {
        "flip a bit of kem": with_flipped("kem"),
        "flip a bit of meta": with_flipped("meta"),
        "flip a bit of the first part's salt": framed(header, flipped(parts, 0)),
        "flip a bit of its commitment": framed(header, flipped(parts, 24)),
        "flip a bit of its first chunk": framed(header, flipped(parts, HEADER)),
        "flip a bit of the last tag": framed(header, flipped(parts, len(parts) - 1)),
        "drop the last byte": base[:-1],
        "drop the last chunk": framed(header, parts[:HEADER + one * 2]),
        "append a byte": base + b"\x00",
        "append a chunk again": base + parts[-(len(parts) - HEADER - one * 2):],
        "swap the first two chunks": framed(header, parts[:HEADER] + parts[HEADER + one:HEADER + 2 * one] + parts[HEADER:HEADER + one] + parts[HEADER + 2 * one:]),
        "another id": framed({**said, "id": "0190f2e4-6c5d-7e8f-9a0b-1c2d3e4f5a6c"}),
        "another key": framed({**said, "key": id_of("ink", "another ingest key")}),
        "another tenant": framed({**said, "tenant": id_of("ten", "another tenant")}),
        "kem of another file": framed({**said, "kem": other_said["kem"]}),
        "meta of another file": framed({**said, "meta": other_said["meta"]}),
        "parts of another file": framed(header, other[4 + other_length:]),
        "parts of the same call sealed again": framed(header, again[4 + again_length:]),
        "an unknown member": framed({**said, "sender": "pbx-1"}),
        "no meta": framed({name: value for name, value in said.items() if name != "meta"}),
        "a later format": framed({**said, "format": "callvault/sealed@2"}),
        "not canonical": framed(header.replace(b'":"', b'": "', 1)),
        "a header of 65,537 bytes": framed({**said, "meta": said["meta"] + "A" * (LARGEST + 1 - length)}),
        "a length beyond the end": (len(base)).to_bytes(4, "big") + header,
        "a kem that gives every sender the same secret": framed({**said, "kem": b64(bytes(32))}),
    }


def pieces(file, sources, window=64):
    """The bytes as ranges of the sources, and hex for what is in none of them."""
    known = {data[at:at + window]: (name, at) for name, data in reversed(sources.items()) for at in range(len(data) - window, -1, -1)}
    out, at = [], 0
    while at < len(file):
        name, start = known.get(file[at:at + window], (None, 0))
        if name is None:
            if out and "hex" in out[-1]:
                out[-1]["hex"] += file[at:at + 1].hex()
            else:
                out.append({"hex": file[at:at + 1].hex()})
            at += 1
            continue
        data, end = sources[name], start + window
        while end < len(data) and at + end - start < len(file) and data[end] == file[at + end - start]:
            end += 1
        out.append({"of": name, "from": start, "to": end})
        at += end - start
    assert b"".join(bytes.fromhex(one["hex"]) if "hex" in one else sources[one["of"]][one["from"]:one["to"]] for one in out) == file
    return out


def ingest_key(public):
    """The blob of the ingest key, under the metadata key and keyring of generate.py, and the text of its note."""
    value = 0
    for character in KEY[4:]:
        value = value * 32 + "0123456789abcdefghjkmnpqrstvwxyz".index(character)
    mac_key = generate.expand(generate.METADATA_KEY, info("callvault/ingest-key@v1"), 64)
    blob = {"format": "callvault/1", "tenant": TENANT, "id": KEY, "created": generate.CREATED, "public": b64(public)}
    context, version_key = generate.encryption_context("ingest", TENANT, 2), generate.VERSION_KEYS[2]
    wrapped = generate.wrap_key(2, version_key, context, SEED, salt_of("wrap ingest 2 2"))
    blob |= {"key": {"scheme": "keyring", "id": generate.KEYRING_ID, "wrap": 2, "wrapped": wrapped}}
    blob |= {"mac": generate.mac(mac_key, blob)}
    return {"metadata_key": generate.METADATA_KEY.hex(), "mac_key": mac_key.hex(), "mac": blob["mac"], "json": canonical(blob),
            "path": f"t/{TENANT}/i/{generate.dashed(value)}.json", "version_key": version_key.hex(),
            "note": f"callvault/ingest-key@v1\nvault.example/{TENANT}\n{KEY} {b64(public)} {generate.CREATED}\n"}


def frozen():
    private = derive_key_pair(SEED)
    public, of = public_of(private), names(TENANT, KEY, UUID)
    cases = []
    for name, size, kind, media in CASES:
        plain = pattern(size)
        meta = meta_of(plain, kind, media)
        file = seal_file(public, of, meta, plain, derive_key_pair(key_of(f"ephemeral {name}")), name)
        assert open_file(SEED, file) == (meta, plain)
        cut = int.from_bytes(file[:4], "big") + 4
        cases.append({"name": name, "length": len(file), "header": file[:cut].hex(), "meta": canonical(meta), "sha256": sha256(file).hex(),
                      "salts": [salt_of(f"{name} part {number}").hex() for number in range(size // PART + 1)],
                      "content_key": keys(sender(public, derive_key_pair(key_of(f"ephemeral {name}")), info("callvault/sealed@v1", *of))[1])[0].hex(),
                      "size": size})
    plain = pattern(2 * CHUNK + 100)
    base = seal_file(public, of, meta_of(plain), plain, derive_key_pair(key_of("damage")), "damage")
    other_of = names(TENANT, KEY, "0190f2e4-6c5d-7e8f-9a0b-1c2d3e4f5a6d")
    other = seal_file(public, other_of, meta_of(plain, call="20261125-0002"), plain, derive_key_pair(key_of("damage other")), "damage other")
    again = seal_file(public, of, meta_of(plain), plain, derive_key_pair(key_of("damage again")), "damage again")
    made = damaged_files(base, other, again)
    assert list(made) == DAMAGES
    for file in made.values():
        try:
            open_file(SEED, file)
        except Exception:  # every way of refusing counts here
            continue
        raise AssertionError("a damaged file was opened")
    sources = {"base": base, "other": other, "again": again}
    document = {
        "format": FORMAT, "tenant": TENANT, "key": KEY, "id": UUID, "seed": SEED.hex(), "public": public.hex(),
        "info": {"hpke": info("callvault/sealed@v1", *of).hex(), "meta": info("callvault/sealed-meta@v1", *of).hex(), "part_1": part_context(of, 1).hex()},
        "ingest_key": ingest_key(public),
        "cases": cases,
        "files": {name: data.hex() for name, data in sources.items()},
        "damage": [{"name": name, "bytes": pieces(file, sources)} for name, file in made.items()],
    }
    return (laid_out(document) + "\n").encode()


RFC9180_A7 = {
    "info": "4f6465206f6e2061204772656369616e2055726e",
    "ikmE": "55bc245ee4efda25d38f2d54d5bb6665291b99f8108a8c4b686c2b14893ea5d9",
    "ikmR": "683ae0da1d22181e74ed2e503ebf82840deb1d5e872cade20f4b458d99783e31",
    "pkRm": "194141ca6c3c3beb4792cd97ba0ea1faff09d98435012345766ee33aae2d7664",
    "enc": "e5e8f9bfff6c2f29791fc351d2c25ce1299aa5eaca78a757c0b4fb4bcd830918",
    "exporter_secret": "79dc8e0509cf4a3364ca027e5a0138235281611ca910e435e8ed58167c72f79b",
    "exports": [["", "7a36221bd56d50fb51ee65edfd98d06a23c4dc87085aa5866cb7087244bd2a36"],
                ["00", "d5535b87099c6c3ce80dc112a2671c6ec8e811a2f284f948cec6dd1708ee33f0"],
                ["54657374436f6e74657874", "ffaabc85a776136ca0c378e5d084c9140ab552b78f039d2e8775f26efff4c70e"]],
}


def rfc9180():
    case = {name: bytes.fromhex(value) for name, value in RFC9180_A7.items() if name != "exports"}
    private = derive_key_pair(case["ikmR"])
    enc, secret = sender(public_of(private), derive_key_pair(case["ikmE"]), case["info"])
    good = (public_of(private), enc, secret, receiver(private, enc, case["info"])) == (
        case["pkRm"], case["enc"], case["exporter_secret"], case["exporter_secret"])
    good = good and all(export(secret, bytes.fromhex(context), 32).hex() == value for context, value in RFC9180_A7["exports"])
    print("1 passed, 0 failed" if good else "0 passed, 1 failed")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rfc9180", action="store_true")
    parser.add_argument("--open", nargs=2, metavar=("SEED", "FILE"))
    generate.file_options(parser)
    options = parser.parse_args()
    if options.rfc9180:
        return rfc9180()
    if options.open:
        meta, content = open_file(bytes.fromhex(options.open[0]), pathlib.Path(options.open[1]).read_bytes())
        print(canonical({"meta": meta, "sha256": hashlib.sha256(content).hexdigest()}))
        return True
    return generate.deliver(frozen(), options)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
