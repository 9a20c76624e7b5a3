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
            let near = subcommands.map { $0._commandName }.map { ($0, distance(word, $0)) }
                .filter { $0.1 <= max(1, $0.0.utf8.count / 3) }.min { $0.1 < $1.1 }
            let known = subcommands.map { $0._commandName }.sorted().joined(separator: ", ")
            return "no such command '\(shown)'" + (near.map { "; did you mean '\($0.0)'?" } ?? ": there are \(known)")
        }
        return nil
    }

    private static func names(of command: any ParsableCommand.Type) -> [String] {
        [command._commandName] + command.configuration.aliases
    }

    /// How many bytes must be added, removed, replaced, or exchanged with the next one, to make `second` of `first`.
    static func distance(_ first: String, _ second: String) -> Int {
        // A longer word is no command, and the table would be large.
        let (first, second) = (Array(first.utf8.prefix(64)), Array(second.utf8))
        var (beforeLast, last) = ([Int](), Array(0...second.count))
        for (row, byte) in first.enumerated() {
            var next = [row + 1]
            for (column, other) in second.enumerated() {
                var least = min(last[column] + (byte == other ? 0 : 1), last[column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, byte == second[column - 1], first[row - 1] == other {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                next.append(least)
            }
            (beforeLast, last) = (last, next)
        }
        return last[second.count]
    }
}
