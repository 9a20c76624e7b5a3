import RosterModel
import Testing

@Suite struct FairQueueTests {
    private let guesser = QueueClient("guesser", isSuspect: true)
    private let alice = QueueClient("alice")
    private let bob = QueueClient("bob")

    /// Takes everything out, in order.
    private func drain(_ queue: inout FairQueue<String>) -> [String] {
        var all: [String] = []
        while let next = queue.popFirst() { all.append(next) }
        return all
    }

    @Test func clientsTakeTurns() {
        var queue = FairQueue<String>(maximumPerClient: 9, maximum: 99)
        for work in ["a1", "a2", "a3"] { #expect(queue.append(work, for: alice) == nil) }
        for work in ["b1", "b2"] { #expect(queue.append(work, for: bob) == nil) }
        #expect(drain(&queue) == ["a1", "b1", "a2", "b2", "a3"])
        #expect(queue.count == 0)
    }

    @Test func suspectsComeLastButGetOneTurnInEight() {
        var queue = FairQueue<String>(maximumPerClient: 20, maximum: 99)
        for number in 0..<3 { _ = queue.append("g\(number)", for: guesser) }
        for number in 0..<16 { _ = queue.append("a\(number)", for: alice) }
        let order = drain(&queue)
        #expect(order.enumerated().filter { $0.element.hasPrefix("g") }.map(\.offset) == [7, 15, 18])
    }

    @Test func suspectsMayBeLeftWaiting() {
        var queue = FairQueue<String>(maximumPerClient: 9, maximum: 99)
        _ = queue.append("g", for: guesser)
        #expect(queue.popFirst(takesSuspects: false) == nil)
        _ = queue.append("a", for: alice)
        #expect(queue.popFirst(takesSuspects: false) == "a")
        #expect(queue.popFirst() == "g")
    }

    @Test func aClientHasItsShareOnly() {
        var queue = FairQueue<String>(maximumPerClient: 2, maximum: 99)
        #expect(queue.append("a1", for: alice) == nil)
        #expect(queue.append("a2", for: alice) == nil)
        #expect(queue.append("a3", for: alice) == "a3")
        #expect(queue.append("b1", for: bob) == nil)
    }

    @Test func aFullQueueTakesFromWhoHasMost() {
        var queue = FairQueue<String>(maximumPerClient: 9, maximum: 3)
        for work in ["a1", "a2", "a3"] { _ = queue.append(work, for: alice) }
        #expect(queue.append("b1", for: bob) == "a3")
        #expect(queue.append("b2", for: bob) == "b2", "taking one more from alice would turn it round")
        #expect(queue.append("g1", for: guesser) == "g1", "a suspect takes nothing from others")
        #expect(queue.count == 3)
        #expect(drain(&queue) == ["a1", "b1", "a2"])
    }

    @Test func aFullQueueTakesFromSuspectsFirst() {
        var queue = FairQueue<String>(maximumPerClient: 9, maximum: 3)
        _ = queue.append("g1", for: guesser)
        for work in ["a1", "a2"] { _ = queue.append(work, for: alice) }
        #expect(queue.append("a3", for: alice) == "g1")
        #expect(drain(&queue) == ["a1", "a2", "a3"])
    }
}
