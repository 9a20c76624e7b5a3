package import RosterModel
package import RosterSnapshot
import RosterStore

/// Finds what stops a user from logging in. It changes nothing and counts nothing.
package struct LoginChecker: Sendable {
    private let directory: Directory
    private let hashing: any PasswordHashing
    private let homes: HomeProvisioner?

    /// - Parameter homes: creates the homes of this server's users; nil if it creates none and looks at none.
    package init(directory: Directory, hashing: any PasswordHashing, homes: HomeProvisioner? = nil) {
        self.directory = directory
        self.hashing = hashing
        self.homes = homes
    }

    /// How many users are compared with an unknown name, so that a large cluster does not keep a thread busy.
    private static let comparedUsers = 100_000
    /// How many jobs about a user are searched for the one that locked it.
    private static let searchedJobs = 100

    /// The first obstacle that does not depend on the password that a client sends.
    package func obstacle(of user: User) async -> LoginObstacle? {
        let obstacle = LoginObstacle(of: user, at: directory.now, hashing: hashing)
        guard case .locked = obstacle else { return obstacle }
        return .locked(await lock(of: user))
    }

    /// Whether `password` is that of `user`; false if the user has none.
    /// - Throws: `busy` if too many passwords are being hashed.
    package func verify(_ password: String, of user: User, for client: QueueClient) async throws(RosterError) -> Bool {
        guard let hash = user.password else { return false }
        return try await hashing.verify(password, against: hash, for: client)
    }

    /// The first obstacle after the password was right.
    package func laterObstacle(of user: User) async -> LoginObstacle? {
        switch await homes?.owner(ofHomeOf: user) {
        case .success(nil): return .noHome
        case .success(let owner?) where owner != user.uidNumber: return .homeOfAnother(owner)
        case .failure(let error): return .unreachableHome(error.description.sanitizedForDisplay(limit: 500))
        case nil, .success: break
        }
        let now = directory.now
        let keys = user.attributes[.sshPublicKey]
        let areExpired = keys.allSatisfy { $0.withUnsafeBufferPointer { SSHPublicKey.isExpired($0, at: now) } }
        return keys.isEmpty || !areExpired ? nil : .expiredKeys
    }

    /// Up to three names of visible users that differ from `name` by one or two typing errors, the nearest first.
    package func namesNear(
        _ name: String, in cluster: ClusterID, visibility: Scope.Visibility, of snapshot: Snapshot
    ) -> [Username] {
        let wanted = Array(Username.key(of: name).utf8)
        guard (2...Username.maximumBytes).contains(wanted.count) else { return [] }
        // Every other name of two letters is two errors away.
        let maximum = wanted.count < 5 ? 1 : 2
        var found: [(distance: Int, name: Username)] = []
        var search = snapshot.search(.constant(.yes), in: cluster, visibility: visibility)
        var (budget, compared) = (Int.max, 0)
        while compared < Self.comparedUsers, let row = search.next(budget: &budget) {
            compared += 1
            row.withUsername { bytes in
                guard let distance = EditDistance.between(wanted, bytes.map(\.asciiLowercased), atMost: maximum) else {
                    return
                }
                found.append((distance, Username(stored: String(decoding: bytes, as: UTF8.self))))
            }
        }
        found.sort { ($0.distance, $0.name.text) < ($1.distance, $1.name.text) }
        return found.prefix(3).map(\.name)
    }

    /// The newest command that locked `user`; nil if the log has none after the last unlocking, or cannot be read.
    private func lock(of user: User) async -> LoginObstacle.Lock? {
        var query = OperationQuery(scope: .all)
        query.resources = [CommandExecutor.word(user.username.text)]
        query.action = UserCommand.setState(username: "", state: .locked).action
        query.status = .successful
        query.start = user.createTime
        query.isReversed = true
        query.limit = Self.searchedJobs
        // Without the store the rest of the answer is still right.
        guard let jobs = try? await directory.operations(query).operations else { return nil }
        for job in jobs where job.clusters.contains(user.cluster) {
            switch UserModification.stateChange(inSummary: job.message) {
            case .locked: return .init(job: job.id, time: job.createTime, submitter: job.submitter)
            case .active: return nil
            case nil: continue
            }
        }
        return nil
    }
}
