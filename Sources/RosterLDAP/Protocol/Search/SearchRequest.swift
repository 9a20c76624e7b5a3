import RosterModel

/// What to search for, where, and what to return.
///
///     SearchRequest ::= [APPLICATION 3] SEQUENCE {
///         baseObject    LDAPDN,
///         scope         ENUMERATED { baseObject (0), singleLevel (1), wholeSubtree (2), … },
///         derefAliases  ENUMERATED { … (0 .. 3) },
///         sizeLimit     INTEGER (0 .. 2147483647),
///         timeLimit     INTEGER (0 .. 2147483647),
///         typesOnly     BOOLEAN,
///         filter        Filter,
///         attributes    SEQUENCE OF selector LDAPString }
///
/// There are no aliases, so the choice of how to dereference them has no effect.
package struct SearchRequest: Sendable, Equatable {
    /// The UTF-8 of a distinguished name, not parsed yet.
    package let base: ArraySlice<UInt8>
    package let scope: Scope
    /// The maximum number of entries that the client wants; 0 is no limit.
    package let sizeLimit: Int
    /// The maximum number of seconds that the client waits; 0 is no limit.
    package let timeLimit: Int
    package let typesOnly: Bool
    package private(set) var filter: SearchFilter
    /// The selectors as the client sent them, each an OCTET STRING.
    let attributes: ArraySlice<UInt8>

    /// Which entries to search, relative to the base.
    package enum Scope: Int, Sendable, Equatable {
        case base = 0
        case oneLevel = 1
        case subtree = 2
        /// The whole subtree without the base (draft-sermersheim-ldap-subordinate-scope).
        case subordinates = 3

        /// Whether the base itself is searched.
        var includesBase: Bool { self == .base || self == .subtree }
    }

    /// The same search, restricted to entries that also match another filter.
    func and(_ filter: SearchFilter) -> SearchRequest {
        var request = self
        request.filter = .and([filter, self.filter])
        return request
    }
}

extension SearchRequest {
    init(_ element: BERElement) throws(BERError) {
        var components = try element.components()
        base = try components.next().octetString()
        guard let scope = Scope(rawValue: try components.next().integer(tag: 0x0A, in: 0...Int(Int32.max))) else {
            throw BERError(.malformed, "the scope is not base, one level, subtree or subordinates")
        }
        self.scope = scope
        _ = try components.next().integer(tag: 0x0A, in: 0...3)
        sizeLimit = try components.next().integer(in: 0...Int(Int32.max))
        timeLimit = try components.next().integer(in: 0...Int(Int32.max))
        typesOnly = try components.next().boolean()
        filter = try SearchFilter(try components.next())
        let list = try components.next()
        guard list.tag == 0x30 else { throw BERError(.malformed, "a list of attributes was expected") }
        attributes = list.content
        var selectors = try list.components()
        while !selectors.isAtEnd {
            guard try selectors.next().tag == 0x04 else { throw BERError(.malformed, "an octet string was expected") }
        }
    }
}
