"""The same LDIF in a real slapd and in Roster, and the same searches of both, compared entry by entry.

Differences that are meant:
- `entryUUID`, `createTimestamp`, `modifyTimestamp` and other operational attributes tell of each server's own acts.
- `gecos` holds UTF-8 in Roster; nis.schema has ASCII. The people here have ASCII.
- What stands doubled spaces apart is one value under caseIgnoreMatch in both, but Roster's substring filters take the
  spaces as they are. No filter here has them.
- `~=` is the same as `=` in Roster; slapd compares how words sound.
- `userPassword` is nowhere in Roster: a filter that asks for it is Undefined.
- `cn=ppolicy` is in Roster only.
- A group is of three classes in Roster, with `groupOfNames` as the structural one; here, of `posixGroup` alone.
- A base below an entry that cannot have children: both answer 32; what is matched may differ.
"""

import random
import re
import unittest

import ldap3
from ldap3.utils.dn import parse_dn

import people
import running

COUNT = 240


def connection(port, name, password):
    server = ldap3.Server("127.0.0.1", port, get_info=ldap3.NONE)
    return ldap3.Connection(server, name, password, auto_bind=True, check_names=False, return_empty_attributes=False)


def plain(name):
    """A name without regard to how it is escaped, and in which case."""
    return tuple((kind.lower(), re.sub(r"\\([0-9a-fA-F]{2})", lambda hit: chr(int(hit[1], 16)), value)
                  .replace("\\", "").lower()) for kind, value, _ in parse_dn(name))


def shown(value):
    text = value.decode()
    return plain(text) if re.match("(uid|cn|ou|dc)=", text) else text


def told(ours, theirs):
    """The first differences of two answers."""
    names = sorted(set(ours) ^ set(theirs))
    lines = [f"only {'Roster' if one in ours else 'slapd'}: {one[0]}" for one in names[:3]] + [f"{len(names)} in one only"]
    for name in set(ours) & set(theirs):
        if ours[name] != theirs[name]:
            return "\n".join(lines + [f"{name[0]}: Roster {ours[name]}", f"slapd {theirs[name]}"])
    return "\n".join(lines)


def answer(client, base, scope, text, attributes, size=0, types=False, page=None):
    """The code, and each entry's attributes by its name."""
    found, cookie = {}, None
    while True:
        client.search(base, text, scope, attributes=attributes, size_limit=size, types_only=types, paged_size=page,
                      paged_cookie=cookie)
        code = client.result["result"]
        for entry in client.response or []:
            if entry["type"] == "searchResEntry":
                name = plain(entry["dn"])
                # Two entries of one name would be a fault.
                assert name not in found, name
                found[name] = {
                    key: sorted(map(shown, value or [])) for key, value in entry["raw_attributes"].items()}
        control = client.result.get("controls", {}).get("1.2.840.113556.1.4.319")
        cookie = control and control["value"]["cookie"]
        if not page or not cookie:
            return code, found


def as_slapd_has_it(answer):
    """An answer of Roster's without the entry and the object classes that slapd does not have."""
    code, found = answer
    found = {name: dict(attributes) for name, attributes in found.items() if name[0][:2] != ("cn", "ppolicy")}
    for attributes in found.values():
        classes = attributes.get("objectClass", [])
        if "posixGroup" in classes:
            attributes["objectClass"] = [one for one in classes if not one.startswith("groupOf")]
        if attributes.get("structuralObjectClass") == ["groupOfNames"]:
            attributes["structuralObjectClass"] = ["posixGroup"]
    return code, found


