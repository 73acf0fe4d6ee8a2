#!/usr/bin/env python3
"""Makes tlog.json: leaf hashes, tree heads, proofs, signed checkpoints, a segment, a signed change and a sample.

Written from RFC 6962 section 2.1 (the recursive definitions, nothing incremental), the C2SP pages signed-note,
tlog-checkpoint, tlog-proof and tlog-tiles, and the design of callvault's log; from no code of callvault. Needs Python 3.9 and
`cryptography`. All keys are test keys.
`tlog.py FILE` writes it, `tlog.py --check FILE` compares it.
"""
import base64, hashlib, json, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORIGIN = "vault.example"
LOG = ORIGIN + "/ten_0000000000000000000000test"
SIZES = list(range(1, 34)) + [255, 256, 257, 1000]
MOST = 1000


def b64(data): return base64.b64encode(data).decode()
def sha256(*parts): return hashlib.sha256(b"".join(parts)).digest()


# --- the log's leaves: leaf v1 as callvault writes it, canonical JSON ---------------------------------------------
def canonical(value): return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaf(seq):
    minute, second = divmod(seq, 60)
    return canonical({
        "action": "log.read",
        "actor": {"auth": "none", "id": "node-1", "type": "system"},
        "id": "evt_" + format(seq, "026d"),
        "log": LOG,
        "node": "node-1",
        "object": {"id": LOG.split("/")[1], "type": "log"},
        "outcome": "ok",
        "seq": seq,
        "ts": f"2026-11-27T00:{minute:02d}:{second:02d}.000Z",
        "v": 1,
    })


# --- RFC 6962, 2.1 ------------------------------------------------------------------------------------------------
def split(n):
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n: k *= 2
    return k


def mth(hashes, lo, hi, memo={}):
    """MTH(D[lo:hi]) over leaf hashes."""
    if hi == lo: return sha256()
    if hi - lo == 1: return hashes[lo]
    if (lo, hi) not in memo:
        k = split(hi - lo)
        memo[lo, hi] = sha256(b"\1", mth(hashes, lo, lo + k), mth(hashes, lo + k, hi))
    return memo[lo, hi]


def path(m, hashes, lo, hi):
    """PATH(m, D[lo:hi]), 2.1.1."""
    n = hi - lo
    if n == 1: return []
    k = split(n)
    if m < k: return path(m, hashes, lo, lo + k) + [mth(hashes, lo + k, hi)]
    return path(m - k, hashes, lo + k, hi) + [mth(hashes, lo, lo + k)]


def proof(m, hashes, n): return subproof(m, hashes, 0, n, True)


def subproof(m, hashes, lo, hi, whole):
    """SUBPROOF(m, D[lo:hi], b), 2.1.2."""
    n = hi - lo
    if m == n: return [] if whole else [mth(hashes, lo, hi)]
    k = split(n)
    if m <= k: return subproof(m, hashes, lo, lo + k, whole) + [mth(hashes, lo + k, hi)]
    return subproof(m - k, hashes, lo + k, hi, False) + [mth(hashes, lo, lo + k)]


# --- C2SP notes ---------------------------------------------------------------------------------------------------
def signer(name, seed):
    key = Ed25519PrivateKey.from_private_bytes(seed)
    keyed = b"\1" + key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key_id = sha256(name.encode(), b"\n", keyed)[:4]
    sign = lambda text: f"\u2014 {name} {b64(key_id + key.sign(text.encode()))}\n"
    return f"{name}+{key_id.hex()}+{b64(keyed)}", sign


def head(size, root): return f"{LOG}\n{size}\n{b64(root)}\n"


def tlog_proof(index, size, hashes, note, extra=None):
    lines = ["c2sp.org/tlog-proof@v1"] + ([f"extra {b64(extra)}"] if extra is not None else [])
    lines += [f"index {index}"] + [b64(h) for h in path(index, hashes, 0, size)]
    return "\n".join(lines) + "\n\n" + note


# --- tiles and bundles (tlog-tiles) -------------------------------------------------------------------------------
def tile(level, index, width, hashes):
    span = 256 ** level
    first = index * 256
    return b"".join(mth(hashes, (first + i) * span, (first + i + 1) * span) for i in range(width))


def bundle(index, width, leaves):
    chosen = leaves[index * 256:index * 256 + width]
    return b"".join(len(each).to_bytes(2, "big") + each for each in chosen)


def tile_path(kind, index, width):
    name = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        name.insert(0, f"x{index % 1000:03d}")
    return f"tile/{kind}/" + "/".join(name) + ("" if width == 256 else f".p/{width}")


# --- a segment: what one sealing puts in the store ------------------------------------------------------
def segment(first, size, leaves, note):
    entries = b"".join(len(each).to_bytes(2, "big") + each for each in leaves[first:size])
    return f"{LOG.split('/')[1]}/l/{999999999999999 - size:015d}", note.encode() + b"\0" + entries


