import HTTPTypes
import NIOCore

extension APIResponse {
    /// A body of more bytes than this is sent as it is, not copied behind the head.
    private static let copiedBody = 16 << 10

    /// The bytes of the response (RFC 9112), the body apart from the head if it is large.
    /// - Parameter isLast: whether the response announces that the connection closes after it.
    func encoded(for request: APIRequest, date: String, isLast: Bool, allocator: ByteBufferAllocator)
        -> (bytes: ByteBuffer, body: ByteBuffer?)
    {
        // The response to HEAD has no body, and its Content-Length is 0.
        let length = request.method == .head ? 0 : body.readableBytes
        let isApart = length > Self.copiedBody
        var bytes = allocator.buffer(capacity: isApart ? 320 : length + 320)
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString(String(status.code))
        bytes.writeStaticString(" ")
        bytes.writeString(status.reasonPhrase)
        // RFC 9110, section 8.6: the length would be that of the body which the client has.
        if status != .notModified {
            bytes.writeStaticString("\r\nContent-Length: ")
            bytes.writeString(String(length))
        }
        forEachHeader(requestID: request.requestID) { name, value in
            bytes.writeStaticString("\r\n")
            bytes.writeStaticString(name)
            bytes.writeStaticString(": ")
            bytes.writeString(value)
        }
        bytes.writeStaticString("\r\nDate: ")
        bytes.writeString(date)
        if isLast { bytes.writeStaticString("\r\nConnection: close") }
        bytes.writeStaticString("\r\nServer: roster\r\n\r\n")
        if isApart { return (bytes, body) }
        if length > 0 { bytes.writeImmutableBuffer(body) }
        return (bytes, nil)
    }
}
