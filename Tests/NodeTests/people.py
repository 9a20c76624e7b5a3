"""A cluster's people as LDIF in the form that Roster itself serves, so that a slapd can be loaded with the same."""

BASE = "dc=ehpccloud,dc=com"
CLUSTER = "hpc-qig9xu97"
CLUSTER_DN = f"ou={CLUSTER},{BASE}"
PEOPLE = f"ou=People,{CLUSTER_DN}"
GROUPS = f"ou=Group,{CLUSTER_DN}"
GID = 41500
PASSWORD = "Clear-Text-2021"

SYLLABLES = ["zhang", "li", "wang", "chen", "Liu", "yang", "huang", "zhao", "wu", "zhou", "xu", "sun", "ma", "zhu", "hu"]


def name(number):
    """A name of user `number`; some have capitals, digits, dots and signs that must be escaped in a name."""
    first = SYLLABLES[number % len(SYLLABLES)]
    second = SYLLABLES[number // len(SYLLABLES) % len(SYLLABLES)]
    tail = {3: ".x", 5: "_s", 7: "-2", 11: "+c", 13: " q"}.get(number % 17, "")
    return f"{first}{second}{number}{tail}"


def user(number):
    """The attributes of a user."""
    own = name(number)
    lines = {
        "objectClass": ["top", "person", "organizationalPerson", "inetOrgPerson", "posixAccount", "shadowAccount"],
        "uid": [own], "cn": [own], "sn": [own], "uidNumber": [str(42000 + number)], "gidNumber": [str(GID)],
        "homeDirectory": [f"/public/s0723/home/{number}"], "loginShell": ["/bin/bash" if number % 5 else "/bin/sh"],
    }
    if number % 3 == 0:
        lines["gecos"] = [f"{SYLLABLES[number % 15].capitalize()}  of room {number % 40}"]
    return lines


def escaped(value):
    return "".join("\\" + sign if sign in ',+"\\<>;=' else sign for sign in value)


def entries(count):
    """Pairs of a name and attributes."""
    yield BASE, {"objectClass": ["top", "domain"], "dc": ["ehpccloud"]}
    yield CLUSTER_DN, {"objectClass": ["top", "organizationalUnit"], "ou": [CLUSTER]}
    for unit in ("People", "Group"):
        yield f"ou={unit},{CLUSTER_DN}", {"objectClass": ["top", "organizationalUnit"], "ou": [unit]}
    for number in range(count):
        yield f"uid={escaped(name(number))},{PEOPLE}", user(number)
    yield f"cn=s0723,{GROUPS}", {"objectClass": ["top", "posixGroup"], "cn": ["s0723"], "gidNumber": [str(GID)]}


def ldif(count, with_password=True):
    blocks = []
    for dn, attributes in entries(count):
        lines = [f"dn: {dn}"]
        for key, values in attributes.items():
            lines += [f"{key}: {value}" for value in values]
        if with_password and "uidNumber" in attributes and int(attributes["uidNumber"][0]) < 42004:
            lines.append(f"userPassword: {PASSWORD}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"
