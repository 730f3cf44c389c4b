"""Writes beside a record file one whose first record has another result under the same key, with a good checksum."""
import glob
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


for path in glob.glob(sys.argv[1] + "/*/*.part"):
    data = open(path, "rb").read()
    if len(data) < 100:
        continue
    head, body = data[:16], bytearray(data[16:])
    result, occasion = struct.unpack("<QI", body[8:20])
    record = body[: 64 + result + occasion]
    record[64] ^= 1  # of the fingerprint
    record[4:8] = struct.pack("<I", crc32c(bytes(record[8:])))
    open(path.replace(".part", "-forged.part"), "wb").write(head + bytes(record))
    print(path)
    break
