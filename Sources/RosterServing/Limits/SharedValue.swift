import Synchronization

/// A value that every event loop reads and that changes seldom, such as a setting. Reading it takes no lock.
///
/// A reader may still use an old value when a new one is set, so all that were ever set stay in memory: it is for
/// values that an administrator changes, and that are small.
package final class SharedValue<Value: Sendable>: Sendable {
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    /// The newest of `boxes`, which keeps it alive.
    private let newest: Atomic<Unmanaged<Box>>
    private let boxes: Mutex<[Box]>

    /// Creates it with a first value.
    package init(_ value: Value) {
        let box = Box(value)
        newest = Atomic(Unmanaged.passUnretained(box))
        boxes = Mutex([box])
    }

    /// The newest value.
    package var value: Value {
        newest.load(ordering: .acquiring).takeUnretainedValue().value
    }

    /// Sets a value, which every later read returns.
    package func set(_ value: Value) {
        let box = Box(value)
        boxes.withLock {
            $0.append(box)
            newest.store(Unmanaged.passUnretained(box), ordering: .releasing)
        }
    }
}
