/// An attribute of users that the site declares, beside those that every directory has.
///
/// Its rows are never deleted: a removed declaration keeps its name and object identifier, which others may have
/// copied.
package struct AttributeDeclaration: Sendable, Hashable {
    /// The name in LDAP and in files: an RFC 4512 `descr` of at most 64 bytes.
    package let name: String
    /// The object identifier that the schema publishes.
    package var oid: String
    package var syntax: Syntax
    /// Whether a user may have several values.
    package var isMultiple: Bool
    /// Whether `search_in` of the user list may name it.
    package var isSearchable: Bool
    package var createTime: Timestamp
    /// From this time on nobody has the attribute; nil if it is not removed.
    package var removeTime: Timestamp?
    package var revision: Revision = .none

    /// What a value can be.
    package enum Syntax: String, CaseIterable, Sendable {
        /// Text of at most 4096 bytes without control characters.
        case text
        /// An integer from -9223372036854775808 to 9223372036854775807.
        case integer
        /// `TRUE` or `FALSE`.
        case boolean
        /// A distinguished name (RFC 4514) of at most 4096 bytes.
        case dn
        /// At most 128 KiB of any bytes.
        case binary
    }

    /// The maximum number of attributes that a site may declare.
    package static let maximumCount = 256

    /// Creates a declaration.
    /// - Throws: `invalidParameter` for `name` if it is not a name of RFC 4512, or names an attribute that every
    ///   directory has; for `oid` if it is not an object identifier.
    package init(
        name: String, oid: String, syntax: Syntax, isMultiple: Bool, isSearchable: Bool, createTime: Timestamp
    ) throws(RosterError) {
        guard Self.isName(name) else {
            throw .invalid("name", "must be a letter, then letters, digits and hyphens, 64 at most")
        }
        guard !Self.isTaken(name) else {
            throw .invalid("name", "\(name) is an attribute of every directory")
        }
        guard Self.isObjectIdentifier(oid) else {
            throw .invalid("oid", "must be numbers with dots between them, 256 bytes at most")
        }
        guard !isSearchable || syntax == .text else { throw .invalid("searchable", "only text is searched for words") }
        self.init(
            stored: name, oid: oid, syntax: syntax, isMultiple: isMultiple, isSearchable: isSearchable,
            createTime: createTime)
    }

    /// Creates a declaration from its stored parts, unchecked.
    package init(
        stored name: String, oid: String, syntax: Syntax, isMultiple: Bool, isSearchable: Bool, createTime: Timestamp,
        removeTime: Timestamp? = nil, revision: Revision = .none
    ) {
        self.name = name
        self.oid = oid
        self.syntax = syntax
        self.isMultiple = isMultiple
        self.isSearchable = isSearchable
        self.createTime = createTime
        self.removeTime = removeTime
        self.revision = revision
    }

    /// What tells declarations apart: the name, ignoring ASCII case.
    package var key: String { Username.key(of: name) }

    /// Whether a site may declare an attribute of that name.
    package static func canDeclare(_ name: String) -> Bool { isName(name) && !isTaken(name) }

    /// `descr` of RFC 4512 section 1.4, bounded.
    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 64, first.isASCIILetterOrDigit, !first.isDigit else {
            return false
        }
        return text.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
    }

    private static func isTaken(_ name: String) -> Bool {
        UserAttribute(name: name) != nil || reservedKeys.contains(Username.key(of: name))
    }

    /// The keys of further attributes that entries of users have, or that an import reads.
    private static let reservedKeys: Set<String> = [
        "accountexpires", "createtimestamp", "dn", "entrydn", "entryuuid", "gecos", "gidnumber", "hassubordinates",
        "homedirectory", "loginshell", "member", "memberof", "memberuid", "modifytimestamp", "name", "nsaccountlock",
        "objectclass", "objectsid", "primarygroupid", "pwdaccountlockedtime", "pwdchangedtime", "pwdlastset",
        "pwdpolicysubentry", "ref", "shadowexpire", "shadowlastchange", "structuralobjectclass", "subschemasubentry",
        "uid", "uidnumber", "uniquemember", "userid", "unixhomedirectory", "useraccountcontrol", "userpassword",
        "whenchanged", "whencreated",
    ]

    /// `numericoid` of RFC 4512 section 1.4, with two numbers at least.
    private static func isObjectIdentifier(_ text: String) -> Bool {
        let numbers = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return text.utf8.count <= 256 && numbers.count >= 2
            && numbers.allSatisfy { number in
                !number.isEmpty && number.allSatisfy(\.isDigit)
                    && (number.count == 1 || number.first != UInt8(ascii: "0"))
            }
            && ["0", "1", "2"].contains(Substring(text.prefix { $0 != "." }))
    }
}

/// The attributes that users of a directory can have: those of every directory, and those that the site declares.
package final class AttributeCatalog: Sendable {
    /// The declared attributes that are not removed, by name.
    package let declared: [UserAttribute]
    private let byKey: [String: UserAttribute]

    /// The catalog of a directory without declarations.
    package static let standard = AttributeCatalog([])

    /// The catalog of the declarations that are not removed.
    package init(_ declarations: some Sequence<AttributeDeclaration>) {
        var byKey: [String: UserAttribute] = [:]
        for declaration in declarations where declaration.removeTime == nil {
            byKey[declaration.key] = .declared(declaration)
        }
        self.byKey = byKey
        declared = byKey.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The catalog with one more declaration.
    package func adding(_ declaration: AttributeDeclaration) -> AttributeCatalog {
        var declarations = declared.compactMap { if case .declared(let declaration) = $0 { declaration } else { nil } }
        declarations.append(declaration)
        return AttributeCatalog(declarations)
    }

    /// The declared attributes that `search_in` of the user list may name.
    package var searchable: [UserAttribute] {
        declared.filter { if case .declared(let declaration) = $0 { declaration.isSearchable } else { false } }
    }

    /// All attributes, those of every directory first.
    package var all: [UserAttribute] { UserAttribute.standard + declared }

    /// Finds an attribute by one of its LDAP names, ignoring ASCII case; nil for an unknown name.
    package func attribute(named name: some StringProtocol) -> UserAttribute? {
        UserAttribute(name: name) ?? (byKey.isEmpty ? nil : byKey[Username.key(of: name)])
    }
}
