#!/usr/bin/env python3
"""Writes the sample site: a few hundred users of four clusters, as LDIF.

The layout is the vendor's, with an `ou=<cluster id>` above each `ou=People`. The people are made up by a generator with a
fixed seed, so that the file is the same every time:

    python3 scripts/make-sample-site.py > Examples/sample-site.ldif
"""

import base64
import datetime
import hashlib
import random

BASE = "dc=ehpccloud,dc=com"
SURNAMES = "wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo".split()
GIVEN = "wei fang na min jing qiang lei jun yang yong jie ting hao yu xin bo ping hui chao ming".split()
# id, users, mount, first uid, name of the admin's NAS folder
CLUSTERS = [
    ("hpc-qig9xu97", 150, "/public/shanhe/s0723", 41500, "s0723"),
    ("hpc-k2m8a0vd", 90, "/public/shanhe/s0811", 42000, "s0811"),
    ("ehpc-7fz3q1ty", 60, "/public/jinan/e0104", 43000, "e0104"),
    ("hpc-m0n5w8ce", 25, "/public/jinan/s0302", 41500, "s0302"),
]


def attribute(name: str, value: str) -> str:
    """One line of LDIF, folded at 76 columns, in base64 where RFC 2849 asks for it."""
    safe = value.isascii() and value.isprintable() and value[:1] not in (" ", ":", "<") and not value.endswith(" ")
    line = f"{name}: {value}" if safe else f"{name}:: {base64.b64encode(value.encode()).decode()}"
    parts = [line[:76]] + [line[i:i + 75] for i in range(76, len(line), 75)]
    return "\n ".join(parts)


def entry(dn: str, *pairs: tuple[str, str]) -> None:
    print(attribute("dn", dn))
    for name, value in pairs:
        print(attribute(name, value))
    print()


def ssha(password: str, salt: bytes) -> str:
    digest = hashlib.sha1(password.encode() + salt).digest()
    return "{SSHA}" + base64.b64encode(digest + salt).decode()


def main() -> None:
    rng = random.Random(20210817)
    print("version: 1\n")
    print("# The sample site of Roster: made by scripts/make-sample-site.py, nobody in it is real.\n")
    entry(BASE, ("objectClass", "top"), ("objectClass", "dcObject"), ("objectClass", "organization"),
          ("o", "ehpccloud"), ("dc", "ehpccloud"))
    for cluster, count, mount, first, folder in CLUSTERS:
        entry(f"ou={cluster},{BASE}", ("objectClass", "organizationalUnit"), ("ou", cluster))
        for unit in ("People", "Group"):
            entry(f"ou={unit},ou={cluster},{BASE}", ("objectClass", "organizationalUnit"), ("ou", unit))
        names = ["admin"]
        while len(names) < count:
            kind = rng.random()
            surname, given = rng.choice(SURNAMES), rng.choice(GIVEN)
            if kind < 0.6:
                name = surname + given
            elif kind < 0.9:
                name = f"{given[0]}{surname}{rng.randrange(1, 100):02}"
            else:
                name = "usr-" + "".join(rng.choices("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", k=8))
            if name.lower() not in {other.lower() for other in names}:
                names.append(name)
        born = datetime.datetime(2021, 8, 17, 9, 12, 40)
        for index, name in enumerate(names):
            born += datetime.timedelta(minutes=rng.randrange(5, 60 * 24 * 3))
            home = f"{mount}/home/{name}" if index else mount
            pairs = [("objectClass", "posixAccount"), ("objectClass", "inetOrgPerson"),
                     ("objectClass", "shadowAccount"), ("uid", name), ("cn", name), ("sn", name),
                     ("uidNumber", str(first + index)), ("gidNumber", str(first)), ("homeDirectory", home),
                     ("loginShell", "/bin/bash"), ("description", born.strftime("%Y-%m-%d %H:%M:%S"))]
            if index % 40 == 0:
                pairs.append(("gecos", f"{name} of {cluster}"))
                pairs.append(("userPassword", ssha(f"Sample-{name}-2021", name.encode()[:4])))
            entry(f"cn={name},ou=People,ou={cluster},{BASE}", *pairs)
        entry(f"cn={folder},ou=Group,ou={cluster},{BASE}", ("objectClass", "posixGroup"), ("cn", folder),
              ("gidNumber", str(first)), *[("memberUid", name) for name in names[1:6]])


if __name__ == "__main__":
    main()
