import RosterModel

/// Writes users as CSV with the columns that an import reads.
struct CSVExport {
    /// What separates several values of an attribute.
    static let valueSeparator = "|"

    private let columns: [CSVColumn]

    /// - Parameter catalog: the attributes that users can have.
    init(catalog: AttributeCatalog) {
        columns = CSVColumn.Field.allCases.map { .field($0) } + catalog.all.map { .person($0) }
    }

    func appendHeader(to bytes: inout [UInt8]) {
        append(cells: columns.map { $0.name ?? "" }, to: &bytes)
    }

    func append(_ user: User, to bytes: inout [UInt8]) {
        append(cells: columns.map { $0.text(of: user) }, to: &bytes)
    }

    private func append(cells: [String], to bytes: inout [UInt8]) {
        for (place, cell) in cells.enumerated() {
            if place > 0 { bytes.append(UInt8(ascii: ",")) }
            guard cell.utf8.contains(where: isSpecial) else {
                bytes += cell.utf8
                continue
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in cell.utf8 {
                if byte == UInt8(ascii: "\"") { bytes.append(byte) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    private func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "\""), 10, 13: true
        default: false
        }
    }
}

extension CSVColumn {
    /// The cell of a user; empty if there is no value.
    fileprivate func text(of user: User) -> String {
        switch self {
        case .field(let field): field.text(of: user)
        case .person(let attribute):
            user.attributes[attribute].map { value in
                String(decoding: attribute.syntax.isBinary ? Base64.encode(value) : value, as: UTF8.self)
            }.joined(separator: CSVExport.valueSeparator)
        case .ignored, .unread: ""
        }
    }
}

extension CSVColumn.Field {
    fileprivate func text(of user: User) -> String {
        switch self {
        case .cluster: user.cluster.text
        case .createTime: user.createTime.iso8601
        case .gidNumber: String(user.gidNumber)
        case .hpcUserID: user.id.text
        case .mode: user.mode?.description ?? ""
        case .nasMountPoint: user.nasMountPoint
        case .role: user.role.rawValue
        case .uidNumber: String(user.uidNumber)
        case .updateTime: user.updateTime.iso8601
        case .account: user.account.text
        case .username: user.username.text
        case .homeDirectory: user.homeDirectory
        case .loginShell: user.loginShell
        case .gecos: user.gecos
        case .state: user.state.rawValue
        case .expires: user.expires?.iso8601 ?? ""
        }
    }
}
