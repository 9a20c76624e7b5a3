import Configuration
import Foundation
import RosterModel
import SystemPackage

/// The settings of a command: flags take precedence over the environment (`ROSTER_…`), which takes precedence over
/// files.
struct Settings {
    /// Flags and environment together, then each file; the first source with a value counts.
    private let sources: [ConfigReader]
    /// Default files that exist but cannot be read.
    private let unreadable: [String]

    /// - Parameters:
    ///   - flags: the flags of the command line, by the name of the setting.
    ///   - environment: the variables of the process.
    ///   - file: the file that `--config` names.
    ///   - defaultFiles: read if `--config` names no file; missing ones are ignored. An unreadable one is reported only
    ///     if a required setting is missing.
    /// - Throws: `CommandError` if `file` cannot be read, or any file has a setting that does not exist or has several
    ///   values.
    init(
        flags: [String: String?], environment: [String: String] = ProcessInfo.processInfo.environment, file: String?,
        defaultFiles: [String] = []
    ) async throws {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for case (let name, let value?) in flags {
            values[AbsoluteConfigKey([name])] = ConfigValue(.string(value), isSecret: false)
        }
        var sources = [
            ConfigReader(providers: [
                InMemoryProvider(name: "flags", values: values),
                EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: ["roster"]),
            ])
        ]
        var unreadable: [String] = []
        for path in file.map({ [$0] }) ?? defaultFiles {
            guard file != nil || FileManager.default.fileExists(atPath: path) else { continue }
            do {
                sources.append(ConfigReader(provider: try await Self.read(path)))
            } catch let error as CommandError {
                throw error
            } catch {
                guard file == nil else { throw CommandError(Self.fault(of: path)) }
                unreadable.append(Self.fault(of: path))
            }
        }
        self.sources = sources
        self.unreadable = unreadable
    }

    private static func read(_ path: String) async throws -> any ConfigProvider {
        // The YAML reader rejects a file without a setting.
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard !SettingsFile.isEmpty(text) else { return InMemoryProvider(values: [:]) }
        let provider = try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
        // The vendor's file also has settings of the vendor's own programs.
        if !path.hasSuffix("/.qingcloud/config.yaml") { try SettingsFile.check(text, path: path) }
        return provider
    }

    /// The YAML reader's message may quote the faulty line, which may contain a secret.
    private static func fault(of path: String) -> String {
        FileManager.default.isReadableFile(atPath: path)
            ? "the configuration file \(path) is not a flat YAML map of settings, such as zone: zone1"
            : "the configuration file \(path) cannot be read"
    }

    /// The files that may hold a client's settings: Roster's own, then that of the vendor's command line.
    static var clientFiles: [String] {
        let home = ProcessInfo.processInfo.environment["HOME"] ?? "/nonexistent"
        return [home + "/.config/roster/config.yaml", home + "/.qingcloud/config.yaml"]
    }

    /// The setting `name`; nil if it is missing or empty.
    func value(_ name: String) -> String? {
        for source in sources {
            if let value = Self.value([name], in: source) { return value }
        }
        return nil
    }

    /// The setting `name` as a boolean; false if it is not set.
    /// - Throws: `CommandError` unless it is `true`, `yes`, `on`, `1`, `false`, `no`, `off` or `0`, ignoring case.
    func flag(_ name: String) throws -> Bool {
        guard let value = value(name) else { return false }
        switch value.lowercased() {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0": return false
        default: throw CommandError("\(name) is '\(value.sanitizedForDisplay(limit: 32))': write true or false")
        }
    }

    private static func value(_ names: [String], in source: ConfigReader, isSecret: Bool = false) -> String? {
        for name in names {
            if let value = source.string(forKey: ConfigKey([name]), isSecret: isSecret), !value.isEmpty { return value }
        }
        return nil
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
        let pairs = sources.map { source in
            (
                id: Self.value(["access_key_id", "qy_access_key_id"], in: source),
                secret: Self.value(["secret_access_key", "qy_secret_access_key"], in: source, isSecret: true)
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
