import Logging
import RosterDirectory
import RosterModel

extension StoreHealthEvent {
    /// Writes one line per event. Events that may need an administrator are warnings.
    func write(to logger: Logger) {
        switch self {
        case .away(let cause):
            logger.warning(
                "the store is unreachable, reads go on and writes are refused", metadata: ["cause": "\(cause)"])
        case .back(let time):
            logger.notice("the store is reachable again", metadata: ["seconds": "\(time / .seconds(1))"])
        case .readOnly(let cause):
            logger.error("the store takes no writes, reads go on", metadata: ["cause": "\(cause)"])
        case .writable: logger.notice("the store takes writes again")
        case .pollFailed(let failure):
            logger.warning("following the store failed", metadata: ["cause": "\(failure)"])
        case .unreadableKey(let key, let cause):
            logger.warning(
                "an access key cannot be opened and is as unknown", metadata: ["key": "\(key)", "cause": "\(cause)"])
        }
    }
}
