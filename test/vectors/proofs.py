#!/usr/bin/env python3
"""Vectors of proofs by passkey, made from the page alone; canonical JSON and layout from generate.py beside it.

    proofs.py [--out FILE]      write the vectors (standard output without --out)
    proofs.py --check FILE      make them again and compare bytes

Nothing is random: keys come from SHA-256 of a label, ECDSA signatures are those of RFC 6979. A reader in here holds every log to the
findings that it names. What each member means: README.md. One file over 250 lines, so that it can be read alone.
"""
import argparse
import base64
import datetime
import hashlib
import json
import math
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

sys.dont_write_bytecode = True  # no folder of compiled files beside the vectors
import generate as g  # noqa: E402

URL, LOG = "https://vault.example", "vault.example/ten_06f2vd4000000000000000tena"
HOST = "vault.example"
VALUES = {1: ("recording", "person", "purpose", "objects", "minutes", "opens_until")}
VALUES[2] = VALUES[1] + ("instead_of", "extension")
FORMATS = {version: f"callvault/proof@v{version}" for version in VALUES}
DECISIONS = ("access.approved", "access.denied", "access.assigned")
START = datetime.datetime(2026, 11, 28, 9, 0, 0, tzinfo=datetime.timezone.utc)
LIFE_MS, GRACE_MS = 5 * 60_000, 60_000
P256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def url64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def seed(label):
    return g.sha256(b"callvault vector passkey: " + label.encode())


# ---- Ids and times: UUIDv7, whose first 48 bits are milliseconds

def id_of(prefix, label, milliseconds=None):
    body = g.sha256(b"callvault vector id: " + label.encode())
    at = (START - datetime.timedelta(days=1)).timestamp() * 1000 if milliseconds is None else milliseconds
    raw = int(at).to_bytes(6, "big") + bytes([0x70 | body[0] & 15, body[1], 0x80 | body[2] & 63]) + body[3:10]
    number = int.from_bytes(raw, "big")
    return prefix + "_" + "".join(ALPHABET[number >> 5 * (25 - n) & 31] for n in range(26))


def id_ms(id):
    number = 0
    for character in id[4:]:
        number = number * 32 + ALPHABET.index(character)
    return number >> 80


def ms(time):
    return int(datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp() * 1000)


def time_of(milliseconds):
    at = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


# ---- Keys

