#!/usr/bin/env python3
"""mkpulse.py - a chain of made-up beacon pulses (NISTIR 8213), for rehearsals and tests.

    python3 mkpulse.py DIR CHAIN FIRST TIME [GAP...]

DIR gets `<CHAIN>-<FIRST>.json` with the time stamp TIME (2026-12-01T02:00:00Z), one pulse more for
each GAP of that many seconds, and `<certificate>.pem`, named as a bundle's pulses/ are; the
certificate's id is printed. The key stands below for all to see: who pins it pins nothing.
"""
import base64
import datetime
import hashlib
import json
import os
import struct
import sys

P = int("da60c9304679df2eac80b38c22b91d206785b45e018281299097504f33e3da6d70e0196470ca1ec54669334944b5"
        "8d82173fcc1c2f5d1e4c4ddff7073526194ad3854d135e1b900fc275ef5f0a8737f2fdd075dda5a97402108cf386"
        "3a53cdd6c6dd8d119f217fe6337cc09e6ae45ab1e87ade1a2c5e9b0593ac9e80850864b1", 16)
Q = int("bba1ae1fd65229fccf37e8a54238ded1841511108e86f39e749742754e46ccc15ebc10650f65e227a0eaefe3af2f"
        "3924965c6515dad78a192a20d8eb2b6cfba8ce4bb31fd58e4f5d1e0ad2a13b4c86a69ba345b578497d5124520f4a"
        "f369ef06a3a1da606f7e944a452fb0780c83756ef4b59749549305816b727778ee15e8c9", 16)
N, E = P * Q, 65537
D = pow(E, -1, (P - 1) * (Q - 1))
SHA512_PREFIX = bytes.fromhex("3051300d060960864801650304020305000440")
SHA512_RSA = bytes.fromhex("300d06092a864886f70d01010d0500")
LIST = ("previous", "hour", "day", "month", "year")


def rsa(message):
    """PKCS#1 v1.5 with SHA-512."""
    digest = SHA512_PREFIX + hashlib.sha512(message).digest()
    padded = b"\0\1" + b"\xff" * (256 - 3 - len(digest)) + b"\0" + digest
    return pow(int.from_bytes(padded, "big"), D, N).to_bytes(256, "big")


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body).to_bytes(2, "big")
    head = bytes([len(body)]) if len(body) < 128 else (
        b"\x81" + size[1:] if len(body) < 256 else b"\x82" + size)
    return bytes([tag]) + head + body


def integer(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def certificate():
    """A self-signed certificate over the key, in DER."""
    name = der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"),
                                   der(0x0c, b"made-up beacon"))))
    days = der(0x30, der(0x17, b"260101000000Z"), der(0x17, b"491231235959Z"))
    key = der(0x30, bytes.fromhex("300d06092a864886f70d0101010500"),
              der(3, b"\0", der(0x30, integer(N), integer(E))))
    body = der(0x30, der(0xa0, integer(2)), integer(1), SHA512_RSA, name, days, name, key)
    return der(0x30, body, SHA512_RSA, der(3, b"\0", rsa(body)))


def value(*words):
    return hashlib.sha512(" ".join(map(str, words)).encode()).digest()


def pulse(chain, index, time, previous, certificate_id):
    """(JSON, outputValue) of one pulse; status 0."""
    def block(data):
        return struct.pack(">I", len(data)) + data

    base = f"https://beacon.example/2.0/chain/{chain}/pulse/"
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    random = value("random", chain, index)
    commit = hashlib.sha512(value("random", chain, index + 1)).digest()
    values = [previous] + [value(kind, chain, index) for kind in LIST[1:]]
    signed = (block((base + str(index)).encode()) + block(b"2.0") + struct.pack(">II", 0, 60000)
              + block(certificate_id) + struct.pack(">QQ", chain, index) + block(stamp.encode())
              + block(random) + block(bytes(64)) + struct.pack(">I", 0) + block(bytes(64))
              + b"".join(map(block, values)) + block(commit) + struct.pack(">I", 0))
    signature = rsa(signed)
    output = hashlib.sha512(signed + signature).digest()

    def upper(data):
        return data.hex().upper()

    return json.dumps({"pulse": {
        "uri": base + str(index), "version": "2.0", "cipherSuite": 0, "period": 60000,
        "certificateId": certificate_id.hex(), "chainIndex": chain, "pulseIndex": index,
        "timeStamp": stamp, "localRandomValue": upper(random),
        "external": {"sourceId": "00" * 64, "statusCode": 0, "value": "00" * 64},
        "listValues": [{"uri": base + str(index - 1), "type": kind, "value": upper(data)}
                       for kind, data in zip(LIST, values)],
        "precommitmentValue": upper(commit), "statusCode": 0,
        "signatureValue": upper(signature), "outputValue": upper(output)}}, indent=2) + "\n", output


def main(arguments):
    if len(arguments) < 4:
        sys.exit(__doc__.split("\n\n")[1])
    folder, chain, index = arguments[0], int(arguments[1]), int(arguments[2])
    time = datetime.datetime.strptime(arguments[3], "%Y-%m-%dT%H:%M:%SZ")
    os.makedirs(folder, exist_ok=True)
    body = certificate()
    certificate_id = hashlib.sha512(body).digest()
    text = base64.encodebytes(body).decode().replace("\n", "")
    lines = [text[i:i + 64] for i in range(0, len(text), 64)]
    with open(os.path.join(folder, certificate_id.hex() + ".pem"), "w", newline="\n") as file:
        file.write("\n".join(["-----BEGIN CERTIFICATE-----", *lines,
                              "-----END CERTIFICATE-----", ""]))
    output = value("before", chain, index)
    for gap in [0, *map(int, arguments[4:])]:
        time += datetime.timedelta(seconds=gap)
        written, output = pulse(chain, index, time, output, certificate_id)
        with open(os.path.join(folder, f"{chain}-{index}.json"), "w", newline="\n") as file:
            file.write(written)
        index += 1
    print(certificate_id.hex())


if __name__ == "__main__":
    main(sys.argv[1:])
