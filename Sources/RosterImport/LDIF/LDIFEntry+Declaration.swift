import RosterModel

extension LDIFEntry {
    /// The time of a declaration whose entry does not give it.
    static let unknownTime = Timestamp(seconds: 0)

    /// Converts an entry that declares an attribute, as an export writes it.
    /// Its time is `unknownTime` if the entry has none.
    /// - Throws: if a value is missing or not allowed.
    func declaration() throws(LDIFError) -> AttributeDeclaration {
        let name = try single(.roster(.attributeName))?.text() ?? ""
        let oid = try single(.roster(.attributeOID))?.text() ?? ""
        let syntax = try single(.roster(.attributeSyntax))?.text() ?? ""
        let isMultiple = try single(.roster(.attributeIsMultiple))?.text() == "TRUE"
        let isSearchable = try single(.roster(.attributeIsSearchable))?.text() == "TRUE"
        do throws(RosterError) {
            guard let syntax = AttributeDeclaration.Syntax(rawValue: syntax) else {
                throw .invalid(LDIFName.RosterAttribute.attributeSyntax.rawValue, "is no syntax of declared attributes")
            }
            return try AttributeDeclaration(
                name: name, oid: oid, syntax: syntax, isMultiple: isMultiple, isSearchable: isSearchable,
                createTime: generalizedTime(.account(.createTimestamp)) ?? Self.unknownTime)
        } catch {
            throw LDIFError(line: line, error.message)
        }
    }
}
