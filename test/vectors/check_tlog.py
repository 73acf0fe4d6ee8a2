#!/usr/bin/env python3
"""Checks tlog.json and the published proofs of transparency-dev/merkle, by the steps of a verifier.

Written from RFC 9162 sections 2.1.2, 2.1.3.2 and 2.1.4.2 (the algorithms of verifiers: nothing recursive, no line of
tlog.py), the C2SP pages signed-note, tlog-checkpoint, tlog-proof and tlog-tiles, WebAuthn and the design of callvault's log.
Needs Python 3.9 and `cryptography`. Prints how many of each kind it checked, as JSON, and leaves with 1 for anything wrong.
`check_tlog.py TLOG PUBLISHED`
"""
import base64, hashlib, json, sys
from datetime import datetime, timedelta, timezone
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key


def raw(text): return base64.b64decode(text or "", validate=True)
def sha256(data): return hashlib.sha256(data).digest()
def leaf_hash(entry): return sha256(b"\x00" + entry)
def node_hash(left, right): return sha256(b"\x01" + left + right)
def are_hashes(*each): return all(len(one) == 32 for one in each)


# --- RFC 9162 -----------------------------------------------------------------------------------------------------
def tree_head(hashes):
    """2.1.2: the tree head of given leaf hashes, by a stack."""
    if not hashes: return sha256(b"")
    stack = []
    for i, each in enumerate(hashes):
        stack.append(each)
        merge = i
        while merge & 1:
            right = stack.pop()
            stack.append(node_hash(stack.pop(), right))
            merge >>= 1
    while len(stack) > 1:
        right = stack.pop()
        stack.append(node_hash(stack.pop(), right))
    return stack[0]


def includes(leaf, index, size, path, root):
    """2.1.3.2: whether a path shows that this leaf hash is in the tree."""
    if index < 0 or index >= size or not are_hashes(leaf, root, *path): return False
    fn, sn, r = index, size - 1, leaf
    for p in path:
        if sn == 0: return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while fn and not fn & 1: fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def continues(first, first_hash, second, second_hash, path):
    """2.1.4.2: whether a path shows that the first tree is the beginning of the second."""
    if first == second: return first > 0 and not path and first_hash == second_hash
    if not are_hashes(first_hash, second_hash, *path): return False
    if first <= 0 or first > second or not path: return False
    path = list(path)
    if first & (first - 1) == 0: path.insert(0, first_hash)
    fn, sn = first - 1, second - 1
    while fn & 1: fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0: return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while fn and not fn & 1: fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_hash and sr == second_hash and sn == 0


# --- C2SP: notes, checkpoints, proofs, tiles ----------------------------------------------------------------------
def verifier(text):
    """A key of a note: its name, its id and the public key. The id is that of name and key."""
    name, key_id, key = text.split("+", 2)
    keyed = raw(key)
    if keyed[:1] != b"\x01" or len(keyed) != 33 or sha256(name.encode() + b"\n" + keyed)[:4].hex() != key_id: return None
    return name, bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(keyed[1:])


