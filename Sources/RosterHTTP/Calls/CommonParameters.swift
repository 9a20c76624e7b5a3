import RosterDirectory
import RosterModel

/// The parameters of every call (reference page, section 1), each checked on its own.
struct CommonParameters {
    let accessKeyID: AccessKeyID
    let timestamp: Timestamp
    /// The zone in the query. A write names it in the body, and may repeat it in the query.
    let zone: Zone?

    /// How far the request's time may be from the server's, in seconds, either way.
    static let window: Int64 = 60

    /// The parameters, without the zone, which each call declares, and without the signature.
    static let descriptions = [
        ParameterDescription(
            "access_key_id", .text(maximumBytes: 256), isRequired: true, example: "QYACCESSKEYIDEXAMPLE",
            meaning: "The key that signs."),
        ParameterDescription(
            "timestamp", .time, isRequired: true, example: "2021-08-17T09:12:40Z",
            meaning: "The time in UTC, at most \(window) s from the server's; time_stamp is another name of it."),
        ParameterDescription("version", .choice(["1"]), default: "1", meaning: "The version of the API."),
        ParameterDescription(
            "signature_method", .choice(["HmacSHA256"]), default: "HmacSHA256", meaning: "How the signature is made."),
        ParameterDescription(
            "signature_version", .choice(["1"]), default: "1", meaning: "The version of the signature."),
    ]

    /// - Parameter needsZone: whether the query must name the zone.
    /// - Throws: `invalidParameter` for the first parameter that is missing, duplicated or malformed.
    init(_ request: SignedRequest, needsZone: Bool) throws(RosterError) {
        accessKeyID = try AccessKeyID(stored: Self.required("access_key_id", in: request))
        timestamp = try Self.timestamp(in: request)
        try Self.check("version", is: "1", in: request)
        try Self.check("signature_method", is: "HmacSHA256", in: request)
        try Self.check("signature_version", is: "1", in: request)
        _ = try Self.required("signature", in: request)
        zone = needsZone || request["zone"]?.isEmpty == false ? try Zone(Self.required("zone", in: request)) : nil
    }

    private static func required(_ name: String, in request: SignedRequest) throws(RosterError) -> String {
        guard let value = request[name], !value.isEmpty else { throw .invalid(name, "is missing") }
        guard value.utf8.count <= 256 else { throw .invalid(name, "is too long") }
        return value
    }

    private static func timestamp(in request: SignedRequest) throws(RosterError) -> Timestamp {
        if request["timestamp"] != nil, request["time_stamp"] != nil {
            throw .invalid("timestamp", "is present twice, once as time_stamp")
        }
        let name = request["time_stamp"] == nil ? "timestamp" : "time_stamp"
        return try ParameterParsing.time(required(name, in: request), name: name)
    }

    private static func check(_ name: String, is only: String, in request: SignedRequest) throws(RosterError) {
        if let value = request[name], value != only { throw .invalid(name, "must be \(only)") }
    }

    /// The last moment at which a server accepts the request.
    var expires: Timestamp { Timestamp(seconds: timestamp.seconds + Self.window) }

    /// - Throws: `requestExpired` if the request's time is more than 60 s from `now`.
    func checkTime(now: Timestamp) throws(RosterError) {
        guard abs(clamping: timestamp.distance(from: now)) <= Self.window else {
            throw RosterError(
                .requestExpired,
                .parameter("timestamp"), "\(timestamp) is more than \(Self.window) s away from the server's time \(now)"
            )
        }
    }
}

/// The magnitude of `value`, clamped to the largest number.
private func abs(clamping value: Int64) -> Int64 {
    value == .min ? .max : Swift.abs(value)
}
