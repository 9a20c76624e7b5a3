import Configuration
import Foundation
import RosterModel
import SystemPackage

/// Settings of a command: flags over environment (`ROSTER_…`) over files.
struct Settings {
    /// Flags and environment together, then each file; the first that has a value gives it.
    private let sources: [ConfigReader]
    /// Default files that were there and could not be read.
    private let unreadable: [String]

    /// - Parameters:
    ///   - flags: what stands on the command line, by the name of the setting.
    ///   - environment: the variables of the process.
    ///   - file: the file that `--config` names.
    ///   - defaultFiles: read where `--config` names none, those that are there. One of them that is broken is told of only
    ///     where a setting is missing in the end.
    /// - Throws: `CommandError` where `file` cannot be read.
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
        // The reader takes an empty file for a broken one.
        let text = try String(contentsOfFile: path, encoding: .utf8)
        guard text.contains(where: { !$0.isWhitespace }) else { return InMemoryProvider(values: [:]) }
        let provider = try await FileProvider<YAMLSnapshot>(filePath: FilePath(path))
        // The vendor's file has settings of the vendor's own programs.
        if !path.hasSuffix("/.qingcloud/config.yaml") { try SettingsFile.check(text, path: path) }
        return provider
    }

    /// The reader's own words may quote the line at fault, and that line may hold a secret.
    private static func fault(of path: String) -> String {
        FileManager.default.isReadableFile(atPath: path)
            ? "the configuration file \(path) is not a flat YAML map of settings, such as zone: zone1"
            : "the configuration file \(path) cannot be read"
    }

    /// Where a client's settings may stand: Roster's own file, then that of the vendor's command line.
    static var clientFiles: [String] {
        let home = ProcessInfo.processInfo.environment["HOME"] ?? "/nonexistent"
        return [home + "/.config/roster/config.yaml", home + "/.qingcloud/config.yaml"]
    }

    /// The setting called `name`, where it is set and not empty.
    func value(_ name: String) -> String? {
        for source in sources {
            if let value = Self.value([name], in: source) { return value }
        }
        return nil
    }

    /// The setting called `name` as a truth value; false if it is not set.
    /// - Throws: `CommandError` if it is neither `true`, `yes`, `on` or `1` nor `false`, `no`, `off` or `0`, ignoring case.
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

    /// - Throws: `CommandError` that tells every way to set it.
    func required(_ name: String, flag: String?) throws -> String {
        if let value = value(name) { return value }
        throw missing(name, flag: flag)
    }

    private func missing(_ name: String, flag: String?) -> CommandError {
        let ways = [flag, "ROSTER_\(name.uppercased()) in the environment", "\(name) in ~/.config/roster/config.yaml"]
        let reasons = unreadable.map { "; \($0)" }.joined()
        return CommandError("\(name) is not set: use \(ways.compactMap { $0 }.joined(separator: ", or "))\(reasons)")
    }

    /// The access key and its secret. A secret belongs to the key that it stands beside: one of another key is passed over.
    /// - Throws: `CommandError` that tells which half is missing.
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
