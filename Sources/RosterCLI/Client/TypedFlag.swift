import RosterModel

/// The flags of the command line as they were typed, for messages.
enum TypedFlag {
    /// The first of `flags` that was typed; the first of all if none was.
    static func name(among flags: [String], in arguments: [String] = CommandLine.arguments) -> String {
        flags.first { isTyped($0, in: arguments) } ?? flags[0]
    }

    /// A message of the server about a parameter, with the flag that was typed for it instead: `--cluster-id` for
    /// `cluster_id`. Other messages stay.
    static func message(_ message: String, in arguments: [String] = CommandLine.arguments) -> String {
        guard let colon = message.firstRange(of: ": ") else { return message }
        let parameter = message[..<colon.lowerBound]
        guard !parameter.isEmpty, parameter.utf8.allSatisfy({ $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "_") })
        else { return message }
        let flags = ["--" + parameter.replacing("_", with: "-")] + (others[String(parameter)] ?? [])
        guard let flag = flags.first(where: { isTyped($0, in: arguments) }) else { return message }
        return flag + message[colon.lowerBound...]
    }

    /// The flags whose names are not those of their parameters.
    private static let others = [
        "expires": ["--at"], "group_name": ["--group"], "job_action": ["--action"], "username": ["--user"],
        "mod": ["--mode"],
    ]

    private static func isTyped(_ flag: String, in arguments: [String]) -> Bool {
        arguments.dropFirst().prefix { $0 != "--" }.contains { $0 == flag || $0.hasPrefix(flag + "=") }
    }
}
