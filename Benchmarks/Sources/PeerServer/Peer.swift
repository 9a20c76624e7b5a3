import Foundation
import Hummingbird

/// The peer of a list: a bare Hummingbird route that answers every `GET /api/user` with the same bytes from memory.
///
///     PeerServer PORT FILE
///
/// FILE holds the bytes: an answer of Roster to a request of the same kind. They are one buffer for all requests, so
/// the peer looks nothing up, reads no parameter and judges no signature. It prints a line when it listens.
@main struct Peer {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let port = Int(arguments[1]) else {
            FileHandle.standardError.write(Data("usage: PeerServer PORT FILE\n".utf8))
            exit(2)
        }
        let body = ByteBuffer(bytes: try Data(contentsOf: URL(filePath: arguments[2])))
        let router = Router()
        router.get("api/user") { _, _ in
            Response(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in
                FileHandle.standardOutput.write(Data("listening on port \(channel.localAddress?.port ?? 0)\n".utf8))
            })
        try await application.runService()
    }
}
