import Configuration
import Foundation
import SystemPackage

/// A settings file: a flat YAML map. The YAML reader reports no lines, so the lines are found in the text, and what the
/// reader would ignore too.
struct SettingsFile {
    let path: String
    /// The values; nil if the file is not YAML.
    private let reader: ConfigReader?
    /// Where each setting stands, from 1.
    private let lines: [String: Int]
    /// Everything that is wrong, in the order of the lines.
    let faults: [Fault]

    /// What is wrong in a line, or with the whole file. Shows no value, which may be a secret.
    struct Fault: Equatable {
        var line: Int?
        let message: String
    }

    /// Reads a file. Faults of its contents are `faults`.
    /// - Throws: `UnreadableFileError` if it cannot be read.
    init(_ path: String) async throws {
        self.path = path
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            guard FileManager.default.isReadableFile(atPath: path) else {
                throw UnreadableFileError(path: path)
            }
            (reader, lines, faults) = (nil, [:], [Self.noMap])
            return
        }
        // The YAML reader rejects a file without a setting.
        guard !Self.isEmpty(text) else {
            (reader, lines, faults) = (nil, [:], [])
            return
        }
        var scan = Scan()
        scan.read(text)
        lines = scan.lines
        // The vendor's file also has settings of the vendor's own programs.
        let isVendors = path.hasSuffix("/.qingcloud/config.yaml")
        do {
            reader = ConfigReader(provider: try await FileProvider<YAMLSnapshot>(filePath: FilePath(path)))
        } catch {
            reader = nil
            // That a setting is there twice is told with its lines.
            let all = scan.faults + Self.faults(of: { scan.values[$0.name] }, lines)
            faults = Self.sorted(scan.hasDoubles ? all : all + [Self.noMap(error)])
            return
        }
        let value = { [reader] (setting: Setting) in Self.value(setting, in: reader) }
        faults = isVendors ? [] : Self.sorted(scan.faults + Self.faults(of: value, lines))
    }

    /// Whether it is a map of settings, or has none.
    var isMap: Bool { reader != nil || faults.isEmpty }

    /// The value of a setting; nil if it is missing or empty.
    func value(_ setting: Setting) -> String? { Self.value(setting, in: reader) }

    /// The line where a setting stands; nil if the file has it in a form whose lines are not known.
    func line(of name: String) -> Int? { lines[name] }

    /// The error for a file with faults: the first, and how many more there are.
    var error: CommandError? {
        guard let first = faults.first else { return nil }
        let others = faults.count > 1 ? "; \(faults.count - 1) more: roster config check \(path)" : ""
        return CommandError(describe(first) + others)
    }

    /// A fault with the file and its line.
    func describe(_ fault: Fault) -> String {
        "the configuration file \(path)\(fault.line.map { ", line \($0): " } ?? " ")\(fault.message)"
    }

    private static func value(_ setting: Setting, in reader: ConfigReader?) -> String? {
        let value = reader?.string(forKey: ConfigKey([setting.name]), isSecret: setting.isSecret)
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What is wrong with values, each alone and together.
    private static func faults(of value: (Setting) -> String?, _ lines: [String: Int]) -> [Fault] {
        let values = Dictionary(
            uniqueKeysWithValues: Setting.all.compactMap { setting in value(setting).map { (setting.name, $0) } })
        return Setting.all.compactMap { setting in
            guard let value = values[setting.name] else { return nil }
            let fault = setting.kind.fault(in: value) ?? setting.fault(among: { values[$0] }, named: \.name)
            return fault.map { Fault(line: lines[setting.name], message: setting.name + $0) }
        }
    }

    private static func sorted(_ faults: [Fault]) -> [Fault] { faults.sorted { ($0.line ?? 0) < ($1.line ?? 0) } }

    private static let noMap = Fault(message: "is not a flat YAML map of settings, such as zone: zone1")

    /// The YAML reader's message may quote the faulty line, which may contain a secret: only its number is taken, where
    /// the message begins with it.
    private static func noMap(_ error: any Error) -> Fault {
        let parts = "\(error)".split(separator: ":", maxSplits: 2)
        guard parts.count == 3, let line = Int(parts[0]), Int(parts[1]) != nil else { return noMap }
        return Fault(line: line, message: "the file \(noMap.message)")
    }

    /// Whether a text has blank lines and comments only, as the file of the package has at first.
    private static func isEmpty(_ text: String) -> Bool {
        text.split(whereSeparator: \.isNewline).allSatisfy { line in
            let content = line.drop(while: \.isWhitespace)
            return content.isEmpty || content.first == "#"
        }
    }
}

/// A settings file cannot be read.
struct UnreadableFileError: Error, CustomStringConvertible {
    let path: String

    var description: String { "the configuration file \(path) cannot be read" }
}

/// The lines of a settings file: where each setting stands, which do not exist, and which have more than one value.
private struct Scan {
    var lines: [String: Int] = [:]
    /// The values as far as they are plain, for a file that is not YAML.
    var values: [String: String] = [:]
    var faults: [SettingsFile.Fault] = []
    /// Whether a setting is there twice, which the YAML reader refuses.
    var hasDoubles = false
    private var last: Substring?
    /// The indentation of all settings, taken from the first one.
    private var indentation: Int?

    mutating func read(_ text: String) {
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let message = fault(in: line, number: index + 1) {
                faults.append(.init(line: index + 1, message: message))
            }
        }
    }

    private mutating func fault(in line: Substring, number: Int) -> String? {
        let line = line.hasPrefix("---") ? line.dropFirst(3).drop { $0 == " " } : line
        let content = line.drop { $0 == " " || $0 == "\t" }
        if content.isEmpty || content.first == "\r" || content.first == "#" { return nil }
        guard content.first != "{" else { return "write each setting on a line of its own" }
        let own = line.count - content.count
        if own > indentation ?? own || content.hasPrefix("- ") {
            return "\(last ?? "the file") takes one value; separate several by commas"
        }
        indentation = indentation ?? own
        guard let colon = content.firstIndex(of: ":") else { return nil }
        let name = String(content[..<colon].filter { $0 != "\"" && $0 != "'" && $0 != " " })
        guard Setting.named(name) != nil else { return SettingName.unknown(name) }
        defer { lines[name] = number }
        if let before = lines[name] {
            hasDoubles = true
            return "\(name) is set twice, first in line \(before)"
        }
        let value = content[content.index(after: colon)...].drop { $0 == " " }
        if value.first == "[" || value.first == "{" {
            return "\(name) takes one value; separate several by commas"
        }
        let plain = value.prefix { $0 != "#" && $0 != "\r" }.filter { $0 != "\"" && $0 != "'" && $0 != " " }
        if !plain.isEmpty { values[name] = plain }
        last = Substring(name)
        return nil
    }
}
