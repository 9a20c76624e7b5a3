import ArgumentParser
import RosterModel

/// Finds a misspelt command before the parser does, which would only show the usage.
enum CommandNames {
    /// What is wrong with the commands that `arguments` begin with; nil if each is known.
    static func fault(
        in arguments: some Sequence<String>, of root: any ParsableCommand.Type = RosterCommand.self
    ) -> String? {
        var command = root
        for word in arguments {
            let subcommands = command.configuration.subcommands
            guard !subcommands.isEmpty, !word.hasPrefix("-"), word != "help" else { return nil }
            if let next = subcommands.first(where: { names(of: $0).contains(word) }) {
                command = next
                continue
            }
            let shown = word.sanitizedForDisplay(limit: 40)
            let known = subcommands.map { $0._commandName }
            let typed = Array(word.utf8)
            let near = known.compactMap { name in
                EditDistance.between(typed, Array(name.utf8), atMost: max(1, name.utf8.count / 3))
                    .map { (name: name, distance: $0) }
            }.min { $0.distance < $1.distance }
            return "no such command '\(shown)'"
                + (near.map { "; did you mean '\($0.name)'?" }
                    ?? ": there are \(known.sorted().joined(separator: ", "))")
        }
        return nil
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        [command._commandName] + command.configuration.aliases
    }
}
