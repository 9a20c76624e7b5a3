import ArgumentParser
import Foundation
import RosterLDAP
import RosterModel
import RosterServing

/// A setting of the server or of the commands that call it. `Setting.all` is the only list: names of variables, the
/// checks of files and flags, `roster config` and the table in `docs/operations/settings.md` follow from it.
struct Setting {
    /// Its name in files. The environment variable has it in capitals, after `ROSTER_`.
    let name: String
    let kind: Kind
    /// What counts if it is not set; nil if nothing does.
    let defaultValue: String?
    /// Whether its value is never shown.
    let isSecret: Bool
    /// What SIGHUP does with it.
    let reload: Reload
    let side: Side
    /// The settings without which it has no effect.
    let needs: [String]
    /// What it is, as a sentence for help and documentation.
    let help: String

    init(
        _ name: String, _ kind: Kind, default defaultValue: String? = nil, isSecret: Bool = false,
        reload: Reload = .atStart, side: Side = .server, needs: [String] = [], help: String
    ) {
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
        self.isSecret = isSecret
        self.reload = reload
        self.side = side
        self.needs = needs
        self.help = help
    }

    /// Who reads the setting.
    enum Side: String {
        case server
        case client
    }

    /// What a running server does with a changed setting at SIGHUP.
    enum Reload: String {
        /// It is read at a start only.
        case atStart = "no"
        /// The new value counts at once.
        case atOnce = "yes"
        /// The file that it names is read again; another name needs a restart.
        case contents = "contents"
    }

    /// What values a setting may have.
    enum Kind {
        case address
        case choice([String])
        case flag
        case number(ClosedRange<Int>, of: String)
        case file
        case folder
        case folders
        case rate
        case proxies
        case store
        case ldapName
        case url
        case text
    }

    /// Whether it is on or off.
    var isSwitch: Bool { if case .flag = kind { true } else { false } }

    /// The environment variable that sets it.
    var variable: String { Self.environmentPrefix + name.uppercased() }

    /// The flag that sets it, of the commands that have one.
    var flag: String { "--" + name.replacing("_", with: "-") }

    /// What the names of all variables begin with.
    static let environmentPrefix = "ROSTER_"

    /// The setting of that name.
    static func named(_ name: String) -> Setting? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// The value as it may be shown: nothing of a secret, an address of a database without its password.
    func shown(_ value: String) -> String {
        if isSecret { return "(hidden)" }
        if case .store = kind { return PostgresStoreFactory.redacted(value) }
        return value.sanitizedForDisplay(limit: 1000)
    }
}

extension Setting.Kind {
    /// What is wrong with a value, as what follows the name of the setting; nil if it fits. Shows no value, which may
    /// be a misplaced secret.
    func fault(in value: String) -> String? {
        switch self {
        case .address: return (try? Address(value)) == nil ? " must be HOST:PORT, such as 127.0.0.1:8080" : nil
        case .choice(let choices):
            return choices.contains(value) ? nil : " must be \(Self.list(choices))"
        case .flag: return Settings.boolean(value) == nil ? " must be true or false" : nil
        case .number(let range, let unit):
            let isInRange = Int(value).map { range.contains($0) } ?? false
            return isInRange
                ? nil : " must be from \(range.lowerBound) to \(range.upperBound)\(unit.isEmpty ? "" : " \(unit)")"
        case .folders:
            let all = value.split(separator: ",", omittingEmptySubsequences: false)
            let areAbsolute = all.allSatisfy { $0.drop { $0 == " " }.hasPrefix("/") }
            return areAbsolute ? nil : " must be absolute paths, separated by commas"
        case .rate: return Self.fault { () throws(RosterError) in _ = try RateSetting(value) }
        case .proxies: return Self.fault { () throws(RosterError) in _ = try TrustedProxies(value) }
        case .store: return PostgresStoreFactory.fault(in: value).map { ": " + $0 }
        case .ldapName:
            return Self.fault { () throws(RosterError) in _ = try DirectoryInformationTree(base: value, naming: .uid) }
        case .url:
            let url = URL(string: value)
            let isWeb = ["http", "https"].contains(url?.scheme) && url?.host != nil
            return isWeb ? nil : " must be a URL such as https://hpc-api.example.com"
        case .file, .folder, .text: return nil
        }
    }

    /// What the refusal of a parser says, without its name of the parameter.
    private static func fault(_ parse: () throws(RosterError) -> Void) -> String? {
        do {
            try parse()
            return nil
        } catch {
            return ": " + error.message.drop { $0 != ":" }.drop { $0 == ":" || $0 == " " }
        }
    }

    private static func list(_ choices: [String]) -> String {
        choices.count == 1
            ? choices[0] : choices.dropLast().joined(separator: ", ") + " or " + choices[choices.count - 1]
    }

    /// The kind as the placeholder of a flag's value.
    var valueName: String {
        switch self {
        case .choice(let choices): choices.joined(separator: "|")
        case .number: "number"
        case .folders: "folder,…"
        case .proxies: "address,…"
        case .rate: "calls/seconds|off"
        case .ldapName, .text: "name"
        default: text
        }
    }

    /// The kind in a word or two, for documentation.
    var text: String {
        switch self {
        case .address: "host:port"
        case .choice(let choices): Self.list(choices)
        case .flag: "true or false"
        case .number(let range, _): "\(range.lowerBound) to \(range.upperBound)"
        case .file: "file"
        case .folder: "folder"
        case .folders: "folders, separated by commas"
        case .rate: "calls/seconds or off"
        case .proxies: "addresses and ranges, separated by commas"
        case .store: "postgres://…"
        case .ldapName: "LDAP name"
        case .url: "URL"
        case .text: "text"
        }
    }
}

extension ArgumentHelp {
    /// The help of the flag of a setting.
    static func setting(_ name: String) -> ArgumentHelp {
        guard let setting = Setting.named(name) else { preconditionFailure("there is no setting \(name)") }
        let needs = setting.needs.compactMap(Setting.named).map(\.flag).joined(separator: " and ")
        let what = String(setting.help.dropLast()) + (needs.isEmpty ? "" : "; needs " + needs)
        // A switch has no value.
        let text = what + (setting.isSwitch ? "" : setting.defaultValue.map { "; default " + $0 } ?? "") + "."
        return ArgumentHelp("\(text)", valueName: setting.kind.valueName)
    }
}
