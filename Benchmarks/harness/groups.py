"""Groups of a cluster, made from its users by a seed: one that most are in, many small ones, users of many groups."""

import csv
import random

from . import ldap
from .data import SEED

# The groups, with the large one; users of one cluster; those in the large group.
GROUPS = 5_000
USERS = 50_000
MEMBERS = 40_000
# So many users are in so many groups.
BUSY = 200
BUSY_USERS = 100
# Of those in the large group, so many are in no other.
ONLY_THERE = 20_000

EVERYBODY = "everybody"
FIRST_GID = 200_000


class GroupedCluster:
    """A cluster whose users are in groups. Nobody is in the large group and in many others.

    `groups` maps a group to its members. `busy` and `single` are users of 200 groups and of exactly one small group,
    and `only_there` those of the large group alone; each is a list of users with their groups.
    """

    def __init__(self, population):
        assert population.users == USERS
        self.cluster = population.largest[0]
        with open(population.csv) as file:
            names = [row["username"] for row in csv.DictReader(file)]
        source = random.Random(SEED)
        source.shuffle(names)
        small = [f"project{index:04}" for index in range(1, GROUPS)]
        of = {name: source.sample(small, BUSY) for name in names[:BUSY_USERS]}
        self.busy = list(of.items())
        self.single = [(name, [source.choice(small)]) for name in names[BUSY_USERS:USERS - MEMBERS]]
        self.only_there = [(name, [EVERYBODY]) for name in names[-ONLY_THERE:]]
        of |= dict(self.single) | dict(self.only_there)
        for name in names[USERS - MEMBERS:-ONLY_THERE]:
            of[name] = [EVERYBODY, *source.sample(small, source.randint(1, 5))]
        self.groups = {group: [] for group in [EVERYBODY, *small]}
        for name in names:
            for group in of[name]:
                self.groups[group].append(name)

    def write(self, path):
        """LDIF of the groups, which `roster import` adds to the users that are there already."""
        with open(path, "w") as file:
            for index, (group, members) in enumerate(self.groups.items()):
                file.write(f"dn: {ldap.group_dn(self.cluster, group)}\nobjectClass: posixGroup\ncn: {group}\n"
                           f"gidNumber: {FIRST_GID + index}\n")
                file.writelines(f"memberUid: {member}\n" for member in members)
                file.write("\n")
        return path

    def write_for_slapd(self, path, users):
        """LDIF of the users and the groups as slapd has them: it stores both DNs and names, and `memberOf` too."""
        groups_of = {}
        for group, members in self.groups.items():
            for name in members:
                groups_of.setdefault(name, []).append(group)
        with open(users) as source, open(path, "w") as file:
            for line in source:
                file.write(line)
                if line.startswith("uid: "):
                    file.writelines(f"memberOf: {ldap.group_dn(self.cluster, group)}\n"
                                    for group in groups_of.get(line[5:].rstrip("\n"), []))
            file.write(f"dn: ou=Group,ou={self.cluster},{ldap.BASE}\nobjectClass: organizationalUnit\nou: Group\n\n")
            for index, (group, members) in enumerate(self.groups.items()):
                # The schema of NIS has no `member` for a group of its own; this class lets an entry have any attribute.
                file.write(f"dn: {ldap.group_dn(self.cluster, group)}\nobjectClass: posixGroup\n"
                           f"objectClass: extensibleObject\ncn: {group}\ngidNumber: {FIRST_GID + index}\n")
                for member in members:
                    file.write(f"memberUid: {member}\nmember: {ldap.user_dn(self.cluster, member)}\n")
                file.write("\n")
        return path
