import CoreMetrics
import NIOCore

/// Counts and times of the API's responses, by call.
struct CallMetrics: Sendable {
    private let calls: [String: OneCall]
    /// Requests that are no call.
    private let others: OneCall
    private let signatureRefusals: Counter
    private let rateRefusals: Counter

    private struct OneCall: Sendable {
        let time: Timer
        /// By the thousands of the ret_code.
        let codes: [Counter]

        init(_ name: String, _ factory: any MetricsFactory) {
            time = Timer(label: "roster_http_request_seconds", dimensions: [("call", name)], factory: factory)
            codes = ["0", "1xxx", "2xxx", "3xxx", "4xxx", "5xxx"].map { code in
                Counter(
                    label: "roster_http_requests_total", dimensions: [("call", name), ("code", code)], factory: factory)
            }
        }
    }

    /// - Parameter actions: the `action` of each call's response.
    init(actions: [String], factory: any MetricsFactory) {
        calls = Dictionary(
            actions.map { action in
                var name = action
                if name.hasPrefix("Hpc") { name.removeFirst(3) }
                if name.hasSuffix("Response") { name.removeLast(8) }
                return (action, OneCall(name, factory))
            }
        ) { first, _ in first }
        others = OneCall("other", factory)
        func refusals(_ reason: String) -> Counter {
            Counter(label: "roster_refusals_total", dimensions: [("reason", reason)], factory: factory)
        }
        (signatureRefusals, rateRefusals) = (refusals("signature"), refusals("rate"))
    }

    /// Records a response to a request that arrived at `start`.
    func record(_ outcome: APIResponse.Outcome, since start: NIODeadline) {
        let call = calls[outcome.action] ?? others
        call.time.recordNanoseconds((NIODeadline.now() - start).nanoseconds)
        let place = outcome.returnCode / 1000
        if call.codes.indices.contains(place) { call.codes[place].increment() }
        switch outcome.returnCode {
        case 1200: signatureRefusals.increment()
        case 2500: rateRefusals.increment()
        default: break
        }
    }
}
