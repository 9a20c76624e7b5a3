import ArgumentParser
import Foundation
import NIOCore
import RosterModel

extension CompletionKind {
    /// Clusters that the key sees in the zone.
    static let clusters = custom { words, _, prefix in
        await ServerCompletion(words).names(of: .clusters, beginningWith: prefix)
    }

    /// Users of the cluster that the command line or the settings name, else of the zone.
    static let users = custom { words, _, prefix in
        await ServerCompletion(words).names(of: .users, beginningWith: prefix)
    }

    /// Groups, likewise.
    static let groups = custom { words, _, prefix in
        await ServerCompletion(words).names(of: .groups, beginningWith: prefix)
    }
}

/// Completes a command line from the server that the command would call. A shell waits for it, so it is quick and never
/// says what is wrong: without an answer in time there is nothing to complete.
struct ServerCompletion {
    /// What is completed.
    enum Kind {
        case clusters
        case users
        case groups

        fileprivate var path: String {
            switch self {
            case .clusters: "/api/cluster/list"
            case .users: "/api/user"
            case .groups: "/api/group"
            }
        }

        /// The members of the answer with the list, and with a name in it.
        fileprivate var members: (list: String, name: String) {
            switch self {
            case .clusters: ("cluster_set", "cluster_id")
            case .users: ("user_set", "username")
            case .groups: ("group_set", "group_name")
            }
        }
    }

    private let words: [String]

    private static let timeLimit = TimeAmount.milliseconds(800)
    /// How many names are offered; further ones take more letters.
    private static let limit = 100

    /// - Parameter words: the command line.
    init(_ words: [String]) { self.words = words }

    /// The names that begin with `prefix`; none if the server cannot be asked.
    func names(of kind: Kind, beginningWith prefix: String) async -> [String] {
        do {
            var client = try await ClientOptions.parse(
                ["--zone", "--endpoint", "--access-key-id", "--config"].flatMap { flag in
                    value(of: flag).map { [flag, $0] } ?? []
                }
            ).open()
            client.timeLimit = Self.timeLimit
            var parameters = [("limit", "\(Self.limit)")]
            if kind == .users { parameters += [("sort_key", "username")] }
            if !prefix.isEmpty, kind != .clusters { parameters += [("search_word", prefix)] }
            if kind != .clusters, let cluster = value(of: "--cluster-id") ?? client.defaultCluster {
                parameters += [("cluster_id", cluster)]
            }
            let body = try await client.get(path: kind.path, parameters: parameters)
            let answer = try JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
            let (list, name) = kind.members
            let rows = answer?[list] as? [[String: Any]] ?? []
            let found = rows.compactMap { $0[name] as? String }.filter { $0.hasPrefix(prefix) && Self.isSafe($0) }
            return Set(found).sorted()
        } catch {
            return []
        }
    }

    /// The value of a flag on the command line.
    private func value(of flag: String) -> String? {
        for (index, word) in words.enumerated() {
            if word == flag, words.indices.contains(index + 1) { return words[index + 1] }
            if word.hasPrefix(flag + "=") { return String(word.dropFirst(flag.count + 1)) }
        }
        return nil
    }

    /// Whether a shell takes the name as it is: bash would run what stands in `$(…)`.
    private static func isSafe(_ name: String) -> Bool {
        name.utf8.allSatisfy { $0.isASCIILetterOrDigit || [UInt8]("._-+@".utf8).contains($0) } && !name.hasPrefix("-")
    }
}
