"""What nslcd's own tests ask of groups, users and shadow lines, of a site of their kind: a large group by names and one by DNs, groups that
are in each other, members that are nobody's, users that are looked for by number and in other letters.

The client runs in the folder that `ROSTER_NODE_ROOT` names (test_nodes.py).
"""

import unittest

import people
import running
from test_nodes import Node, NslcdClient, inside

COUNT = 1200
LOGIN, MEMBER, LAST = "zone0001", "zone0002", f"zone{COUNT:04}"


def name(number):
    return f"zone{number:04}"


def site():
    """Users beside those of every node's test; their relative names are not their user names, as in nslcd's tests."""
    lines = []
    for number in range(1, COUNT + 1):
        lines.append(f"""dn: cn=Person {number},{people.PEOPLE}
objectClass: posixAccount
objectClass: shadowAccount
uid: {name(number)}
cn: Person {number}
uidNumber: {50000 + number}
gidNumber: {people.GID}
homeDirectory: /home/{name(number)}
gecos: Person No. {number}
shadowMin: 7
shadowWarning: 2
""" + ("shadowLastChange: 12302\n" if number == 2 else ""))
    names = "".join(f"memberUid: {name(number)}\n" for number in range(1, 1001))
    entries = "".join(f"member: cn=Person {number},{people.PEOPLE}\n" for number in range(1, 101))
    groups = {
        "huge": (60001, names), "large": (60002, entries), "mixed": (60003, f"memberUid: {LOGIN}\nmemberUid: test\nmemberUid: www-data\n"),
        "odd": (60004, f"member: cn=Person 1,{people.PEOPLE}\nmember: cn=bar,dc=foo,dc=com\nmember: cn=host,ou=hosts,{people.CLUSTER_DN}\n"),
        "nest1": (60011, f"member: cn=Person 2,{people.PEOPLE}\n"),
        "nest2": (60012, f"member: cn=Person 2,{people.PEOPLE}\nmember: cn=Person 3,{people.PEOPLE}\nmember: cn=nest1,{people.GROUPS}\n"),
        "nest3": (60013, "".join(f"member: cn=nest{number},{people.GROUPS}\n" for number in (1, 2, 3))),
    }
    for group, (gid, members) in groups.items():
        lines.append(f"dn: cn={group},{people.GROUPS}\nobjectClass: groupOfNames\ncn: {group}\ngidNumber: {gid}\n{members}")
    return "\n".join(lines)


class LargeGroups(NslcdClient, Node, unittest.TestCase):
    test_1_resolves_names_and_numbers = test_2_logs_in_by_the_password = test_3_a_user_changes_his_password = None

    @classmethod
    def fill(cls):
        done = running.run(running.ROSTER, "import", "--data", cls.served.data, "--zone", "zone1", "--accept-odd", "--format", "ldif", "-",
                           input=site())
        assert done.returncode == 0, done.stdout + done.stderr
        # A write is answered once it is published here, and what was committed before is published then.
        done = cls.served.roster("group", "create", "--cluster-id", people.CLUSTER, "last")
        assert done.returncode == 0, done.stderr

    def members(self, group):
        line = self.eventually("getent", "group", group)
        return sorted(line.rsplit(":", 1)[1].split(","))

    def none(self, *command):
        self.eventually("getent", "passwd", LOGIN)
        self.assertEqual(inside(*command).stdout, "", command)

    def test_groups_by_name_and_number(self):
        self.assertEqual(self.members("mixed"), sorted([LOGIN, "test", "www-data"]))
        self.assertEqual(self.members("60003"), sorted([LOGIN, "test", "www-data"]))
        self.assertEqual(self.members("odd"), [LOGIN])
        self.none("getent", "group", "MIXED")

    def test_large_groups(self):
        self.assertEqual(self.members("huge"), [name(number) for number in range(1, 1001)])
        self.assertEqual(self.members("large"), [name(number) for number in range(1, 101)])
        listed = {line.split(":")[0]: line for line in inside("getent", "group").stdout.splitlines()}
        for group in ("huge", "large"):
            self.assertEqual(sorted(listed[group].rsplit(":", 1)[1].split(",")), self.members(group))

    def test_groups_in_groups(self):
        two, three = name(2), name(3)
        self.assertEqual([self.members(f"nest{number}") for number in (1, 2, 3)], [[two], [two, three], [two, three]])
        for user, groups in ((two, "s0723 huge large nest1 nest2 nest3"), (three, "s0723 huge large nest2 nest3"),
                             (LOGIN, "s0723 huge large mixed odd"), (LAST, "s0723")):
            self.assertEqual(sorted(self.eventually("id", "-Gn", user).split()), sorted(groups.split()), user)

    def test_users_by_name_and_number(self):
        line = f"{MEMBER}:x:50002:{people.GID}:Person No. 2:/home/{MEMBER}:"
        for key in (MEMBER, "50002"):
            self.assertTrue(self.eventually("getent", "passwd", key).replace(":*:", ":x:").startswith(line))
        self.none("getent", "passwd", MEMBER.upper())
        numbers = [int(entry.split(":")[2]) for entry in inside("getent", "passwd").stdout.splitlines()]
        self.assertEqual(sum(50000 < number <= 50000 + COUNT for number in numbers), COUNT)

    def test_shadow_lines(self):
        self.eventually("getent", "passwd", LOGIN)
        for user, fields in ((LOGIN, ["", "7", "", "2", "", "", "0"]), (MEMBER, ["12302", "7", "", "2", "", "", "0"])):
            line = self.eventually("getent", "shadow", user).split(":")
            self.assertEqual((line[0], line[2:]), (user, fields))
        self.none("getent", "shadow", LOGIN.upper())
        users, shadows = (sorted(entry.split(":")[0] for entry in inside("getent", kind).stdout.splitlines()) for kind in ("passwd", "shadow"))
        self.assertEqual([user for user in users if user.startswith("zone")], [user for user in shadows if user.startswith("zone")])


if __name__ == "__main__":
    unittest.main()
