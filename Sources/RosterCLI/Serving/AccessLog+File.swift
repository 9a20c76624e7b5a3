import Logging
import RosterHTTP
import RosterModel

extension AccessLog {
    /// The log in a file.
    /// - Parameter logger: is told of lines that are lost.
    /// - Throws: `CommandError` if the file cannot be opened.
    convenience init(file path: String, logger: Logger) throws {
        let name = path.sanitizedForDisplay(limit: 300)
        do {
            try self.init(path: path) { event in
                switch event {
                case .lost(let count):
                    logger.warning(
                        "lines of the access log are lost", metadata: ["file": "\(name)", "lines": "\(count)"])
                case .failed(let cause):
                    logger.error(
                        "the access log cannot be written; requests are answered without",
                        metadata: ["file": "\(name)", "cause": "\(cause)"])
                case .recovered: logger.notice("the access log is written again", metadata: ["file": "\(name)"])
                case .notReopened(let cause):
                    logger.error(
                        "the access log cannot be opened again; the old file stays in use",
                        metadata: ["file": "\(name)", "cause": "\(cause)"])
                }
            }
        } catch {
            throw CommandError("--access-log: cannot open \(name): \(error)")
        }
    }
}
