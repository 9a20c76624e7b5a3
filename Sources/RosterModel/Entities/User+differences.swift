extension User {
    /// The API's names of the fields that differ from `other`, in the order in which the API lists them.
    package func namesOfDifferences(from other: User) -> [String] {
        var names: [String] = []
        forEachDifference(from: other) { name, _ in names.append(name) }
        return names
    }

    /// The fields that differ in `changed`, each as `name: before -> after`, with `-` for a missing value.
    ///
    /// The result is safe to show: passwords and photos are only named, and long values are cut.
    package func descriptionOfDifferences(in changed: User) -> [String] {
        var lines: [String] = []
        forEachDifference(from: changed) { name, text in
            lines.append(text.map { "\(name): \($0(self)) -> \($0(changed))" } ?? "\(name) set")
        }
        return lines
    }

    /// Calls `body` with the name of each field that differs from `other` and a function that formats the field of a
    /// user; nil if the value must not be shown.
    private func forEachDifference(from other: User, _ body: (String, ((User) -> String)?) -> Void) {
        func compare<Value: Equatable>(_ name: String, _ field: KeyPath<User, Value>, _ text: ((Value) -> String?)?) {
            guard self[keyPath: field] != other[keyPath: field] else { return }
            body(
                name,
                text.map { text in
                    { user in text(user[keyPath: field]).map { $0.isEmpty ? "-" : Self.shown($0) } ?? "-" }
                })
        }
        compare("username", \.username, \.text)
        compare("user_id", \.account, \.text)
        compare("gid_number", \.gidNumber) { String($0) }
        compare("role", \.role, \.rawValue)
        compare("mod", \.mode, \.?.description)
        compare("nas_mount_point", \.nasMountPoint, \.self)
        compare("create_time", \.createTime, \.iso8601)
        compare("update_time", \.updateTime, \.iso8601)
        compare("home_directory", \.homeDirectory, \.self)
        compare("login_shell", \.loginShell, \.self)
        compare("gecos", \.gecos, \.self)
        compare("password", \.password, nil)
        compare("state", \.state, \.rawValue)
        compare("expires", \.expires, \.?.iso8601)
        var names = attributes.names
        names += other.attributes.names.filter { !names.contains($0) }
        for name in names where attributes.values(named: name) != other.attributes.values(named: name) {
            // Photos and other values that are no text are only named.
            let values = attributes.values(named: name) + other.attributes.values(named: name)
            guard values.allSatisfy({ String(validating: $0, as: UTF8.self)?.hasControlCharacter == false }) else {
                body(name, nil)
                continue
            }
            body(name) { user in
                let values = user.attributes.values(named: name).map { Self.shown(String(decoding: $0, as: UTF8.self)) }
                return values.isEmpty ? "-" : Self.shown(values.joined(separator: ", "), limit: 1024)
            }
        }
    }

    private static func shown(_ text: String, limit: Int = 256) -> String {
        text.sanitizedForDisplay(limit: limit) + (text.unicodeScalars.count > limit ? "…" : "")
    }
}
