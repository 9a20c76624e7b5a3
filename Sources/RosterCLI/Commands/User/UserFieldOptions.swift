import ArgumentParser
import RosterModel

/// The options that change fields of a user.
struct UserFieldOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The login shell.", valueName: "path"))
    var loginShell: String?

    @Option(help: ArgumentHelp("The home; no folder is moved.", valueName: "path"))
    var homeDirectory: String?

    @Option(help: ArgumentHelp("Where the shared file system is mounted for the user.", valueName: "path"))
    var nasMountPoint: String?

    @Option(help: "The gid of the group that becomes the primary one.")
    var gidNumber: String?

    @Option(help: "boss, admin or member.")
    var role: String?

    @Option(help: "The permission mode of the home, such as 700.")
    var mod: String?

    @Option(help: ArgumentHelp("The gecos of passwd(5).", valueName: "text"))
    var gecos: String?

    @Option(help: ArgumentHelp("The full name.", valueName: "name"))
    var fullName: String?

    @Option(parsing: .singleValue, help: ArgumentHelp("A mail address; give it again for more.", valueName: "address"))
    var mail: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("Replace the values of an attribute; give it again for more.", valueName: "attribute=value"))
    var set: [String] = []

    @Option(parsing: .singleValue, help: ArgumentHelp("Delete all values of an attribute.", valueName: "attribute"))
    var unset: [String] = []

    func validate() throws {
        for text in set where !text.contains("=") {
            throw ValidationError("--set takes attribute=value, not '\(text.sanitizedForDisplay())'.")
        }
    }

    /// The members of a request body that name the changes.
    /// - Throws: `CommandError` if a file cannot be read; `ValidationError` if an attribute is both set and unset.
    func body() throws -> RequestBody {
        var body = RequestBody()
        let texts = [
            "login_shell": loginShell, "home_directory": homeDirectory, "nas_mount_point": nasMountPoint,
            "gid_number": gidNumber, "role": role, "mod": mod, "gecos": gecos,
        ]
        for case (let name, let text?) in texts { body.members[name] = .some(text) }
        var attributes: [String: [String]] = [:]
        if let fullName { attributes[UserAttribute.fullName.name] = fullName.isEmpty ? [] : [fullName] }
        if !mail.isEmpty { attributes[UserAttribute.mail.name] = mail.filter { !$0.isEmpty } }
        for text in set {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = UserAttribute(name: parts[0])?.name ?? parts[0]
            attributes[name, default: []].append(try Self.value(parts[1], of: name))
        }
        for text in unset {
            let name = UserAttribute(name: text)?.name ?? text
            guard attributes.updateValue([], forKey: name)?.isEmpty ?? true else {
                throw ValidationError("\(name.sanitizedForDisplay()) is to be set and to be unset.")
            }
        }
        if !attributes.isEmpty { body.attributes["attributes"] = attributes }
        return body
    }

    /// A value in the form that the API accepts. Whether an attribute of the site is binary, only the server knows: a
    /// file that is no text is sent as Base64.
    private static func value(_ text: String, of name: String) throws -> String {
        guard text.hasPrefix("@") else { return text }
        let bytes = try InputFile.read(String(text.dropFirst()))
        let attribute = UserAttribute(name: name)
        if attribute?.syntax.isBinary == true || attribute == nil && String(validating: bytes, as: UTF8.self) == nil {
            return String(decoding: Base64.encode(bytes), as: UTF8.self)
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw CommandError("\(text.dropFirst()) is not text in UTF-8")
        }
        if text.hasSuffix("\n") { text.removeLast() }
        return text
    }
}
