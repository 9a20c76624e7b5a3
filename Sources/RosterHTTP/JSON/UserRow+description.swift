import RosterModel
import RosterSnapshot

extension UserRow {
    /// Writes the members of the list's element, and the fields that the list omits.
    /// - Parameters:
    ///   - groups: those that list the user as a member.
    ///   - catalog: the attributes that users can have.
    ///   - withPhotos: whether binary values are written.
    func writeDescription(
        groups: [Group], catalog: AttributeCatalog, withPhotos: Bool, to json: inout JSONWriter
    ) {
        json.object { json in
            writeMembers(to: &json)
            json.key("attributes")
            writeAttributes(catalog, withPhotos: withPhotos, to: &json)
            json.key("expires")
            if let expires { json.string(expires.iso8601) } else { json.null() }
            json.key("gecos")
            withGecos { json.string($0) }
            json.key("group_names")
            json.array { json in
                for name in groups.map(\.name).sorted() { json.string(name) }
            }
            json.key("home_directory")
            withHome { json.string($0) }
            json.key("login_shell")
            withShell { json.string($0) }
            json.key("password_time")
            if let passwordTime { json.string(passwordTime.iso8601) } else { json.null() }
            json.key("state")
            json.string(state.rawValue)
        }
    }

    /// Attributes by their LDAP names, each with a list of values. Binary values are in base64.
    private func writeAttributes(
        _ catalog: AttributeCatalog, withPhotos: Bool, to json: inout JSONWriter
    ) {
        let attributes = withAttributes { UserAttributes(text: $0) }
        json.object { json in
            for attribute in attributes.present(in: catalog) where withPhotos || !attribute.syntax.isBinary {
                json.key(named: attribute.name)
                json.array { json in
                    for value in attributes[attribute] {
                        let bytes = attribute.syntax.isBinary ? Base64.encode(value) : value
                        json.string(String(decoding: bytes, as: UTF8.self))
                    }
                }
            }
        }
    }
}
