import Glibc

/// Reads a password without showing it.
enum Secret {
    /// From the terminal without echo, or, where standard input is none, one line of it.
    /// - Parameter twice: whether a person must type it again, because a slip would not show.
    /// - Throws: `CommandFailure` where there is none, or the two differ.
    static func read(_ prompt: String, twice: Bool) throws -> String {
        guard Output.isTerminal(STDIN_FILENO) else {
            guard let line = readLine(strippingNewline: true), !line.isEmpty else {
                throw CommandFailure("no password on standard input")
            }
            return line
        }
        let password = try ask(prompt)
        if twice, try ask("\(prompt), again") != password { throw CommandFailure("the two passwords are not the same") }
        return password
    }

    private static func ask(_ prompt: String) throws -> String {
        var shown = termios()
        guard tcgetattr(STDIN_FILENO, &shown) == 0 else { throw CommandFailure("cannot ask: \(systemError())") }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        Output.prompt(prompt + ": ")
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
            Output.prompt("\n")
        }
        guard let line = readLine(strippingNewline: true), !line.isEmpty else {
            throw CommandFailure("no password given")
        }
        return line
    }
}
