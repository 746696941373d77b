"""Damages archives at random (always the same ones) and runs imgextract on them. Prints what went wrong.

Whatever the bytes: exit status 0, 1 or 3, no crash, no hang; and who reads the output learns of a loss exactly
when imgextract told of one. Usage: damage.py COUNT
"""
import os
import random
import subprocess
import sys

make = os.path.join(os.path.dirname(os.path.abspath(__file__)), "make.py")
kinds = ["tar", "tar.gz", "zip", "cpio", "idx-pictures", "cifar.bin", "odd", "webdataset", "cifar-names"]
whole = [subprocess.run([sys.executable, make, kind], stdout=subprocess.PIPE, check=True).stdout for kind in kinds]
whole.append(subprocess.run(["imgextract"], input=whole[0], stdout=subprocess.PIPE, check=True).stdout)
chance = random.Random(20261120)
for number in range(int(sys.argv[1])):
    data = bytearray(chance.choice(whole))
    for _ in range(chance.choice((1, 3, 20, len(data) // 100 + 1))):
        place = len(data) if chance.random() < 0.5 else min(600, len(data))
        data[chance.randrange(place)] = chance.randrange(256)
    with open("damaged", "wb") as file:
        file.write(data)
    for arguments in (["damaged"], ["-"], ["--format", "cifar", "damaged"], ["--label", "sidecar", "damaged"]):
        with open("damaged", "rb") as file:
            run = subprocess.run(["imgextract", "-q"] + arguments, stdin=file, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, timeout=60)
        check = subprocess.run(["imgcat", "--check"], input=run.stdout, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
        if run.returncode not in (0, 1, 3) or (check.returncode == 3) != (run.returncode == 3):
            print(number, arguments, run.returncode, check.returncode, run.stderr[-300:], check.stderr[-300:])