def signed_by(note, key):
    """The text of a note if this key signed it."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    name, key_id, public = key
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ")
        data = raw(signature)
        if dash != "\u2014" or signer != name or data[:4] != key_id: continue
        try: public.verify(data[4:], text.encode())
        except InvalidSignature: return None
        return text
    return None


def checkpoint(note, key):
    """Log, size and root hash of a checkpoint that this key signed."""
    text = signed_by(note, key)
    if text is None: return None
    log, size, root = text.split("\n")[:3]
    return log, int(size), raw(root)


def proves(text, leaf, key):
    """Index, extra data and size of a tlog-proof that holds for this leaf hash."""
    head, note = text.split("\n\n", 1)
    lines = head.split("\n")
    if lines.pop(0) != "c2sp.org/tlog-proof@v1": return None
    extra = raw(lines.pop(0)[6:]) if lines[0].startswith("extra ") else None
    index = int(lines.pop(0)[6:])
    signed = checkpoint(note, key)
    if signed is None: return None
    _, size, root = signed
    return (index, extra, size) if includes(leaf, index, size, [raw(each) for each in lines], root) else None


def tile_place(path):
    """Level or "entries", index and width that a path of tlog-tiles names."""
    tile, level, *digits = path.split("/")
    width = 256
    if digits[-2:-1] and digits[-2].endswith(".p"): digits[-2:], width = [digits[-2][:-2]], int(digits[-1])
    if tile != "tile" or any((each[0] == "x") == last or len(each.lstrip("x")) != 3
                             for each, last in zip(digits, [False] * (len(digits) - 1) + [True])): return None
    return level, int("".join(each.lstrip("x") for each in digits)), width


def entries(leaves): return b"".join(len(each).to_bytes(2, "big") + each for each in leaves)


def tile(path, leaves, hashes):
    level, index, width = tile_place(path)
    if level == "entries": return entries(leaves[index * 256:index * 256 + width])
    row = list(hashes)
    for _ in range(8 * int(level)): row = [node_hash(*row[at:at + 2]) for at in range(0, len(row) - 1, 2)]
    return b"".join(row[index * 256:index * 256 + width])


# --- this log -----------------------------------------------------------------------------------------------------
def make_leaves(first, count):
    """The leaves that the rule of the vectors makes from the first one."""
    value, began = json.loads(first), datetime(2026, 11, 27, tzinfo=timezone.utc)
    for seq in range(count):
        ts = (began + timedelta(seconds=seq)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        value.update(seq=seq, id=f"evt_{seq:026d}", ts=ts)
        yield json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed_change(change):
    """Whether a passkey signed the proposal: WebAuthn, with its leaf hash as the challenge."""
    signed, hashed = change["signed"], leaf_hash(change["proposed"].encode())
    authenticator, client = raw(signed["authenticator"]), raw(signed["client"])
    try: said = json.loads(client)
    except ValueError: return False
    challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
    if hashed != raw(change["leaf_hash"]) or signed["of"] != json.loads(change["proposed"])["seq"]: return False
    if tuple(said.get(name) for name in ("type", "challenge", "crossOrigin")) != ("webauthn.get", challenge, False): return False
    host = said["origin"].split("://")[1]
    # Present (bit 0) and verified (bit 2).
    if authenticator[:32] != sha256(host.encode()) or authenticator[32] & 5 != 5: return False
    try: load_der_public_key(raw(signed["key"])).verify(raw(signed["signature"]), authenticator + sha256(client))
    except InvalidSignature: return False
    return True


def draws(sample, log, root, nonce, seed, drawn):
    text = f"callvault/sample@v1\n{sample['id']}\n{log}\n{sample['size']}\n{root}\n{nonce}\n"
    first, _, count = sample["population"]
    ids = [f"{first[:4]}{n:026d}" for n in range(count)]
    made = sha256(text.encode())
    ranked = sorted(ids, key=lambda each: sha256(made + each.encode()))
    return ids[-1] == sample["population"][1] and made.hex() == seed and ranked[:sample["n"]] == drawn


def check_vectors(v, count):
    log = v["log"]
    key, next_key = verifier(v["signer"]["verifier"]), verifier(v["next_signer"]["verifier"])
    for each in (v["signer"], v["next_signer"]):
        public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(each["seed"])).public_key()
        keyed = b"\x01" + public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        count("signers", raw(each["verifier"].split("+", 2)[2]) == keyed)
    hashes = [raw(each) for each in v["leaf_hashes"]]
    leaves = list(make_leaves(v["leaves"]["0"], len(hashes)))
    for n, text in v["leaves"].items(): count("leaves", leaves[int(n)] == text.encode())
    for each, hashed in zip(leaves, hashes): count("leaf_hashes", leaf_hash(each) == hashed)
    roots = {int(n): raw(root) for n, root in v["roots"].items()}
    for n, root in roots.items(): count("roots", tree_head(hashes[:n]) == root)
    root_of = lambda n: roots[n] if n in roots else tree_head(hashes[:n])
    for each in v["inclusion"]:
        index, size, path = each["index"], each["size"], [raw(p) for p in each["proof"]]
        count("inclusion", includes(hashes[index], index, size, path, root_of(size)))
    for each in v["consistency"]:
        count("consistency", continues(each["from"], root_of(each["from"]), each["to"], root_of(each["to"]),
                                       [raw(p) for p in each["proof"]]))
    for n, note in v["checkpoints"].items():
        count("checkpoints", checkpoint(note, key) == (log, int(n), roots[int(n)]) and signed_by(note, next_key) is None)
    for one in (key, next_key): count("two_signers", checkpoint(v["checkpoint_of_two_signers"], one) == (log, 1000, roots[1000]))
    count("tlog_proofs", proves(v["tlog_proof"], hashes[17], key) == (17, None, 33))
    count("tlog_proofs", proves(v["tlog_proof_with_leaf"], hashes[999], key) == (999, leaves[999], 1000))
    for each in v["tiles"]: count("tiles", sha256(tile(each["path"], leaves, hashes)).hex() == each["sha256"])
    for index, path in v["tile_paths"].items(): count("tile_paths", tile_place(path) == ("0", int(index), 256))
    part = v["segment"]
    blob = v["checkpoints"][str(part["size"])].encode() + b"\x00" + entries(leaves[part["from"]:part["size"]])
    named = f"t/{log.split('/')[1]}/l/{999_999_999_999_999 - part['size']:015d}"
    count("segments", (named, len(blob), sha256(blob).hex()) == (part["path"], part["bytes"], part["sha256"]))
    count("changes", signed_change(v["change"]))
    sample, root = v["sample"], v["roots"][str(v["sample"]["size"])]
    count("samples", draws(sample, log, root, "", sample["seed"], sample["drawn"]))
    nonced = v["sample_with_nonce"]
    count("samples", draws(sample, log, root, nonced["nonce"], nonced["seed"], nonced["drawn"]))


def check_published(cases, count):
    for each in cases["inclusion"]:
        held = includes(raw(each["leafHash"]), each["leafIdx"], each["treeSize"],
                        [raw(p) for p in each["proof"] or []], raw(each["root"]))
        count("published_inclusion", held != each["wantErr"])
    for each in cases["consistency"]:
        held = continues(each["size1"], raw(each["root1"]), each["size2"], raw(each["root2"]),
                         [raw(p) for p in each["proof"] or []])
        count("published_consistency", held != each["wantErr"])


if __name__ == "__main__":
    right, wrong = {}, {}
    def count(kind, holds):
        to = right if holds else wrong
        to[kind] = to.get(kind, 0) + 1
    with open(sys.argv[1], encoding="utf-8") as file: check_vectors(json.load(file), count)
    with open(sys.argv[2], encoding="utf-8") as file: check_published(json.load(file), count)
    print(json.dumps({"right": right, "wrong": wrong}))
    sys.exit(1 if wrong else 0)
