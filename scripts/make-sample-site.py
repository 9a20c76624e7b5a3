#!/usr/bin/env python3
"""Writes the sample site: a few hundred users of four clusters, with groups, sudo rules, automount maps and netgroups, as LDIF.

The layout is the vendor's, with an `ou=<cluster id>` above each `ou=People`. The people are made up by a generator with a
fixed seed, so that the file is the same every time. Two thirds of them have mail and names; some have an SSH key, password ageing, an
expiry or a lock:

    python3 scripts/make-sample-site.py > Examples/sample-site.ldif
"""

import base64
import datetime
import hashlib
import random

BASE = "dc=ehpccloud,dc=com"
SURNAMES = "wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo".split()
GIVEN = "wei fang na min jing qiang lei jun yang yong jie ting hao yu xin bo ping hui chao ming".split()
# Those that the documents show as accounts without more.
PLAIN = {"admin", "zhangwei", "yzhang25"}
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


def person(rng: random.Random, name: str, index: int, cluster: str) -> list[tuple[str, str]]:
    """What a directory knows of a user beside the account."""
    surname, given = rng.choice(SURNAMES).capitalize(), rng.choice(GIVEN).capitalize()
    pairs = [("sn", surname), ("givenName", given), ("displayName", f"{surname} {given}"),
             ("mail", f"{name.lower()}@{cluster}.example.org"), ("o", rng.choice(["Optics", "Materials", "Climate", "Genomics"])),
             ("telephoneNumber", f"+86 531 5550 {rng.randrange(10000):04}"), ("employeeNumber", str(100000 + index))]
    if index % 5 == 0:
        pairs += [("objectClass", "ldapPublicKey"), ("sshPublicKey", ssh_key(rng, name))]
    if index % 6 == 0:
        pairs += [("shadowMin", "1"), ("shadowMax", "180"), ("shadowWarning", "14")]
    if index % 13 == 0:
        pairs += [("shadowExpire", str(20000 + rng.randrange(2000)))]
    if index % 17 == 0:
        pairs += [("pwdAccountLockedTime", "20240301080000Z")]
    if index % 11 == 0:
        pairs += [("objectClass", "hostObject"), ("host", "login1"), ("host", "login2")]
    return pairs


def ssh_key(rng: random.Random, name: str) -> str:
    kind = b"ssh-ed25519"
    blob = len(kind).to_bytes(4, "big") + kind + (32).to_bytes(4, "big") + rng.randbytes(32)
    return f"ssh-ed25519 {base64.b64encode(blob).decode()} {name}@laptop"


def maps(cluster: str, names: list[str], mount: str) -> None:
    """Groups of groups, sudo rules, automount maps and a netgroup."""
    base = f"ou={cluster},{BASE}"
    people = [name for name in names if name not in PLAIN]
    for place, group in enumerate(("lasers", "beamline")):
        members = people[place * 5:place * 5 + 5]
        entry(f"cn={group},ou=Group,{base}", ("objectClass", "posixGroup"), ("cn", group), *[("memberUid", name) for name in members],
              ("gidNumber", str(44001 + place)))
    entry(f"cn=physics,ou=Group,{base}", ("objectClass", "posixGroup"), ("objectClass", "groupOfNames"), ("cn", "physics"),
          ("gidNumber", "44003"), ("memberUid", "slurm"), *[("member", f"cn={group},ou=Group,{base}") for group in ("lasers", "beamline")])
    for unit in ("SUDOers", "automount", "netgroup"):
        entry(f"ou={unit},{base}", ("objectClass", "organizationalUnit"), ("ou", unit))
    entry(f"cn=restart-jobs,ou=SUDOers,{base}", ("objectClass", "sudoRole"), ("cn", "restart-jobs"), ("sudoUser", "%beamline"),
          ("sudoHost", "login1"), ("sudoCommand", "/usr/bin/systemctl restart beamline"), ("sudoOption", "!authenticate"))
    for name in ("auto.master", "auto.scratch"):
        entry(f"automountMapName={name},ou=automount,{base}", ("objectClass", "automountMap"), ("automountMapName", name))
    entry(f"automountKey=/scratch,automountMapName=auto.master,ou=automount,{base}", ("objectClass", "automount"),
          ("automountKey", "/scratch"), ("automountInformation", "auto.scratch"))
    entry(f"automountKey=*,automountMapName=auto.scratch,ou=automount,{base}", ("objectClass", "automount"),
          ("automountKey", "*"), ("automountInformation", f"-fstype=nfs4 nas:{mount}/scratch/&"))
    entry(f"cn=logins,ou=netgroup,{base}", ("objectClass", "nisNetgroup"), ("cn", "logins"),
          ("nisNetgroupTriple", "(login1,,)"), ("nisNetgroupTriple", "(login2,,)"))


def main() -> None:
    rng = random.Random(20210817)
    # Of its own, so that the names stay as they were.
    details = random.Random(20261127)
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
                     ("objectClass", "shadowAccount"), ("uid", name), ("cn", name),
                     ("uidNumber", str(first + index)), ("gidNumber", str(first)), ("homeDirectory", home),
                     ("loginShell", "/bin/bash"), ("description", born.strftime("%Y-%m-%d %H:%M:%S"))]
            if index % 3 == 0 or name in PLAIN:
                pairs.append(("sn", name))
            else:
                pairs += person(details, name, index, cluster)
            if index % 40 == 0:
                pairs.append(("gecos", f"{name} of {cluster}"))
                pairs.append(("userPassword", ssha(f"Sample-{name}-2021", name.encode()[:4])))
            entry(f"cn={name},ou=People,ou={cluster},{BASE}", *pairs)
        entry(f"cn={folder},ou=Group,ou={cluster},{BASE}", ("objectClass", "posixGroup"), ("cn", folder),
              ("gidNumber", str(first)), *[("memberUid", name) for name in names[1:6]])
        maps(cluster, names, mount)


if __name__ == "__main__":
    main()
