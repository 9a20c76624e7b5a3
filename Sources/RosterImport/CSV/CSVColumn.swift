package import RosterModel

/// The content of a CSV column: a field of a user, or a user attribute.
package enum CSVColumn: Hashable, Sendable {
    case field(Field)
    case person(UserAttribute)
    /// A column that `CSVOptions` says to ignore.
    case ignored
    /// A column that is not imported; its values are counted.
    case unread

    /// The fields of a user, by their names in the API.
    package enum Field: String, CaseIterable, Sendable {
        case cluster = "cluster_id"
        case createTime = "create_time"
        case gidNumber = "gid_number"
        case hpcUserID = "hpcuser_id"
        case mode = "mod"
        case nasMountPoint = "nas_mount_point"
        case role
        case uidNumber = "uid_number"
        case updateTime = "update_time"
        case account = "user_id"
        case username
        case homeDirectory = "home_directory"
        case loginShell = "login_shell"
        case gecos
        case state
        case expires
    }

    /// Finds a column by its name in the API, its name in LDAP, or plain words, ignoring ASCII case. Nil for any other
    /// name.
    /// - Parameter catalog: the attributes that users can have.
    package init?(name: some StringProtocol, in catalog: AttributeCatalog = .standard) {
        if let column = Self.byName[Username.key(of: name)] {
            self = column
        } else if let attribute = catalog.attribute(named: name) {
            self = .person(attribute)
        } else {
            return nil
        }
    }

    /// The name of the column in fault messages; nil for a column that is not imported.
    var name: String? {
        switch self {
        case .field(let field): field.rawValue
        case .person(let attribute): attribute.name
        case .ignored, .unread: nil
        }
    }

    /// Whether several columns may have this content: their values are combined.
    var mayStandTwice: Bool {
        switch self {
        case .field: false
        case .person(let attribute): attribute.isMultiple
        case .ignored, .unread: true
        }
    }

    private static let byName: [String: CSVColumn] = {
        var columns: [String: CSVColumn] = [:]
        for attribute in UserAttribute.standard {
            for name in attribute.names { columns[Username.key(of: name)] = .person(attribute) }
            columns[words(of: "\(attribute)")] = .person(attribute)
        }
        for field in Field.allCases { columns[field.rawValue] = .field(field) }
        let namesOfLDAP: [(String, Field)] = [
            ("uid", .username), ("uidNumber", .uidNumber), ("gidNumber", .gidNumber), ("homeDirectory", .homeDirectory),
            ("loginShell", .loginShell),
        ]
        for (name, field) in namesOfLDAP { columns[Username.key(of: name)] = .field(field) }
        return columns
    }()

    /// Splits a name such as `fullName` into words: `full_name`.
    private static func words(of name: String) -> String {
        var words: [UInt8] = []
        for byte in name.utf8 {
            if byte != byte.asciiLowercased { words.append(UInt8(ascii: "_")) }
            words.append(byte.asciiLowercased)
        }
        return String(decoding: words, as: UTF8.self)
    }

    /// Assigns a non-empty cell to the record.
    /// - Parameter separator: what separates several values of an attribute; nil if a cell is one value.
    func assign(_ text: String, to record: inout ImportRecord, separator: Character?) {
        switch self {
        case .field(let field): field.assign(text, to: &record)
        case .person(let attribute):
            let values =
                if attribute.isMultiple, let separator { text.split(separator: separator) } else { [text[...]] }
            // Binary values are in Base64, as in LDIF.
            record.attributes[attribute] += values.map { value in
                attribute.syntax.isBinary ? Base64.decode(value.utf8) ?? Array(value.utf8) : Array(value.utf8)
            }
        case .ignored, .unread: break
        }
    }
}

extension CSVColumn.Field {
    fileprivate func assign(_ text: String, to record: inout ImportRecord) {
        switch self {
        case .cluster: record.cluster = text
        case .createTime: record.createTime = text
        case .gidNumber: record.gidNumber = text
        case .hpcUserID: record.hpcUserID = text
        // The API writes null for a user without a mode, and so do people who convert its response to CSV.
        case .mode: record.mode = text == "null" ? nil : text
        case .nasMountPoint: record.nasMountPoint = text
        case .role: record.role = text
        case .uidNumber: record.uidNumber = text
        case .updateTime: record.updateTime = text
        case .account: record.account = text
        case .username: record.username = text
        case .homeDirectory: record.homeDirectory = text
        case .loginShell: record.loginShell = text
        case .gecos: record.gecos = text
        case .state: record.state = text
        case .expires: record.expiryText = text
        }
    }
}
