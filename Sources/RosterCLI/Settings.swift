import Configuration
import Foundation
import SystemPackage

/// Settings of a command: flags over environment (`ROSTER_…`) over files.
struct Settings {
    private let reader: ConfigReader

    /// - Parameters:
    ///   - flags: what stands on the command line, by the name of the setting.
    ///   - file: the file that `--config` names.
    ///   - defaultFiles: read where `--config` names none, those that are there.
    /// - Throws: `CommandFailure` where a file cannot be read.
    init(flags: [String: String?], file: String?, defaultFiles: [String] = []) async throws {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for case (let name, let value?) in flags {
            values[AbsoluteConfigKey([name])] = ConfigValue(.string(value), isSecret: false)
        }
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "flags", values: values),
            EnvironmentVariablesProvider().prefixKeys(with: ["roster"]),
        ]
        for path in file.map({ [$0] }) ?? defaultFiles {
            do {
                providers.append(
                    try await FileProvider<YAMLSnapshot>(filePath: FilePath(path), allowMissing: file == nil))
            } catch {
                // The parser's own text may quote the line at fault, and that line may hold a secret.
                let reason = FileManager.default.isReadableFile(atPath: path) ? "it is not YAML" : "it cannot be read"
                throw CommandFailure("the configuration file \(path) is of no use: \(reason)")
            }
        }
        reader = ConfigReader(providers: providers)
    }

    /// Where a client's settings may stand: Roster's own file, then that of the vendor's command line.
    static var clientFiles: [String] {
        let home = ProcessInfo.processInfo.environment["HOME"] ?? "/nonexistent"
        return [home + "/.config/roster/config.yaml", home + "/.qingcloud/config.yaml"]
    }

    /// The first of `names` that is set and not empty.
    func value(_ names: String..., isSecret: Bool = false) -> String? {
        for name in names {
            if let value = reader.string(forKey: ConfigKey([name]), isSecret: isSecret), !value.isEmpty { return value }
        }
        return nil
    }

    /// - Throws: `CommandFailure` that tells every way to set it.
    func required(_ names: String..., flag: String?, isSecret: Bool = false) throws -> String {
        for name in names {
            if let value = value(name, isSecret: isSecret) { return value }
        }
        let ways = [
            flag, "ROSTER_\(names[0].uppercased()) in the environment", "\(names[0]) in ~/.config/roster/config.yaml",
        ]
        throw CommandFailure("\(names[0]) is not set: use \(ways.compactMap { $0 }.joined(separator: ", or "))")
    }
}