def probable_prime(number):
    if any(number % small == 0 for small in (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37):
        power = pow(base, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True


def prime_of(label, bits):
    stream = b"".join(g.sha256(seed(label) + n.to_bytes(4, "big")) for n in range(bits // 256))
    number = int.from_bytes(stream, "big") | 3 << (bits - 2) | 1
    while not probable_prime(number) or math.gcd(number - 1, 65_537) != 1:
        number += 2
    return number


def rsa_key(label):
    p, q = sorted((prime_of(label + " p", 1024), prime_of(label + " q", 1024)), reverse=True)
    d = pow(65_537, -1, math.lcm(p - 1, q - 1))
    public = rsa.RSAPublicNumbers(65_537, p * q)
    return rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public).private_key()


def key_of(alg, label):
    if alg == "ES256":
        return ec.derive_private_key(int.from_bytes(seed(label), "big") % (P256 - 1) + 1, ec.SECP256R1())
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.from_private_bytes(seed(label))
    return rsa_key(label)


def spki(key):
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def sign(key, data):
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    return key.sign(data, padding.PKCS1v15(), hashes.SHA256())


def is_signed(der, data, signature):
    key = serialization.load_der_public_key(der)
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
        else:
            return False
    except InvalidSignature:
        return False
    return True


# COSE_Key of the same keys (RFC 9053), as an authenticator registers it

def head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    return bytes([major << 5 | 24, number]) if number < 256 else bytes([major << 5 | 25]) + number.to_bytes(2, "big")


def cbor(value):
    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(name) + cbor(inner) for name, inner in value.items())
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    return head(0, value) if value >= 0 else head(1, -1 - value)


def cose(key):
    public = key.public_key()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        numbers = public.public_numbers()
        return cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return cbor({1: 1, 3: -8, -1: 6, -2: public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)})
    numbers = public.public_numbers()
    return cbor({1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")})


# ---- Challenge and assertion

def values_of(action, object, version=2):
    if action == "passkey.added":
        return [action, object["id"], object["key"]]
    return [action, object["id"], *(object.get(name, "") for name in VALUES[version])]


def challenge_json(proof, decisions, log=LOG, version=2):
    return g.canonical([FORMATS[version], log, proof, decisions])


def assertion(key, challenge, *, type="webauthn.get", origin=URL, rp=HOST, flags=0x05, counter=7, **more):
    """As a browser writes it (WebAuthn level 3, section 5.8.1.1): these members first, in this order."""
    members = {"type": type, "challenge": url64(challenge), "origin": origin} | {"crossOrigin": False} | more
    client = json.dumps({name: value for name, value in members.items() if value is not None}, separators=(",", ":")).encode()
    authenticator = g.sha256(rp.encode()) + bytes([flags]) + counter.to_bytes(4, "big")
    return authenticator, client, sign(key, authenticator + g.sha256(client))


# ---- Logs

class Writer:
    """A log whose leaves follow one another a second apart."""

    def __init__(self):
        self.leaves, self.at = [], int(START.timestamp() * 1000)

    def add(self, actor, action, object, auth="sign-in", outcome="ok"):
        seq, self.at = len(self.leaves), self.at + 1000
        leaf = {"v": 1, "log": LOG, "seq": seq, "id": id_of("evt", f"{seq}"), "ts": time_of(self.at), "node": "n1"}
        leaf |= {"actor": {"type": "person", "id": actor, "auth": auth}, "action": action, "outcome": outcome, "object": object}
        self.leaves.append(leaf)
        return seq


MEI, BEN, ADMIN = id_of("usr", "mei"), id_of("usr", "ben"), id_of("usr", "admin")
KEYS = {alg: key_of(alg, alg) for alg in ("ES256", "EdDSA", "RS256")}
OTHER = key_of("ES256", "another")


def passkey_id(alg):
    return id_of("pky", alg)


def passkey(writer, alg, **changed):
    object = {"type": "passkey", "id": passkey_id(alg), "principal": MEI, "key": g.b64(spki(KEYS[alg])), "sign_in": id_of("sgn", "link")}
    object = {name: value for name, value in (object | changed).items() if value is not None}
    return writer.add(MEI, "passkey.added", object)


def signed_in(writer, method="link"):
    return writer.add(MEI, "sign_in.opened", {"type": "sign_in", "id": id_of("sgn", method), "method": method, "ends": "2026-11-28T21:00:00.000Z"})


def approval(n, **changed):
    request = {"id": id_of("req", f"{n}"), "recording": id_of("rec", f"{n}"), "person": BEN, "purpose": "complaint", "objects": "audio,transcript", "minutes": 20}
    return "access.approved", {"type": "request", **request, **changed}


def denial(n):
    return "access.denied", {"type": "request", "id": id_of("req", f"{n}"), "recording": id_of("rec", f"{n}"), "person": BEN, "purpose": "complaint"}


def assignment(n, **changed):
    grant = {"id": id_of("grt", f"{n}"), "recording": id_of("rec", f"{n}"), "person": BEN, "purpose": "quality", "objects": "audio"}
    return "access.assigned", {"type": "grant", **grant, "minutes": 24, "opens_until": "2026-12-05T16:00:00.000Z", **changed}


def decide(writer, decided, alg="ES256", *, key=None, listed=None, label="proof", age=30_000, outcomes=None, given=None, passkey_named=True, more=None, version=1):
    """Writes `proof.given` and the decisions behind it; `listed` are the decisions that the passkey signed, where they differ. In the text of
    version 1, unless `version` says 2: the first logs here are from before it."""
    key = KEYS[alg] if key is None else key
    proof = id_of("prf", label, writer.at + 1000 - age)
    signed = [values_of(action, object, version) for action, object in (decided if listed is None else listed)]
    text = challenge_json(proof, signed, version=version)
    authenticator, client, signature = assertion(key, g.sha256(text.encode()), **(more or {}))
    object = {"type": "proof", "id": proof, "decisions": len(decided), "key": g.b64(spki(KEYS[alg])), "authenticator": g.b64(authenticator)}
    object |= {"client": g.b64(client), "signature": g.b64(signature)}
    if passkey_named:
        object["passkey"] = passkey_id(alg)
    writer.add(MEI, "proof.given", object | (given or {}))
    for n, (action, values) in enumerate(decided):
        writer.add(MEI, action, values | {"proof": proof}, outcome=(outcomes or {}).get(n, "ok"))
    return proof, signed, text


# ---- The reader

def b64_bytes(text):
    data = base64.b64decode(text, validate=True)
    if g.b64(data) != text:
        raise ValueError("loose bits")
    return data


def is_proof(given, text):
    """Whether the assertion of `proof.given` is one over this text."""
    try:
        der, authenticator, client, signature = (b64_bytes(given[name]) for name in ("key", "authenticator", "client", "signature"))
        data = json.loads(client.decode())
    except (KeyError, ValueError):
        return False
    if data.get("type") != "webauthn.get" or data.get("challenge") != url64(g.sha256(text.encode())) or data.get("origin") != URL:
        return False
    if data.get("crossOrigin", False) is not False or "topOrigin" in data:
        return False
    if len(authenticator) < 37 or authenticator[:32] != g.sha256(HOST.encode()) or authenticator[32] & 0x05 != 0x05:
        return False
    return is_signed(der, authenticator + g.sha256(client), signature)


def text_of(proof, decided, version):
    return challenge_json(proof, [values_of(action, object, version) for action, object in decided], version=version)


def read(leaves):
    """The findings of a log: pairs of index and code; and notices, of decisions by first people right after their link."""
    findings, notices, passkeys, proofs, requests, first, methods, needed, open = [], [], {}, set(), {}, set(), {}, False, None
    versions = [2, 1]  # of which a proof may be: of 2 alone, once there was one of 2
    for leaf in leaves:
        seq, action, object, actor = leaf["seq"], leaf["action"], leaf["object"], leaf["actor"]
        code = "credential_proof" if action == "passkey.added" else "approval_proof"
        own = [one for one in passkeys.values() if one["principal"] == actor["id"] and not one["removed"]]
        named = object.get("proof")
        if open is not None and named != open["object"]["id"]:
            findings.append((seq, "approval_proof"))  # the list broke off
            open = None
        elif named is not None and open is None:
            findings.append((seq, code))  # a proof that is not right before it, or used again
        if action == "tenant.created":
            first = {value for name, value in object.items() if name == "admin" or name.startswith("approver_")}
        elif action == "sign_in.opened":
            methods[object["id"]] = object["method"]
        elif action == "access.requested":
            requests[object["id"]] = [object["recording"], actor["id"], object["purpose"]]
        elif action == "proof.given":
            needed = True
            open = {"object": object, "actor": actor, "ts": leaf["ts"], "list": [], "at": [], "fault": object["id"] in proofs}
            proofs.add(object["id"])
            known = passkeys.get(object.get("passkey"))
            if known is None or known["principal"] != actor["id"] or known["removed"] or (known["key"] or object["key"]) != object["key"]:
                open["fault"] = True
            elif known["key"] is None:
                known["key"] = object["key"]  # a passkey from before events had keys: its first proof shows its key
            age = ms(leaf["ts"]) - id_ms(object["id"])
            if not -GRACE_MS <= age <= LIFE_MS + GRACE_MS or not 1 <= object.get("decisions", 0) <= 50:
                open["fault"] = True
        elif action == "passkey.added":
            needed = needed or "key" in object
            by_link = not own and methods.get(object.get("sign_in")) == "link"
            if "key" in object and named is None and not by_link:
                findings.append((seq, code))
        elif action == "passkey.removed" and object["id"] in passkeys:
            passkeys[object["id"]]["removed"] = True
        elif action in DECISIONS and named is None and needed and leaf["outcome"] == "ok" and actor["auth"] == "sign-in":
            (notices if actor["id"] in first and not own else findings).append((seq, "approval_link" if actor["id"] in first and not own else code))
        if open is not None and action != "proof.given":
            open["list"].append((action, object))
            open["at"].append((seq, code))
            asked = values_of(action, object)[2:5]
            if actor != open["actor"] or requests.get(object["id"], asked) != asked:
                open["fault"] = True
            if len(open["list"]) == open["object"]["decisions"]:
                fitting = [version for version in versions if is_proof(open["object"], text_of(open["object"]["id"], open["list"], version))]
                if 1 in fitting and any("extension" in values for _, values in open["list"]):
                    fitting = []  # version 1 has no such member
                if open["fault"] or not fitting:
                    findings += open["at"]
                elif 2 in fitting:
                    versions = [2]
                open = None
        if action == "passkey.added":
            passkeys[object["id"]] = {"principal": object["principal"], "key": object.get("key"), "removed": False}
    return sorted(findings), notices


# ---- What the file has

def make_keys():
    return [{"alg": alg, "spki": g.b64(spki(key)), "cose": cose(key).hex()} for alg, key in KEYS.items()]


def make_challenges():
    found = []
    lists = {
        "one approval": [approval(1)], "one denial": [denial(1)], "fifty approvals": [approval(n) for n in range(50)],
        "an assignment": [assignment(1)], "an approval and a denial": [approval(1), denial(2)],
        "a passkey": [("passkey.added", {"id": passkey_id("EdDSA"), "key": g.b64(spki(KEYS["EdDSA"]))})],
    }
    newer = {
        "an approval without the extension": [approval(1, extension="none")], "an assignment that replaces another": [assignment(1, instead_of=id_of("grt", "old"))],
    }
    for version, name, decided in [(1, *one) for one in lists.items()] + [(2, *one) for one in (lists | newer).items()]:
        proof = id_of("prf", name, int(START.timestamp() * 1000))
        decisions = [values_of(*one, version) for one in decided]
        text = challenge_json(proof, decisions, version=version)
        challenge = g.sha256(text.encode())
        found.append({"name": name, "version": version, "log": LOG, "proof": proof, "decisions": decisions, "json": text, "challenge": challenge.hex(), "client": url64(challenge)})
    return found


def log_of(name, write, findings=(), notices=()):
    writer = Writer()
    write(writer)
    read_findings, read_notices = read(writer.leaves)
    expected = [(seq, code) for seq, code in findings]
    assert read_findings == expected and read_notices == list(notices), (name, read_findings, read_notices)
    shown = [{"seq": seq, "code": code} for seq, code in expected]
    return {"name": name, "leaves": [g.canonical(leaf) for leaf in writer.leaves], "findings": shown, "notices": [{"seq": seq, "code": code} for seq, code in notices]}


def one(alg="ES256", decided=None, **how):
    """A sign-in, a passkey, one proof: the decisions begin at index 3."""
    def write(writer):
        signed_in(writer)
        passkey(writer, alg)
        decide(writer, [approval(1)] if decided is None else decided, alg, **how)
    return write


def make_good():
    fifty = [approval(n) for n in range(50)]

    def older(writer):
        passkey(writer, "ES256", key=None, sign_in=None)
        decide(writer, [approval(1)], label="first")
        decide(writer, [approval(2)], label="second")

    def second_passkey(writer):
        one()(writer)
        added = {"type": "passkey", "id": passkey_id("EdDSA"), "principal": MEI, "key": g.b64(spki(KEYS["EdDSA"]))}
        decide(writer, [("passkey.added", added)], label="add")
        decide(writer, [approval(2)], "EdDSA", label="by the new one")

    def second_passkey_since(writer):
        one(version=2)(writer)
        added = {"type": "passkey", "id": passkey_id("EdDSA"), "principal": MEI, "key": g.b64(spki(KEYS["EdDSA"]))}
        decide(writer, [("passkey.added", added)], label="add", version=2)
        decide(writer, [approval(2)], "EdDSA", label="by the new one", version=2)

    def before(writer):
        passkey(writer, "ES256", key=None, sign_in=None)
        writer.add(MEI, *approval(1))

    def first_by_link(writer):
        writer.add("op-1", "tenant.created", {"type": "tenant", "id": LOG.split("/")[1], "admin": ADMIN, "approver_1": MEI, "approver_2": id_of("usr", "zhou")}, auth="cli")
        signed_in(writer)
        writer.add(id_of("usr", "zhou"), "sign_in.opened", {"type": "sign_in", "id": id_of("sgn", "zhou"), "method": "link", "ends": "2026-11-28T21:00:00.000Z"})
        writer.add(id_of("usr", "zhou"), "passkey.added", {"type": "passkey", "id": id_of("pky", "zhou"), "principal": id_of("usr", "zhou"), "key": g.b64(spki(OTHER)), "sign_in": id_of("sgn", "zhou")})
        writer.add(MEI, *approval(1))

    def asked(writer):
        writer.add(BEN, "access.requested", {"type": "request", "id": id_of("req", "1"), "recording": id_of("rec", "1"), "purpose": "complaint"}, auth="api-key")
        one()(writer)

    return [
        *(log_of(f"one decision, {alg}", one(alg)) for alg in KEYS), log_of("fifty decisions, RS256", one("RS256", fifty)),
        log_of("fifty decisions of which two were refused", one("ES256", fifty, outcomes={3: "refused", 49: "refused"})),
        log_of("an assignment, EdDSA", one("EdDSA", [assignment(1)])), log_of("an approval and a denial", one(decided=[approval(1), denial(2)])),
        log_of("client data without crossOrigin", one(more={"crossOrigin": None})), log_of("client data with a member we do not know", one(more={"other_keys_can_be_added_here": "do not compare clientDataJSON against a template"})),
        log_of("backup flags and an extension", one(more={"flags": 0x1D})),
        log_of("a passkey from before events had keys", older), log_of("a second passkey, by proof of the first", second_passkey),
        log_of("a decision from before proofs", before), log_of("a first person by link", first_by_link, notices=[(4, "approval_link")]),
        log_of("a request that agrees", asked), log_of("an API key needs no proof", lambda writer: (one()(writer), writer.add(MEI, *approval(2), auth="api-key"))),
        log_of("an assignment that replaces another, which version 1 does not sign", one(decided=[assignment(1, instead_of=id_of("grt", "old"))])),
        *(log_of(f"version 2, one decision, {alg}", one(alg, version=2)) for alg in KEYS),
        log_of("version 2, fifty decisions without the extension", one("RS256", [approval(n, extension="none") for n in range(50)], version=2)),
        log_of("version 2, an assignment that replaces another", one("EdDSA", [assignment(1, instead_of=id_of("grt", "old")), assignment(2)], version=2)),
        log_of("version 2, an approval without the extension and a denial", one(decided=[approval(1, extension="none"), denial(2)], version=2)),
        log_of("version 2, a second passkey", second_passkey_since),
        log_of("version 2 after version 1", lambda writer: (one()(writer), decide(writer, [approval(2)], label="later", version=2), decide(writer, [denial(3)], label="last", version=2))),
    ]


def make_bad():
    two = [approval(1), approval(2)]
    bad = [
        ("order swapped", one(decided=two, listed=two[::-1]), 2), ("a decision more than signed", one(decided=two, listed=two[:1]), 2),
        ("a decision less than signed", one(decided=two[:1], listed=two), 1), ("minutes changed", one(listed=[approval(1, minutes=15)]), 1),
        ("recording changed", one(listed=[approval(1, recording=id_of("rec", "9"))]), 1), ("person changed", one(listed=[approval(1, person=MEI)]), 1),
        ("purpose changed", one(listed=[approval(1, purpose="quality")]), 1), ("objects changed", one(listed=[approval(1, objects="audio")]), 1),
        ("an approval for a denial", one(listed=[denial(1)]), 1), ("minutes as text", one(listed=[approval(1, minutes="20")]), 1),
        ("an end where none was signed", one(decided=[approval(1, opens_until="2026-12-05T16:00:00.000Z")], listed=[approval(1)]), 1),
        ("user not verified", one(more={"flags": 0x01}), 1), ("user not present", one(more={"flags": 0x04}), 1),
        ("another origin", one(more={"origin": "https://evil.example"}), 1), ("a subdomain", one(more={"origin": "https://a.vault.example"}), 1), ("another port", one(more={"origin": URL + ":8443"}), 1), ("without TLS", one(more={"origin": "http://vault.example"}), 1),
        ("in a frame of another site", one(more={"crossOrigin": True}), 1), ("a top origin", one(more={"topOrigin": "https://evil.example"}), 1),
        ("a registration", one(more={"type": "webauthn.create"}), 1), ("another relying party", one(more={"rp": "evil.example"}), 1),
        ("another key signed", one(key=OTHER), 1), ("a key that the log does not have", one(key=OTHER, given={"key": g.b64(spki(OTHER))}), 1),
        ("a passkey that the log does not have", one(given={"passkey": id_of("pky", "none")}), 1), ("no passkey named", one(passkey_named=False), 1),
        ("older than five minutes and the grace", one(age=LIFE_MS + GRACE_MS + 1), 1), ("an id from the future", one(age=-GRACE_MS - 1), 1),
        ("no signature", one(given={"signature": ""}), 1), ("base64 without padding", one(given={"authenticator": g.b64(g.sha256(HOST.encode()) + bytes([5, 0, 0, 0, 7])).rstrip("=")}), 1),
    ]
    old, other = id_of("grt", "old"), id_of("grt", "other")
    newer = [
        ("an assignment that it replaces was added", one(decided=[assignment(1, instead_of=old)], listed=[assignment(1)], version=2)),
        ("an assignment that it replaces was taken out", one(decided=[assignment(1)], listed=[assignment(1, instead_of=old)], version=2)),
        ("an assignment that it replaces was changed", one(decided=[assignment(1, instead_of=other)], listed=[assignment(1, instead_of=old)], version=2)),
        ("an extension that was excluded", one(decided=[approval(1)], listed=[approval(1, extension="none")], version=2)),
        ("an extension excluded after the passkey", one(decided=[approval(1, extension="none")], listed=[approval(1)], version=2)),
        ("an extension excluded in version 1", one(decided=[approval(1, extension="none")])),
    ]
    found = [log_of(name, write, [(3 + n, "approval_proof") for n in range(count)]) for name, write, count in bad]
    found_newer = [log_of(name, write, [(3, "approval_proof")]) for name, write in newer]

    def again(writer):
        one()(writer)
        given = dict(writer.leaves[2]["object"])
        writer.add(MEI, "proof.given", given)
        writer.add(MEI, *approval(1, proof=given["id"]))

    def late(writer):
        one()(writer)
        action, object = approval(2, proof=writer.leaves[2]["object"]["id"])
        writer.add(MEI, action, object)

    def broken_off(writer):
        signed_in(writer)
        passkey(writer, "ES256")
        decide(writer, [approval(1), approval(2)])
        del writer.leaves[-1]
        writer.add(MEI, "sign_in.ended", {"type": "sign_in", "id": id_of("sgn", "link"), "principal": MEI, "reason": "signed-out"})

    def another_person(writer):
        one()(writer)
        writer.leaves[3]["actor"] = {"type": "person", "id": BEN, "auth": "sign-in"}

    def passkey_of_another(writer):
        signed_in(writer)
        passkey(writer, "ES256", principal=BEN, sign_in=None, key=None)
        decide(writer, [approval(1)])

    def removed(writer):
        signed_in(writer)
        passkey(writer, "ES256")
        writer.add(MEI, "passkey.removed", {"type": "passkey", "id": passkey_id("ES256"), "principal": MEI})
        decide(writer, [approval(1)])

    def pinned(writer):
        passkey(writer, "ES256", key=None, sign_in=None)
        decide(writer, [approval(1)], label="first")
        decide(writer, [approval(2)], key=OTHER, label="second", given={"key": g.b64(spki(OTHER))})

    def no_proof(writer):
        one()(writer)
        writer.add(MEI, *approval(2))

    def added_without(writer):
        one()(writer)
        passkey(writer, "EdDSA", sign_in=id_of("sgn", "link"))

    def added_by_passkey_sign_in(writer):
        signed_in(writer, "passkey")
        passkey(writer, "ES256", sign_in=id_of("sgn", "passkey"))

    def other_key_added(writer):
        one()(writer)
        added = {"type": "passkey", "id": passkey_id("EdDSA"), "principal": MEI, "key": g.b64(spki(KEYS["EdDSA"]))}
        decide(writer, [("passkey.added", added)], label="add", listed=[("passkey.added", added | {"key": g.b64(spki(OTHER))})])

    def request_differs(writer):
        writer.add(BEN, "access.requested", {"type": "request", "id": id_of("req", "1"), "recording": id_of("rec", "2"), "purpose": "complaint"}, auth="api-key")
        one()(writer)

    def other_log(writer):
        signed_in(writer)
        passkey(writer, "ES256")
        _, signed, _ = decide(writer, [approval(1)])
        given = writer.leaves[2]["object"]
        text = challenge_json(given["id"], signed, "vault.example/ten_06f2vd4000000000000000tenb", 1)
        authenticator, client, signature = assertion(KEYS["ES256"], g.sha256(text.encode()))
        given |= {"authenticator": g.b64(authenticator), "client": g.b64(client), "signature": g.b64(signature)}

    def mixed(values, label):
        def write(writer):
            signed_in(writer)
            passkey(writer, "ES256")
            decide(writer, [approval(1)])
            given = writer.leaves[2]["object"]
            text = challenge_json(given["id"], [values_of(*approval(1), values)], version=label)
            authenticator, client, signature = assertion(KEYS["ES256"], g.sha256(text.encode()))
            given |= {"authenticator": g.b64(authenticator), "client": g.b64(client), "signature": g.b64(signature)}
        return write

    def then(version, decided, first=2):
        def write(writer):
            one(version=first)(writer)
            decide(writer, decided, label="later", version=version)
        return write

    def after_a_passkey(writer):
        one()(writer)
        decide(writer, [("passkey.added", added_one)], label="add", version=2)
        decide(writer, [approval(2)], "EdDSA", label="later")

    def after_one_that_does_not_count(writer):
        one(version=2, key=OTHER)(writer)
        decide(writer, [approval(2)], label="later")

    added_one = {"type": "passkey", "id": passkey_id("EdDSA"), "principal": MEI, "key": g.b64(spki(KEYS["EdDSA"]))}
    p = "approval_proof"
    versions = [
        ("version 1 after version 2", then(1, [approval(2)]), [(5, p)]), ("version 1 after version 2, an assignment that replaces another", then(1, [assignment(2, instead_of=old)]), [(5, p)]),
        ("version 1 after version 2, a second passkey", then(1, [("passkey.added", added_one)]), [(5, "credential_proof")]),
        ("version 1 after a second passkey by version 2", after_a_passkey, [(7, p)]), ("version 1 after a proof of version 2 that does not count", after_one_that_does_not_count, [(3, p)]),
        ("values of version 1 called version 2", mixed(1, 2), [(3, p)]), ("values of version 2 called version 1", mixed(2, 1), [(3, p)]),
    ]
    more = [
        ("a proof given again", again, [(5, p)]), ("a decision later by the same proof", late, [(4, p)]), ("a list that breaks off", broken_off, [(4, p)]),
        ("a decision by another person", another_person, [(3, p)]), ("a passkey of another person", passkey_of_another, [(3, p)]), ("a removed passkey", removed, [(4, p)]),
        ("another key of a passkey from before events had keys", pinned, [(4, p)]), ("a decision without a proof", no_proof, [(4, p)]),
        ("a second passkey without a proof", added_without, [(4, "credential_proof")]), ("a first passkey without a link", added_by_passkey_sign_in, [(1, "credential_proof")]),
        ("a second passkey, another key signed", other_key_added, [(5, "credential_proof")]), ("a request for another recording", request_differs, [(4, p)]),
        ("signed for the log of another tenant", other_log, [(3, p)]),
    ]
    return found + [log_of(name, write, findings) for name, write, findings in more] + found_newer + [log_of(name, write, findings) for name, write, findings in versions]


MAKERS = [make_keys, make_challenges, make_good, make_bad]


def vectors():
    found = {maker.__name__.removeprefix("make_"): maker() for maker in MAKERS} | {"formats": list(FORMATS.values()), "url": URL, "log": LOG}
    return (g.laid_out(found) + "\n").encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    g.file_options(parser)
    return g.deliver(vectors(), parser.parse_args())


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