# --- a change that an operator signs with a passkey (WebAuthn assertion) -----------------------------------
def signed_change(seed):
    proposed = canonical({"v": 1, "log": LOG, "seq": 7, "id": "evt_" + "0" * 25 + "7", "ts": "2026-11-27T00:00:07.000Z",
                          "actor": {"type": "operator", "id": "op-17", "auth": "cli"}, "action": "change.proposed",
                          "outcome": "ok", "node": "node-1",
                          "object": {"type": "change", "id": "chg_" + "0" * 26, "what": "person.added",
                                     "person": "usr_" + "0" * 26, "roles": "supervisor"}})
    key = Ed25519PrivateKey.from_private_bytes(seed)
    spki = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    hashed = sha256(b"\0", proposed)
    challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
    client = f'{{"type":"webauthn.get","challenge":"{challenge}","origin":"https://vault.example","crossOrigin":false}}'.encode()
    authenticator = sha256(b"vault.example") + b"\5" + (9).to_bytes(4, "big")  # present and verified; counter 9
    return {"proposed": proposed.decode(), "leaf_hash": b64(hashed),
            "signed": {"type": "change", "id": "chg_" + "0" * 26, "of": 7, "key": b64(spki),
                       "authenticator": b64(authenticator), "client": b64(client),
                       "signature": b64(key.sign(authenticator + sha256(client)))}}


# --- the sample ----------------------------------------------------------------------------------------
def draw(sample, size, root, recordings, n, nonce=b""):
    seed = sha256(f"callvault/sample@v1\n{sample}\n{LOG}\n{size}\n{b64(root)}\n{b64(nonce)}\n".encode())
    return seed, sorted(recordings, key=lambda each: (sha256(seed, each.encode()), each))[:n]


def vectors():
    leaves = [leaf(seq) for seq in range(MOST)]
    hashes = [sha256(b"\0", each) for each in leaves]
    first, second = bytes(range(32)), bytes(range(32, 64))
    vkey, sign = signer(LOG, first)
    next_vkey, next_sign = signer(LOG, second)
    roots = {n: mth(hashes, 0, n) for n in [0] + SIZES}
    note = lambda n: head(n, roots[n]) + "\n" + sign(head(n, roots[n]))
    both = lambda n: note(n) + next_sign(head(n, roots[n]))
    pairs = [(m, n) for n in list(range(1, 18)) + [33] for m in range(1, n + 1)]
    pairs += [(m, 1000) for m in (1, 2, 255, 256, 257, 511, 512, 513, 768, 999, 1000)]
    spots = [(m, n) for n in list(range(1, 18)) + [33] for m in range(n)]
    spots += [(m, 1000) for m in (0, 1, 255, 256, 257, 511, 512, 767, 768, 998, 999)]
    recordings = ["rec_" + format(i, "026d") for i in range(500)]
    seed, drawn = draw("smp_" + "0" * 26, 33, roots[33], recordings, 12)
    nonced, drawn_nonced = draw("smp_" + "0" * 26, 33, roots[33], recordings, 12, bytes(range(32)))
    blob, bytes_of = segment(0, 33, leaves, note(33))
    tiles = [("entries", 0, 33), ("entries", 3, 232), ("0", 0, 256), ("0", 3, 232), ("1", 0, 3)]
    return {
        "about": "RFC 6962 tree, C2SP notes and tiles, and the sample, over 1000 leaves; made by tlog.py",
        "log": LOG,
        "signer": {"seed": first.hex(), "verifier": vkey},
        "next_signer": {"seed": second.hex(), "verifier": next_vkey},
        "leaf_rule": "canonical JSON; `seq`, `id` and `ts` of leaf n as in leaves[n]; the first 34 and the last are given",
        "leaves": {str(n): leaves[n].decode() for n in list(range(34)) + [999]},
        "leaf_hashes": [b64(each) for each in hashes],
        "roots": {str(n): b64(root) for n, root in roots.items()},
        "inclusion": [{"index": m, "size": n, "proof": [b64(h) for h in path(m, hashes, 0, n)]} for m, n in spots],
        "consistency": [{"from": m, "to": n, "proof": [b64(h) for h in proof(m, hashes, n)]} for m, n in pairs],
        "checkpoints": {str(n): note(n) for n in (0, 1, 33, 256, 1000)},
        "checkpoint_of_two_signers": both(1000),
        "tlog_proof": tlog_proof(17, 33, hashes, note(33)),
        "tlog_proof_with_leaf": tlog_proof(999, 1000, hashes, note(1000), leaves[999]),
        "tiles": [{"path": tile_path(kind, i, w), "sha256": (sha256(bundle(i, w, leaves)) if kind == "entries"
                   else sha256(tile(int(kind), i, w, hashes))).hex()} for kind, i, w in tiles],
        "tile_paths": {str(i): tile_path("0", i, 256) for i in (0, 999, 1000, 1234067)},
        "segment": {"path": "t/" + blob, "from": 0, "size": 33, "bytes": len(bytes_of), "sha256": sha256(bytes_of).hex()},
        "change": signed_change(bytes(range(64, 96))),
        "sample": {"id": "smp_" + "0" * 26, "size": 33, "population": [recordings[0], recordings[-1], len(recordings)],
                   "n": 12, "seed": seed.hex(), "drawn": drawn},
        "sample_with_nonce": {"nonce": b64(bytes(range(32))), "seed": nonced.hex(), "drawn": drawn_nonced},
    }


if __name__ == "__main__":
    arguments = sys.argv[1:]
    text = json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n"
    if arguments[:1] == ["--check"]:
        sys.exit(0 if open(arguments[1], encoding="utf-8").read() == text else "the file is another one")
    with open(arguments[0], "w", encoding="utf-8") as out: out.write(text)