FILTERS = [
    "(objectClass=*)", "(objectClass=posixAccount)", "(objectClass=POSIXaccount)", "(objectClass=top)",
    "(objectClass=1.3.6.1.1.1.2.0)", "(objectClass=nonsense)", "(!(objectClass=nonsense))", "(uid=*)", "(memberUid=*)",
    "(&)", "(|)", "(uidNumber=42010)", "(uidNumber=042010)", "(!(uidNumber=042010))", "(uidNumber=+42010)",
    "(uidNumber=x)", "(!(uidNumber=x))", "(uidNumber>=42200)", "(uidNumber<=42005)", "(uidNumber>=-1)",
    "(uidNumber<=-1)", "(!(uidNumber>=42001))", "(gidNumber=41500)", "(uidNumber>=99999999999999999999)",
    "(uidNumber<=99999999999999999999)", "(nosuch=1)", "(!(nosuch=1))", "(|(nosuch=1)(uid=wuli8))",
    "(&(nosuch=1)(uid=wuli8))", "(!(&(nosuch=1)(uid=*)))", "(!(|(nosuch=1)(uid=*)))", "(!(nosuch=*))",
    "(uid=zhang*)", "(uid=*ANG*)", "(uid=*1)", "(uid=l*i*1*)", "(uid=*.x)", "(uid=*\\2b*)", "(cn=*zh*ng*)", "(sn=*hu)",
    "(uid=*nobody*)", "(homeDirectory=*pub*)", "(!(homeDirectory=*pub*))", "(homeDirectory=/public/s0723/home/7)",
    "(homeDirectory=/PUBLIC/s0723/home/7)", "(loginShell=/bin/sh)", "(loginShell=/BIN/sh)", "(!(loginShell=/bin/sh))",
    "(gecos=*)", "(!(gecos=*))", "(gecos=zhang of room 0)", "(gecos=Zhang  of  room 0)", "(gecos=*room*)",
    "(gecos=*ROOM 1*)", "(!(gecos=zhang of room 0))", "(ou=people)", "(ou=*p*)", "(dc=ehpccloud)", "(dc=*)",
    "(uid:caseExactMatch:=LiuZhang4)", "(uid:caseIgnoreMatch:=liuzhang4)", "(uid:caseExactMatch:=liuzhang4)",
    "(uid:2.5.13.2:=LIUZHANG4)", "(uid:nonsenseMatch:=x)", "(!(uid:nonsenseMatch:=x))", "(ou:dn:=People)",
    "(ou:dn:=hpc-qig9xu97)", "(dc:dn:=ehpccloud)", "(uid:dn:=wuli8)", "(uid= wuli8 )",
    "(uid=)", "(uidNumber=)", "(shadowLastChange=*)", "(shadowExpire>=1)",
    "(structuralObjectClass=inetOrgPerson)", "(hasSubordinates=TRUE)", "(entryDN=*)",
    f"(entryDN=uid=wuzhang8,{people.PEOPLE})", "(entryDN=nonsense)", "(!(entryDN=nonsense))",
    "(createTimestamp=x)", "(!(createTimestamp=x))",
    "(&(objectClass=posixAccount)(uid=maLi27))", "(&(objectClass=posixAccount)(uidNumber=42100))",
    "(&(uid=mali27)(objectClass=posixAccount)(&(uidNumber=*)(!(uidNumber=0))))",
    "(&(objectClass=posixGroup)(gidNumber=41500))", "(&(objectClass=posixGroup)(memberUid=mali27))",
    "(|(uid=wuli8)(uid=*7)(uidNumber=42003))", "(&(uid=*a*)(uid=*u*)(!(uid=*h*)))", "(|(!(uid=*a*))(gecos=*1*))",
    "(name=wuli8)", "(!(name=wuli8))", "(name=*li*)", "(name=people)", "(2.5.4.41=*)", "(objectClass=account)",
    "(!(objectClass=account))", "(!(mail=*))", "(!(seeAlso=dc=x))", "(!(employeeType=x))", "(mobile=+1)",
    "(!(telephoneNumber=+1))", "(!(street=*x*))", "(!(objectClass=mail))", "(!(objectClass=1.2.3))",
    "(uid>=m)", "(!(uid>=m))", "(cn=s0723)", "(2.5.4.3=s0723)", "(commonName=s0723)", "(cn;lang-en=s0723)",
]
BASES = [
    people.BASE, people.CLUSTER_DN, people.PEOPLE, people.GROUPS, f"uid={people.name(8)},{people.PEOPLE}",
    f"uid={people.escaped(people.name(11))},{people.PEOPLE}", people.PEOPLE.upper().replace("DC=", " dc = "),
    f"uid=nobody,{people.PEOPLE}", "dc=com", "o=elsewhere", "nonsense", f"uid=a,,{people.BASE}", f"cn=s0723,{people.GROUPS}",
]
ATTRIBUTES = [
    ["*"], ["uid", "uidNumber"], ["1.1"], ["CN", "nosuch"], ["*", "entryDN", "structuralObjectClass"],
    ["hasSubordinates", "subschemaSubentry"], ["2.5.4.3"], ["name"], ["objectClass", "gecos", "1.1"], [],
]
SCOPES = [ldap3.BASE, ldap3.LEVEL, ldap3.SUBTREE]


