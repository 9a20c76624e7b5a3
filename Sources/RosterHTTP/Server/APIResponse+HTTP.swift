import HTTPTypes
import NIOCore

extension APIResponse {
    /// The bytes of the response (RFC 9112).
    /// - Parameter isLast: whether the response announces that the connection closes after it.
    func encoded(for request: APIRequest, date: String, isLast: Bool, allocator: ByteBufferAllocator) -> ByteBuffer {
        // The response to HEAD has no body, and its Content-Length is 0.
        let length = request.method == .head ? 0 : body.readableBytes
        var bytes = allocator.buffer(capacity: length + 320)
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
        if length > 0 { bytes.writeImmutableBuffer(body) }
        return bytes
    }
}
