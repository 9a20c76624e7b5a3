import RosterTesting
import Testing

@testable import RosterModel
@testable import RosterSnapshot

@Suite struct ClusterGroupsTests {
    private let cluster = Fixtures.cluster()

    /// Every way to find a group answers as a look at all of them would, and an old copy is not touched.
    @Test(arguments: [1, 2, 3] as [UInt64]) func findsAsAPlainScanWould(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var groups = ClusterGroups()
        var model: [UInt32: Group] = [:]
        let people = (0..<300).map { HPCUserID(stored: "hpcuser-\($0)") }
        for round in UInt32(0)..<600 {
            let before = (groups, model)
            let gid = UInt32.random(in: 1...400, using: &random)
            if round % 4 == 3 {
                groups.remove(gid)
                model[gid] = nil
            } else {
                let group = Group(
                    cluster: cluster.id, name: "G\(gid)x\(round % 3)", gidNumber: gid, isPrimary: false,
                    members: people.filter { _ in Int.random(in: 0..<50, using: &random) == 0 })
                groups.upsert(group)
                model[gid] = group
            }
            if round % 50 == 0 {
                check(before.0, against: before.1, people)
                check(groups, against: model, people)
            }
        }
    }

    private func check(_ groups: ClusterGroups, against model: [UInt32: Group], _ people: [HPCUserID]) {
        #expect(
            groups.all.sorted { $0.gidNumber < $1.gidNumber } == model.values.sorted { $0.gidNumber < $1.gidNumber })
        for group in model.values {
            #expect(groups[group.gidNumber] == group)
            #expect(groups[named: group.name.lowercased()] == group)
        }
        for gid in UInt32(1)...400 where model[gid] == nil {
            #expect(groups[gid] == nil)
            for round in 0..<3 { #expect(groups[named: "g\(gid)x\(round)"] == nil) }
        }
        for person in people {
            let expected = model.values.filter { $0.members.contains(person) }.map(\.gidNumber).sorted()
            #expect(groups[ofMember: person].map(\.gidNumber) == expected)
        }
    }

    @Test func aNameMayGoFromOneGroupToAnother() throws {
        var groups = ClusterGroups()
        groups.upsert(Group(cluster: cluster.id, name: "a", gidNumber: 1, isPrimary: false))
        groups.upsert(Group(cluster: cluster.id, name: "a", gidNumber: 2, isPrimary: false))
        groups.upsert(Group(cluster: cluster.id, name: "b", gidNumber: 1, isPrimary: false))
        #expect(groups[named: "a"]?.gidNumber == 2)
        #expect(groups[named: "b"]?.gidNumber == 1)
    }
}