class AgainstSlapd(unittest.TestCase):
    count = 0

    @classmethod
    def tearDownClass(cls):
        print(f"{cls.count} searches compared")

    @classmethod
    def setUpClass(cls):
        cls.slapd = running.Slapd(COUNT)
        cls.addClassCleanup(cls.slapd.close)
        cls.served = running.Served(COUNT, with_password=False)
        cls.addClassCleanup(cls.served.close)
        cls.theirs = connection(cls.slapd.port, f"cn=Manager,{people.BASE}", "secret")
        cls.ours = connection(cls.served.port, cls.served.bind_name, cls.served.secret)

    def compare(self, *search, **options):
        # Words of no kind that ldap3 can send are no searches.
        try:
            theirs = answer(self.theirs, *search, **options)
            AgainstSlapd.count += 1
        except ldap3.core.exceptions.LDAPInvalidFilterError:
            return 0
        ours = as_slapd_has_it(answer(self.ours, *search, **options))
        with self.subTest(search=search, **options):
            self.assertEqual(ours[0], theirs[0])
            if theirs[0] == 4:
                self.assertEqual(len(ours[1]), len(theirs[1]))
            else:
                self.assertTrue(ours[1] == theirs[1], told(ours[1], theirs[1]))
        return 1

    def test_every_filter_finds_the_same(self):
        done = sum(self.compare(people.BASE, ldap3.SUBTREE, text, ["*"]) for text in FILTERS)
        done += sum(self.compare(people.PEOPLE, ldap3.LEVEL, text, ["uid"]) for text in FILTERS)
        self.assertGreater(done, 150)

    def test_every_base_and_scope_finds_the_same(self):
        for base in BASES:
            for scope in SCOPES:
                self.compare(base, scope, "(objectClass=*)", ["1.1"])
                self.compare(base, scope, "(uid=*8)", ["uid"])

    def test_every_selection_shows_the_same(self):
        for attributes in ATTRIBUTES:
            for types in (False, True):
                self.compare(people.BASE, ldap3.SUBTREE, "(|(uid=*3)(cn=s0723)(ou=*))", attributes, types=types)

    def test_limits_and_pages_are_the_same(self):
        for size in (1, 5, 100, COUNT, COUNT + 1):
            self.compare(people.PEOPLE, ldap3.LEVEL, "(objectClass=*)", ["uid"], size=size)
        for page in (1, 7, 100, COUNT, 1000):
            self.compare(people.BASE, ldap3.SUBTREE, "(uid=*)", ["uid", "gecos"], page=page)

    def test_random_filters_find_the_same(self):
        generator = random.Random(5)
        leaves = [one for one in FILTERS if one not in ("(&)", "(|)")]

        def make(depth):
            if depth == 0 or generator.random() < 0.2:
                return generator.choice(leaves)
            parts = "".join(make(depth - 1) for _ in range(generator.randint(1, 3)))
            kind = generator.choice("&|!")
            return f"(!{make(depth - 1)})" if kind == "!" else f"({kind}{parts})"

        for _ in range(150):
            self.compare(
                generator.choice(BASES[:4]), generator.choice(SCOPES), make(3), generator.choice(ATTRIBUTES))


if __name__ == "__main__":
    unittest.main()
