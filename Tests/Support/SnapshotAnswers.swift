package import RosterModel
package import RosterSnapshot

/// What a snapshot answers to one question.
package struct SnapshotAnswer: Equatable, CustomStringConvertible {
    let question: String
    let value: Value

    enum Value: Equatable {
        case clusters([Cluster])
        /// By uid, which tells a user from all others where the test has made them so.
        case users([UInt32], of: Int)
        case user(User)
        case groups([Group])
        case mapEntries([MapEntry])
        case rights([AccountRow])
        case principal(Principal?)
        case revision(Revision)
        /// Something that is there, and that one of the ways to it does not find.
        case lost
    }

    package var description: String { "\(question): \(value)" }
}

extension Snapshot {
    /// Everything that can be asked of the snapshot, in an order of its own. Two snapshots of one directory give the same
    /// answers, however each of them came to be.
    ///
    /// - Parameters:
    ///   - words: search words.
    ///   - keys: the access keys to ask for.
    package func answers(words: [String] = [], keys: [AccessKeyID] = []) throws -> [SnapshotAnswer] {
        let clusters = clusterIDs.sorted().compactMap { cluster($0) }
        var answers = [SnapshotAnswer(question: "the revision", value: .revision(revision))]
        var users: [User] = []
        for zone in Set(clusters.map(\.zone)).sorted() {
            var query = ClusterQuery(zone: zone)
            query.limit = .max
            let (_, found) = try self.clusters(query, scope: .all)
            answers.append(SnapshotAnswer(question: "clusters of \(zone.text)", value: .clusters(found)))
            answers += try pages(UserQuery(zone: zone), words)
            users += try page(whole(UserQuery(zone: zone)), scope: .all).users
        }
        answers.append(SnapshotAnswer(question: "all users", value: .users(users.map(\.uidNumber), of: userCount)))
        for cluster in clusters {
            let name = cluster.id.text
            answers.append(SnapshotAnswer(question: name, value: .clusters([cluster])))
            answers += try pages(UserQuery(zone: cluster.zone, cluster: cluster.id), words)
            var search = search(.constant(.yes), in: cluster.id, visibility: .all)
            let found = search.all().map(\.uidNumber).sorted()
            answers.append(
                SnapshotAnswer(question: "search in \(name)", value: .users(found, of: userCount(of: cluster.id))))
            let groups = groups(of: cluster.id)
            answers.append(SnapshotAnswer(question: "groups of \(name)", value: .groups(groups)))
            for group in groups
            where group != self.group(gid: group.gidNumber, in: cluster.id)
                || group != self.group(named: group.name.uppercased(), in: cluster.id)
            {
                answers.append(SnapshotAnswer(question: "group \(group.name) of \(name)", value: .lost))
            }
        }
        for cluster in clusters {
            guard let maps = maps(of: cluster.id) else { continue }
            let name = cluster.id.text
            answers.append(SnapshotAnswer(question: "maps of \(name)", value: .mapEntries(Array(maps.all))))
            for entry in maps.all {
                let below = maps.all.filter { $0.place.key.isBelow(entry.place.key) }
                if maps[entry.place.key] != entry || Array(maps.entries(below: entry.place.key)) != below {
                    answers.append(SnapshotAnswer(question: "entry \(entry.place.text) of \(name)", value: .lost))
                }
            }
        }
        for user in users {
            let id = user.id.text
            answers.append(SnapshotAnswer(question: id, value: .user(user)))
            let groups = groups(ofMember: user.id, in: user.cluster)
            if !groups.isEmpty {
                answers.append(SnapshotAnswer(question: "groups of \(id)", value: .groups(groups)))
            }
            // Each way to the user leads to the same row.
            let rows = [
                row(uid: user.uidNumber, in: user.cluster), row(named: user.username.text, in: user.cluster),
                row(user.id, in: user.cluster),
            ]
            if rows.contains(where: { $0?.uidNumber != user.uidNumber || $0?.cluster != user.cluster })
                || !self.rows(of: user.account).contains(where: { $0.id == user.id && $0.cluster == user.cluster })
            {
                answers.append(SnapshotAnswer(question: id, value: .lost))
            }
        }
        for account in Set(users.map(\.account)).sorted() {
            let rows = rows(of: account).sorted { $0.id < $1.id }
            answers.append(SnapshotAnswer(question: account.text, value: .rights(rows)))
        }
        for key in keys {
            answers.append(SnapshotAnswer(question: key.text, value: .principal(self.key(key)?.principal)))
        }
        return answers
    }

    /// The query with all that it finds on one page.
    private func whole(_ query: UserQuery) -> UserQuery {
        var query = query
        query.limit = max(1, userCount)
        return query
    }

    /// What lists answer: all of it in each order and direction, and what holds a word in two of them.
    private func pages(_ query: UserQuery, _ words: [String]) throws -> [SnapshotAnswer] {
        let name = query.cluster?.text ?? query.zone.text
        var answers: [SnapshotAnswer] = []
        func ask(_ word: String?, _ key: UserQuery.SortKey, _ isReversed: Bool) throws {
            var query = whole(query)
            (query.searchWord, query.sortKey, query.isReversed) = (word, key, isReversed)
            let page = try page(query, scope: .all)
            answers.append(
                SnapshotAnswer(
                    question: "\(word ?? "all") in \(name), order \(answers.count)",
                    value: .users(page.rows.map(\.uidNumber), of: page.totalCount)))
        }
        for key in UserQuery.SortKey.allCases {
            for isReversed in [false, true] { try ask(nil, key, isReversed) }
        }
        for word in words {
            try ask(word, .createTime, true)
            try ask(word, .username, false)
        }
        return answers
    }
}

/// The questions whose answer is there and is not found in another way.
package func lost(_ answers: [SnapshotAnswer]) -> [String] {
    answers.filter { $0.value == .lost }.map(\.question)
}

/// What only one of two lists has, `+` for the first and `-` for the second; at most ten. The order counts for nothing.
package func differences(_ own: [SnapshotAnswer], _ wanted: [SnapshotAnswer]) -> [String] {
    if own == wanted { return [] }
    return differences(own.map(\.description), wanted.map(\.description))
}

/// What only one of two lists has, `+` for the first and `-` for the second; at most ten. The order counts for nothing.
package func differences(_ own: [String], _ wanted: [String]) -> [String] {
    let (own, wanted) = (Set(own), Set(wanted))
    return Array((own.subtracting(wanted).map { "+ \($0)" } + wanted.subtracting(own).map { "- \($0)" }).prefix(10))
}
