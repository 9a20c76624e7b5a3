"""Groups in groups, and names that are no user's, as a node's clients resolve them: nslcd, and SSSD with both schemas.

The clients run in the folder that `ROSTER_NODE_ROOT` names (test_nodes.py).
"""

import unittest

import people
import running
from test_nodes import Node, NslcdClient, SSSDClient

ONE, TWO, NEITHER = people.name(1), people.name(2), people.name(4)
GROUPS = f"""dn: cn=inner,{people.GROUPS}
objectClass: posixGroup
cn: inner
gidNumber: 41601
memberUid: {ONE}

dn: cn=outer,{people.GROUPS}
objectClass: posixGroup
objectClass: groupOfNames
cn: outer
gidNumber: 41602
memberUid: slurm
member: uid={TWO},{people.PEOPLE}
member: cn=inner,{people.GROUPS}
"""


class OnANode(Node):
    """Clients of groups: what `Node` tries is tried elsewhere."""

    test_1_resolves_names_and_numbers = test_2_logs_in_by_the_password = test_3_a_user_changes_his_password = None

    @classmethod
    def fill(cls):
        done = running.run(running.ROSTER, "import", "--data", cls.served.data, "--zone", "zone1", "--format", "ldif", "-", input=GROUPS)
        assert done.returncode == 0, done.stdout + done.stderr
        # A write is answered once it is published here, and what was committed before is published then.
        done = cls.served.roster("group", "create", "--cluster-id", people.CLUSTER, "last")
        assert done.returncode == 0, done.stderr

    def test_members_through_groups_are_members(self):
        members = self.eventually("getent", "group", "outer").rsplit(":", 1)[1].split(",")
        self.assertEqual(sorted(members), sorted([ONE, TWO] + self.names))
        for name, groups in ((ONE, {"inner", "outer"}), (TWO, {"outer"}), (NEITHER, set())):
            # In the order of the answer; the primary group is the first.
            self.assertEqual(set(self.eventually("id", "-Gn", name).split()), groups | {"s0723"}, name)


class Nslcd(NslcdClient, OnANode, unittest.TestCase):
    names = ["slurm"]


class SSSD(SSSDClient, OnANode, unittest.TestCase):
    names = ["slurm"]


class SSSDWithNestedGroups(SSSD):
    # By DN, members are users and groups alone.
    names = []
    parts = ["--schema", "rfc2307bis"]


if __name__ == "__main__":
    unittest.main()
