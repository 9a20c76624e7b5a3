package import RosterModel
import RosterSnapshot
package import RosterStore

/// A command about the attributes that the site declares. Its syntax is checked, its rights and rules are not.
package enum AttributeCommand: Sendable {
    /// Declares an attribute, or changes what may change of a declaration: the object identifier, whether it is
    /// searched, and one value to several.
    /// - oid: nil leaves it, or makes one for a new attribute.
    case declare(
        name: String, oid: String?, syntax: AttributeDeclaration.Syntax, isMultiple: Bool, isSearchable: Bool)
    case remove(name: String)

    /// The action's name in the operation log.
    package var action: String {
        switch self {
        case .declare: "DeclareAttribute"
        case .remove: "RemoveAttribute"
        }
    }

    package var name: String {
        switch self {
        case .declare(let name, _, _, _, _), .remove(let name): name
        }
    }

    /// The change that the command makes of a directory with these declarations.
    /// - Parameters:
    ///   - declarations: with those that were removed.
    ///   - users: how many users have a value of an attribute.
    /// - Throws: `invalidParameter`; `notFound`; `permissionDenied` for an attribute that users have.
    package func change(
        of declarations: some Collection<AttributeDeclaration>, now: Timestamp, users: (UserAttribute) -> Int
    ) throws(RosterError) -> Change {
        let key = Username.key(of: name)
        let before = declarations.first { $0.key == key }
        var change = Change(time: now)
        switch self {
        case .declare(let name, let oid, let syntax, let isMultiple, let isSearchable):
            // A name that was declared before keeps its spelling, under which users may still have values.
            var declared = try AttributeDeclaration(
                name: before?.name ?? name, oid: oid ?? before?.oid ?? UUIDArc.make(), syntax: syntax,
                isMultiple: isMultiple, isSearchable: isSearchable, createTime: now)
            if let before, before.removeTime == nil {
                guard before.syntax == syntax else {
                    throw .invalid("syntax", "\(before.name) is \(before.syntax.rawValue); remove it first")
                }
                guard isMultiple || !before.isMultiple else {
                    throw .invalid("multiple", "\(before.name) has several values; remove it first")
                }
                declared.createTime = before.createTime
            } else {
                guard declarations.count(where: { $0.removeTime == nil }) < AttributeDeclaration.maximumCount else {
                    throw .invalid("name", "a site declares \(AttributeDeclaration.maximumCount) attributes at most")
                }
            }
            let others = declarations.filter { $0.key != key && $0.removeTime == nil }
            guard !others.contains(where: { $0.oid == declared.oid }) else {
                throw .invalid("oid", "\(declared.oid) is that of another attribute")
            }
            change.attributes = [declared]
        case .remove(let name):
            guard var removed = before, removed.removeTime == nil else {
                throw RosterError(
                    .notFound, .parameter("name"), "no attribute '\(name.sanitizedForDisplay())' is declared")
            }
            let count = users(.declared(removed))
            guard count == 0 else {
                throw RosterError(
                    .permissionDenied, .parameter("name"),
                    "\(count) users have \(removed.name): unset it for them first")
            }
            removed.removeTime = now
            change.attributes = [removed]
        }
        return change
    }
}

/// Executes commands about declared attributes, for every server.
package struct AttributeCommandHandler: Sendable {
    private let runner: CommandExecutor

    /// A handler that commits to `directory`.
    package init(directory: Directory) {
        runner = CommandExecutor(directory: directory)
    }

    /// Executes `command` and returns its job. The same signed request again gets the first response.
    /// - Throws: `invalidParameter`, `notFound`, `permissionDenied` to all but an operator and a boss, `busy`,
    ///   `readOnly`, `internalError`.
    package func execute(_ command: AttributeCommand, by actor: CommandActor) async throws(RosterError) -> JobID {
        let description = CommandExecutor.AuditInfo(action: command.action, cluster: nil, resource: command.name)
        return try await runner.run(description, by: actor) { snapshot, actor throws(RosterError) in
            try actor.authorization.requireGlobalAdmin()
            let change = try command.change(of: snapshot.declarations.values, now: runner.directory.now) {
                snapshot.userCount(having: $0)
            }
            return .init(
                change: change, preconditions: Preconditions(at: snapshot.revision),
                summary: change.attributes.map(\.summary).joined())
        }
    }
}

extension AttributeDeclaration {
    /// One line for the operation log.
    package var summary: String {
        guard removeTime == nil else { return "removed" }
        return "\(syntax.rawValue), \(isMultiple ? "several values" : "one value")"
            + "\(isSearchable ? ", searchable" : ""), \(oid)"
    }
}

/// Object identifiers below 2.25, where each UUID is an arc that needs no registration (ITU-T X.667).
private enum UUIDArc {
    static func make() -> String {
        // The version and variant of RFC 9562 section 5.4.
        let high = UInt64.random(in: 0 ... .max) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = UInt64.random(in: 0 ... .max) & 0x3FFF_FFFF_FFFF_FFFF | 1 << 63
        return "2.25.\(UInt128(high) << 64 | UInt128(low))"
    }
}
