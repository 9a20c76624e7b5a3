/// The formats in which users and groups are exported.
package enum ExportFormat: String, Sendable, CaseIterable {
    /// RFC 4180, with the columns that an import reads.
    case csv
    /// RFC 2849; the only format with all data, which an import reads back completely.
    case ldif
    /// One JSON object per line, with the members of `describeUser`.
    case json
    /// passwd(5).
    case passwd
    /// shadow(5).
    case shadow
    /// group(5).
    case group

    /// Whether a file in this format can hold only one cluster.
    package var isOfOneCluster: Bool {
        switch self {
        case .csv, .ldif, .json: false
        case .passwd, .shadow, .group: true
        }
    }

    /// Whether the format has password hashes.
    package var hasPasswords: Bool { self == .ldif || self == .shadow }
}
