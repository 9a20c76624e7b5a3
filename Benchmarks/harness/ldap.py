"""LDAP messages as nodes send them, encoded beforehand, and the client that sends them."""

import itertools
import json
import random
import struct
import subprocess

BASE = "dc=ehpccloud,dc=com"

# What nslcd and SSSD ask for when a user is to be resolved, in their order.
NSLCD = ["objectClass", "uid", "userPassword", "uidNumber", "gidNumber", "gecos", "cn", "homeDirectory", "loginShell"]
SSSD = ["objectClass", "uid", "userPassword", "uidNumber", "gidNumber", "gecos", "homeDirectory", "loginShell",
        "krbPrincipalName", "cn", "modifyTimestamp", "shadowLastChange", "shadowMin", "shadowMax", "shadowWarning",
        "shadowInactive", "shadowExpire", "shadowFlag", "krbLastPwdChange", "krbPasswordExpiration", "pwdAttribute",
        "authorizedService", "accountExpires", "userAccountControl", "nsAccountLock", "host", "rhost", "loginDisabled",
        "loginExpirationTime", "loginAllowedTimeMap", "sshPublicKey", "userCertificate;binary", "mail"]


# ---- BER

def value(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + size.to_bytes(width, "big") + body


def octets(text, tag=0x04):
    return value(tag, text.encode())


def message(operation):
    """With a long header and an identifier of four bytes, which the client sets: see ldapload.c."""
    body = b"\x02\x04\x01\x00\x00\x00" + operation
    return b"\x30\x84" + struct.pack(">I", len(body)) + body


def bind(name="", secret=""):
    return message(value(0x60, b"\x02\x01\x03", octets(name), octets(secret, 0x80)))


def equal(attribute, text):
    return value(0xA3, octets(attribute), octets(text))


def conjunction(*filters):
    return value(0xA0, *filters)


def by_name(name):
    """(&(objectClass=posixAccount)(uid=NAME))"""
    return conjunction(equal("objectClass", "posixAccount"), equal("uid", name))


def by_number(number):
    """(&(objectClass=posixAccount)(uidNumber=NUMBER))"""
    return conjunction(equal("objectClass", "posixAccount"), equal("uidNumber", number))


def by_name_of_sssd(name):
    """(&(uid=NAME)(objectClass=posixAccount)(&(uidNumber=*)(!(uidNumber=0))))"""
    has_number = conjunction(octets("uidNumber", 0x87), value(0xA2, equal("uidNumber", "0")))
    return conjunction(equal("uid", name), equal("objectClass", "posixAccount"), has_number)


def holding(*words):
    """(|(uid=*WORD*)...)"""
    return value(0xA1, *(value(0xA4, octets("uid"), value(0x30, octets(word, 0x81))) for word in words))


def user_dn(cluster, name):
    return f"uid={name},ou=People,ou={cluster},{BASE}"


def group_dn(cluster, name):
    return f"cn={name},ou=Group,ou={cluster},{BASE}"


def search(cluster, asked, attributes, branch="People"):
    """Of the subtree of a branch of a cluster, without limits."""
    return message(value(
        0x63, octets(f"ou={branch},ou={cluster},{BASE}"), b"\x0a\x01\x02\x0a\x01\x00\x02\x01\x00\x02\x01\x00\x01\x01\x00",
        asked, value(0x30, *map(octets, attributes))))


def record(sent, entries=0, text=b""):
    """One request as the client reads it: how many entries it is answered by, and what stands in them."""
    return struct.pack("=III", entries, len(text), len(sent)) + text + sent


# ---- what is asked

def look_ups(population, count, seed):
    """Records of look-ups by name and by number, of different users, each user as likely as another.

    A third each of what nslcd asks by name, by number, and of what SSSD asks by name. Those of a cluster stand side by
    side, in no order.
    """
    source = random.Random(seed)
    chosen = sorted(source.sample(range(population.users), min(count, population.users)))
    clusters, place = {}, 0
    with open(population.csv) as file:
        next(file)
        for index, row in enumerate(chosen):
            line = next(itertools.islice(file, row - place, None))
            place = row + 1
            cluster, name, number, _ = line.split(",", 3)
            asked, attributes, text = [
                (by_name(name), NSLCD, name), (by_number(number), NSLCD, number), (by_name_of_sssd(name), SSSD, name),
            ][index % 3]
            clusters.setdefault(cluster, []).append(record(search(cluster, asked, attributes), 1, octets(text)))
    for records in clusters.values():
        source.shuffle(records)
    return list(itertools.chain.from_iterable(clusters.values()))


# ---- the client

def write(file, binding, records):
    # It may hold the secret of a key that opens a store of made-up users.
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(record(binding) + b"".join(records))
    return file


def load(tools, server, file, connections, outstanding, seconds):
    """What `ldapload look` reports, and the server's CPU time a search in microseconds as `server_cpu`."""
    before = server.cpu()
    done = subprocess.run(
        [tools.path("ldapload"), "look", str(server.ldap_port), str(connections), str(outstanding), str(seconds), file],
        capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    report = json.loads(done.stdout)
    if report["failed"]:
        raise RuntimeError(f"{report['failed']} of {report['count']} answers are wrong: {done.stderr}")
    report["server_cpu"] = (server.cpu() - before) / report["count"] * 1e6
    return report


class Idle:
    """Connections that are bound and ask nothing, while the block runs."""

    def __init__(self, tools, server, file, connections):
        self.process = subprocess.Popen(
            [tools.path("ldapload"), "idle", str(server.ldap_port), str(connections), file],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if not self.process.stdout.readline():
            raise RuntimeError(self.process.communicate()[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate("")
