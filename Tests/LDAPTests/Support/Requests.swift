import NIOCore

@testable import RosterLDAP

// Requests as a client would write them. The server only parses requests.

extension LDAPMessage {
    /// A message around `request`.
    init(id: Int32, request: Request) { self.init(id: id, request: request, controls: []) }
}

extension BindRequest {
    /// A simple bind.
    init(version: Int = 3, name: String, password: String) {
        self.init(
            version: version, name: Array(name.utf8)[...],
            authentication: .simple(Password(Array(password.utf8)[...])))
    }
}

extension SearchRequest {
    /// A search below the entry named `base`.
    init(
        base: String, scope: Scope, filter: SearchFilter, attributes: [String] = [], sizeLimit: Int = 0,
        timeLimit: Int = 0, typesOnly: Bool = false
    ) {
        var writer = ResponseWriter(buffer: ByteBuffer())
        for attribute in attributes { writer.octets(attribute) }
        self.init(
            base: Array(base.utf8)[...], scope: scope, sizeLimit: sizeLimit, timeLimit: timeLimit,
            typesOnly: typesOnly, filter: filter, attributes: Array(writer.buffer.readableBytesView)[...])
    }
}

extension CompareRequest {
    /// A compare of the entry named `entry`.
    init(entry: String, _ assertion: AttributeValueAssertion) {
        self.init(entry: Array(entry.utf8)[...], assertion: assertion)
    }
}

extension ExtendedRequest {
    /// A request for the operation with the object identifier `name`.
    init(name: String, value: [UInt8]? = nil) { self.init(name: name, value: value?[...]) }
}

extension Control {
    /// A control of type `type`, an object identifier.
    init(type: String, isCritical: Bool = false, value: [UInt8]? = nil) {
        self.init(type: type, isCritical: isCritical, value: value?[...])
    }
}

extension MatchingRuleAssertion {
    /// An assertion of UTF-8 texts.
    init(rule: String?, attribute: String?, value: String, dnAttributes: Bool = false) {
        self.init(
            rule: rule.map { Array($0.utf8)[...] }, attribute: attribute.map { Array($0.utf8)[...] },
            value: Array(value.utf8)[...], dnAttributes: dnAttributes)
    }
}

extension SubstringFilter {
    /// A filter of UTF-8 texts.
    init(_ attribute: String, initial: String? = nil, parts: [String] = [], final: String? = nil) {
        self.init(
            attribute: Array(attribute.utf8)[...], initial: initial.map { Array($0.utf8)[...] },
            parts: parts.map { Array($0.utf8)[...] }, final: final.map { Array($0.utf8)[...] })
    }
}
