/// The forms in which users and groups are written for other programs.
package enum ExportFormat: String, Sendable, CaseIterable {
    /// RFC 4180; the columns that an import reads.
    case csv
    /// RFC 2849; everything that is kept, and what an import reads back whole.
    case ldif
    /// One JSON object a line, with the members of `describeUser`.
    case json
    /// passwd(5).
    case passwd
    /// shadow(5).
    case shadow
    /// group(5).
    case group

    /// Whether a file of this form cannot tell clusters apart.
    package var isOfOneCluster: Bool {
        switch self {
        case .csv, .ldif, .json: false
        case .passwd, .shadow, .group: true
        }
    }

    /// Whether hashes of passwords are a part of it.
    package var hasPasswords: Bool { self == .ldif || self == .shadow }
}
