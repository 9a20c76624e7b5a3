/// Work that waits for a free thread. Clients take turns, each with its oldest work; suspect clients come last, but get
/// one turn in eight.
///
/// When the queue is full, the client that waits for most loses its newest work, so that one with little is not refused.
package struct FairQueue<Work> {
    /// The maximum number that waits for one client.
    private let maximumPerClient: Int
    /// The maximum number that waits in all.
    private let maximum: Int

    private var waiting: [QueueClient: [Work]] = [:]
    /// The clients that have work waiting, in the order of their turns.
    private var trusted: [QueueClient] = []
    private var suspects: [QueueClient] = []
    private var turn = 0
    /// How much work waits.
    package private(set) var count = 0

    /// Creates an empty queue.
    package init(maximumPerClient: Int, maximum: Int) {
        self.maximumPerClient = maximumPerClient
        self.maximum = maximum
    }

    /// Adds work.
    /// - Returns: the work that is refused instead, possibly `work` itself; nil if there was room.
    package mutating func append(_ work: Work, for client: QueueClient) -> Work? {
        let own = waiting[client]?.count ?? 0
        guard own < maximumPerClient else { return work }
        var refused: Work?
        if count >= maximum {
            guard let longest = longest(than: client, with: own), let newest = removeLast(of: longest) else {
                return work
            }
            refused = newest
        }
        if own == 0 {
            if client.isSuspect { suspects.append(client) } else { trusted.append(client) }
        }
        waiting[client, default: []].append(work)
        count += 1
        return refused
    }

    /// Removes the work whose turn it is.
    /// - Parameter takesSuspects: false leaves the work of suspect clients in the queue.
    package mutating func popFirst(takesSuspects: Bool = true) -> Work? {
        let suspectsFirst = takesSuspects && !suspects.isEmpty && (trusted.isEmpty || turn % 8 == 7)
        guard suspectsFirst || !trusted.isEmpty else { return nil }
        turn = (turn + 1) % 8
        let client = suspectsFirst ? suspects.removeFirst() : trusted.removeFirst()
        guard var own = waiting[client], !own.isEmpty else { return nil }
        let work = own.removeFirst()
        count -= 1
        waiting[client] = own.isEmpty ? nil : own
        if !own.isEmpty {
            if client.isSuspect { suspects.append(client) } else { trusted.append(client) }
        }
        return work
    }

    /// The client that waits for most, and for more than `client` with its `own` work; suspects before others.
    private func longest(than client: QueueClient, with own: Int) -> QueueClient? {
        let candidates = suspects.isEmpty ? trusted : suspects
        guard let longest = candidates.max(by: { length(of: $0) < length(of: $1) }) else { return nil }
        if longest.isSuspect, !client.isSuspect { return longest }
        return longest.isSuspect == client.isSuspect && length(of: longest) > own + 1 ? longest : nil
    }

    private func length(of client: QueueClient) -> Int { waiting[client]?.count ?? 0 }

    private mutating func removeLast(of client: QueueClient) -> Work? {
        guard var own = waiting[client], let work = own.popLast() else { return nil }
        count -= 1
        waiting[client] = own.isEmpty ? nil : own
        if own.isEmpty {
            trusted.removeAll { $0 == client }
            suspects.removeAll { $0 == client }
        }
        return work
    }
}
