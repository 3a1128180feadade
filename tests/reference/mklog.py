#!/usr/bin/env python3
"""mklog.py - writes the tlog-tiles log of a list of entries, for comparing byte for byte.

    python3 mklog.py NAME SEED DIR [SIZE...] < ENTRIES

ENTRIES has one entry a line; NAME is origin and key name; SEED is 64 hexadecimal characters, the
Ed25519 seed (RFC 8032) that signs. DIR gets `checkpoint`, `tile/...` of the whole log, the tiles
of each earlier SIZE, and `seen/<SIZE>` with the checkpoint of that size (PROTOCOL.md section 7).
"""
import hashlib
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import mkbundle  # noqa: E402  (its own folder first)
import verify  # noqa: E402


def log_files(name, key, leaves, sizes=()):
    """{path: bytes} of the log folder of these leaves."""
    tree = verify.Tree([hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves])
    files = {}
    for size in (*sizes, len(leaves)):
        for path, data in mkbundle.tiles(tree, leaves, size).items():
            files[path[4:]] = data
        text = f"{name}\n{size}\n{mkbundle.b64(tree.root(size))}\n".encode()
        note = text + b"\n" + key.line(name, text)
        files["checkpoint" if size == len(leaves) else f"seen/{size}"] = note
    return files


def main(arguments):
    if len(arguments) < 3:
        sys.exit(__doc__.split("\n\n")[1])
    leaves = sys.stdin.buffer.read().split(b"\n")[:-1]
    key = mkbundle.Key(bytes.fromhex(arguments[1]))
    mkbundle.write_files(arguments[2], log_files(arguments[0], key, leaves,
                                                 [int(size) for size in arguments[3:]]))


if __name__ == "__main__":
    main(sys.argv[1:])
