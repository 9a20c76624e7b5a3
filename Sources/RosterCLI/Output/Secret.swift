import Glibc
import RosterModel

/// Reads a password without showing it.
enum Secret {
    /// Reads from the terminal without echo, or one line of standard input if that is not a terminal.
    /// - Parameter twice: whether to ask for it a second time, because a typing error would not show.
    /// - Throws: `CommandError` if there is no password, or the two differ.
    static func read(_ prompt: String, twice: Bool) throws -> String {
        guard Output.isTerminal(STDIN_FILENO) else {
            guard let line = readLine(strippingNewline: true), !line.isEmpty else {
                throw CommandError("no password on standard input")
            }
            return line
        }
        let password = try ask(prompt)
        if twice, try ask("\(prompt), again") != password { throw CommandError("the two passwords are not the same") }
        return password
    }

    /// The terminal's settings before the prompt. Safe despite the annotation: it is set before the signal handlers
    /// that read it are installed, and a command asks one question at a time.
    nonisolated(unsafe) private static var terminal = termios()

    private static func ask(_ prompt: String) throws -> String {
        var shown = termios()
        guard tcgetattr(STDIN_FILENO, &shown) == 0 else { throw CommandError("cannot ask: \(systemError())") }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        terminal = shown
        let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
        for number in signals {
            // On an abort at the prompt, restore the terminal first.
            signal(number) { number in
                tcsetattr(STDIN_FILENO, TCSANOW, &Secret.terminal)
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            for number in signals { signal(number, SIG_DFL) }
            Output.prompt("\n")
        }
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0 else {
            throw CommandError("cannot hide what is typed: \(systemError())")
        }
        Output.prompt(prompt + ": ")
        guard let line = readLine(strippingNewline: true), !line.isEmpty else {
            throw CommandError("no password given")
        }
        return line
    }
}
