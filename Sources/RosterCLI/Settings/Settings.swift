import Foundation
import RosterModel

/// The settings of a command: flags take precedence over the environment (`ROSTER_…`), which takes precedence over
/// files.
struct Settings {
    /// Flags and environment together, then each file; the first source with a value counts.
    private let sources: [Source]
    /// Default files that exist but cannot be read.
    private let unreadable: [String]

    private enum Source {
        case command(flags: [String: String], environment: [String: String])
        case file(SettingsFile)

        /// The setting; nil if it is missing or empty.
        func value(_ setting: Setting) -> String? {
            switch self {
            case .command(let flags, let environment): flags[setting.name] ?? environment[setting.variable]
            case .file(let file): file.value(setting)
            }
        }
    }

    /// Where a value comes from.
    enum Origin: Equatable {
        case flag
        case environment
        case file(String, line: Int?)
    }

    /// - Parameters:
    ///   - flags: the flags of the command line, by the name of the setting.
    ///   - environment: the variables of the process.
    ///   - file: the file that `--config` names.
    ///   - defaultFiles: read if `--config` names no file; missing ones are ignored. An unreadable one is reported only
    ///     if a required setting is missing.
    /// - Throws: `CommandError` if `file` cannot be read, or any file has a setting that does not exist, does not fit,
    ///   or has no effect beside the others.
    init(
        flags: [String: String?], environment: [String: String] = ProcessInfo.processInfo.environment, file: String?,
        defaultFiles: [String] = []
    ) async throws {
        var sources = [
            Source.command(
                flags: flags.compactMapValues { $0 }.filter { !$0.value.isEmpty },
                environment: environment.filter {
                    $0.key.hasPrefix(Setting.environmentPrefix) && !$0.value.isEmpty
                })
        ]
        var unreadable: [String] = []
        for path in file.map({ [$0] }) ?? defaultFiles {
            guard file != nil || FileManager.default.fileExists(atPath: path) else { continue }
            do {
                let read = try await SettingsFile(path)
                // Another program may have written a default file that is no map.
                if let error = read.error, file != nil || read.isMap { throw error }
                if let error = read.error { unreadable.append(error.description) } else { sources.append(.file(read)) }
            } catch let error as UnreadableFileError where file == nil {
                unreadable.append(error.description)
            }
        }
        self.sources = sources
        self.unreadable = unreadable
    }

    /// The files that may hold a client's settings: Roster's own, then that of the vendor's command line.
    static var clientFiles: [String] {
        let home = ProcessInfo.processInfo.environment["HOME"] ?? "/nonexistent"
        return [home + "/.config/roster/config.yaml", home + "/.qingcloud/config.yaml"]
    }

    /// The setting `name`; nil if it is missing or empty.
    func value(_ name: String) -> String? { found(name)?.value }

    /// The setting `name` and where it comes from; nil if it is missing or empty.
    func found(_ name: String) -> (value: String, origin: Origin)? {
        guard let setting = Setting.named(name) else { return nil }
        for source in sources {
            guard let value = source.value(setting) else { continue }
            switch source {
            case .command(let flags, _): return (value, flags[name] == nil ? .environment : .flag)
            case .file(let file): return (value, .file(file.path, line: file.line(of: name)))
            }
        }
        return nil
    }

    /// Checks what a command of `side` reads from flags and the environment, and what belongs together, wherever it
    /// comes from.
    /// - Throws: `CommandError` that names the flag, variable or line at fault.
    func check(_ side: Setting.Side) throws {
        for setting in Setting.all where setting.side == side {
            guard let (value, origin) = found(setting.name) else { continue }
            let fault = setting.kind.fault(in: value) ?? setting.fault(among: self.value, named: \.flag)
            if let fault { throw CommandError(setting.typed(origin) + fault) }
        }
    }

    /// The setting `name` as a boolean; false if it is not set.
    /// - Throws: `CommandError` unless it is `true`, `yes`, `on`, `1`, `false`, `no`, `off` or `0`, ignoring case.
    func flag(_ name: String) throws -> Bool {
        guard let value = value(name) else { return false }
        guard let flag = Self.boolean(value) else {
            throw CommandError("\(name) is '\(value.sanitizedForDisplay(limit: 32))': write true or false")
        }
        return flag
    }

    /// A boolean as people write it; nil if it is none.
    static func boolean(_ value: String) -> Bool? {
        switch value.lowercased() {
        case "true", "yes", "on", "1": true
        case "false", "no", "off", "0": false
        default: nil
        }
    }

    /// - Throws: `CommandError` that names every way to set it.
    func required(_ name: String, flag: String?) throws -> String {
        if let value = value(name) { return value }
        throw missing(name, flag: flag)
    }

    private func missing(_ name: String, flag: String?) -> CommandError {
        let ways = [flag, "ROSTER_\(name.uppercased()) in the environment", "\(name) in ~/.config/roster/config.yaml"]
        let reasons = unreadable.map { "; \($0)" }.joined()
        return CommandError("\(name) is not set: use \(ways.compactMap { $0 }.joined(separator: ", or "))\(reasons)")
    }

    /// The access key and its secret. A secret next to an access key in the same source counts only for that key.
    /// - Throws: `CommandError` that names the missing half.
    func credentials() throws -> (accessKeyID: String, secretAccessKey: String) {
        func value(_ names: [String], in source: Source) -> String? {
            names.lazy.compactMap(Setting.named).compactMap { source.value($0) }.first
        }
        let pairs = sources.map { source in
            (
                id: value(["access_key_id", "qy_access_key_id"], in: source),
                secret: value(["secret_access_key", "qy_secret_access_key"], in: source)
            )
        }
        guard let id = pairs.lazy.compactMap(\.id).first else {
            throw missing("access_key_id", flag: "--access-key-id")
        }
        guard let secret = pairs.first(where: { $0.secret != nil && ($0.id ?? id) == id })?.secret else {
            throw missing("secret_access_key", flag: nil)
        }
        return (id, secret)
    }
}

extension Setting {
    /// What is wrong with the setting beside the others, as what follows its name; nil if nothing is.
    /// - Parameters:
    ///   - value: returns the value of a setting that is set.
    ///   - named: names a setting that is missing.
    func fault(among value: (String) -> String?, named: (Setting) -> String) -> String? {
        guard isOn(value(name)) else { return nil }
        let missing = needs.compactMap(Setting.named).filter { !$0.isOn(value($0.name)) }
        guard !missing.isEmpty else { return nil }
        return " needs " + missing.map(named).joined(separator: " and ")
    }

    /// Whether it has a value that is not false.
    private func isOn(_ value: String?) -> Bool {
        guard let value else { return false }
        return !isSwitch || Settings.boolean(value) == true
    }

    /// The setting as it was typed, for errors.
    func typed(_ origin: Settings.Origin) -> String {
        switch origin {
        case .flag: flag
        case .environment: variable
        case .file(let path, let line): "the configuration file \(path)\(line.map { ", line \($0)" } ?? ""): \(name)"
        }
    }
}
