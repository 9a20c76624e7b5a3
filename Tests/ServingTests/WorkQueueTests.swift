import Glibc
import RosterModel
import RosterServing
import RosterTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct WorkQueueTests {
    private final class Seen: Sendable {
        let running = Atomic(0)
        let most = Mutex(0)
    }

    private final class Gate: Sendable {
        let isOpen = Atomic(false)

        func wait() { while !isOpen.load(ordering: .acquiring) { usleep(100) } }
    }

    @Test func noMoreRunsAtOnceThanTheWidth() async {
        let queue = WorkQueue(width: 2)
        let seen = Seen()
        await withTaskGroup(of: Int?.self) { group in
            for number in 0..<40 {
                group.addTask {
                    await queue.run(for: QueueClient("\(number % 3)"), isWanted: { true }) {
                        let now = seen.running.add(1, ordering: .relaxed).newValue
                        seen.most.withLock { $0 = max($0, now) }
                        usleep(1000)
                        seen.running.subtract(1, ordering: .relaxed)
                        return number
                    }
                }
            }
            var sum = 0
            for await value in group { sum += value ?? -1000 }
            #expect(sum == 40 * 39 / 2)
        }
        #expect((1...2).contains(seen.most.withLock(\.self)))
    }

    @Test func whatIsNotWantedAnyMoreDoesNotRun() async {
        let queue = WorkQueue(width: 1)
        let seen = Seen()
        let value = await queue.run(for: QueueClient("a"), isWanted: { false }) {
            seen.running.add(1, ordering: .relaxed)
            return 1
        }
        #expect(value == nil && seen.running.load(ordering: .relaxed) == 0)
    }

    @Test func oneClientFillsOnlyItsOwnShare() async {
        let queue = WorkQueue(width: 1, maximumPerClient: 2, maximum: 8)
        let gate = Gate()
        await withTaskGroup(of: (String, Bool).self) { group in
            group.addTask {
                let done: Bool? = await queue.run(for: QueueClient("first"), isWanted: { true }) {
                    gate.wait()
                    return true
                }
                return ("first", done == true)
            }
            // The first one runs before the others wait.
            try? await Task.sleep(for: .milliseconds(50))
            for _ in 0..<5 {
                group.addTask {
                    ("greedy", await queue.run(for: QueueClient("greedy"), isWanted: { true }) { true } == true)
                }
            }
            try? await Task.sleep(for: .milliseconds(50))
            group.addTask {
                ("other", await queue.run(for: QueueClient("other"), isWanted: { true }) { true } == true)
            }
            try? await Task.sleep(for: .milliseconds(50))
            gate.isOpen.store(true, ordering: .releasing)
            var done: [String: Int] = [:]
            for await (name, isDone) in group where isDone { done[name, default: 0] += 1 }
            #expect(done == ["first": 1, "greedy": 2, "other": 1])
        }
    }
}
